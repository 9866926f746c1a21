/** How a server started from the command line knows who is calling. */
import { MainspringError } from "@mainspring/core";
import type { MemoryBudget } from "@mainspring/engine";
import type { Authenticate } from "../auth/authenticate.js";
import { jwtAuthenticate } from "../auth/jwt-authenticate.js";
import type { Environment } from "./settings.js";
import { ensureDevelopmentKey, environmentSecret } from "./token-secret.js";

const WITHOUT_AUTHENTICATION =
  "The server must know how to check tokens. Set MAINSPRING_JWT_SECRET (at least 32 bytes) to sign them yourself, " +
  "or MAINSPRING_JWKS_URL with MAINSPRING_JWT_ISSUER and MAINSPRING_JWT_AUDIENCE; or try things out with --dev.";

export interface ServerAuthentication {
  readonly isDevelopment: boolean;
  /** Where a development server keeps its key. */
  readonly folder: string;
  /** What remembered tokens share with other local caches. */
  readonly budget: MemoryBudget;
}

/** @throws MainspringError `CONFIG_INVALID` when nothing, too little or something wrong is set. */
export function serverAuthenticate(
  env: Environment,
  { isDevelopment, folder, budget }: ServerAuthentication,
): Authenticate {
  const url = given(env, "MAINSPRING_JWKS_URL");
  const issuer = given(env, "MAINSPRING_JWT_ISSUER");
  const audience = given(env, "MAINSPRING_JWT_AUDIENCE");
  // What `mainspring token` signs with, in the same order.
  const secret = environmentSecret(env) ?? (isDevelopment ? ensureDevelopmentKey(folder) : undefined);
  if (secret === undefined && url === undefined)
    throw new MainspringError("CONFIG_INVALID", WITHOUT_AUTHENTICATION);
  if (url !== undefined && (issuer === undefined || audience === undefined)) {
    throw new MainspringError(
      "CONFIG_INVALID",
      "MAINSPRING_JWKS_URL needs MAINSPRING_JWT_ISSUER and MAINSPRING_JWT_AUDIENCE as well.",
    );
  }
  return jwtAuthenticate({
    budget,
    ...(secret === undefined ? {} : { secret }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(url === undefined || issuer === undefined || audience === undefined
      ? {}
      : { jwks: { url, issuer, audience } }),
  });
}

/** The claims that tokens of this environment carry. */
export function tokenClaims(env: Environment): { issuer?: string; audience?: string } {
  const issuer = given(env, "MAINSPRING_JWT_ISSUER");
  const audience = given(env, "MAINSPRING_JWT_AUDIENCE");
  return { ...(issuer === undefined ? {} : { issuer }), ...(audience === undefined ? {} : { audience }) };
}

function given(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === "" ? undefined : value;
}
