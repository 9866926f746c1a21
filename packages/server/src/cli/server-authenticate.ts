/** How a server started from the command line knows who is calling. */
import type { MemoryBudget } from "@mainspring/engine";
import type { Authenticate } from "../auth/authenticate.js";
import { jwtAuthenticate } from "../auth/jwt-authenticate.js";
import type { ServeConfig } from "../config/serve-schema.js";
import type { Environment } from "./settings.js";
import { ensureDevelopmentKey } from "./token-secret.js";

export interface ServerAuthentication {
  readonly config: Pick<ServeConfig, "auth" | "server" | "store">;
  /** `MAINSPRING_JWT_SECRET`. */
  readonly secret: string | undefined;
  /** What remembered tokens share with other local caches. */
  readonly budget: MemoryBudget;
}

/** A development server without a key makes one in the data folder. */
export function serverAuthenticate({ config, secret, budget }: ServerAuthentication): Authenticate {
  const { jwksUrl: url, issuer, audience } = config.auth;
  // What `mainspring token` signs with, in the same order.
  const key = secret ?? (config.server.dev ? ensureDevelopmentKey(config.store.data) : undefined);
  return jwtAuthenticate({
    budget,
    ...(key !== undefined && { secret: key }),
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(url !== undefined &&
      issuer !== undefined &&
      audience !== undefined && { jwks: { url, issuer, audience } }),
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
