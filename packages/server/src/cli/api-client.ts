/** Talks to a running server, for the commands that ask one. */
import { MainspringError } from "@mainspring/core";
import { signToken } from "../auth/sign-token.js";
import { tokenClaims } from "./server-authenticate.js";
import type { Environment } from "./settings.js";
import { signingSecret } from "./token-secret.js";

/** A server that doesn't answer in this time is as good as none. 10 s. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Tokens that a command makes for itself live as long as it does. 5 min. */
const TOKEN_LIFE_MS = 300_000;

export interface Answer {
  readonly status: number;
  /** Parsed JSON, or the text. */
  readonly body: unknown;
}

export interface CallOptions {
  readonly url: string;
  readonly method?: string;
  readonly path: string;
  readonly token?: string | undefined;
  /** JSON text. */
  readonly body?: string | undefined;
  readonly key?: string | undefined;
  /** Default: 10,000 (10 s). */
  readonly timeoutMs?: number;
}

/** @throws MainspringError `CONFIG_INVALID` when nobody answers. */
export async function callServer({
  url,
  method = "GET",
  path,
  token,
  body,
  key,
  timeoutMs = ANSWER_TIMEOUT_MS,
}: CallOptions): Promise<Answer> {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(key === undefined ? {} : { "idempotency-key": key }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url}${path}`, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    throw new MainspringError(
      "CONFIG_INVALID",
      `No server answers at ${url} (${reasonOf(error, timeoutMs)}). Start one with mainspring serve, or name another with --url.`,
    );
  }
}

/** An administrator's token: the one of the environment, or one signed with the key at hand. */
export async function adminToken(env: Environment, folder: string): Promise<string> {
  const given = env["MAINSPRING_TOKEN"];
  if (given !== undefined && given !== "") return given;
  return ownToken(env, folder, { playerId: "mainspring-cli", isAdmin: true });
}

export async function ownToken(
  env: Environment,
  folder: string,
  whose: { playerId: string; isAdmin: boolean },
): Promise<string> {
  const secret = signingSecret(env, folder);
  return signToken({ ...whose, secret, nowMs: Date.now(), expiresInMs: TOKEN_LIFE_MS, ...tokenClaims(env) });
}

/** What a problem says, in one line. */
export function complaintOf({ status, body }: Answer): string {
  const { code = "", detail = "" } = (typeof body === "object" && body !== null ? body : {}) as {
    code?: string;
    detail?: string;
  };
  return code === "" ? `The server answered with status ${status}.` : `${code}: ${detail}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${timeoutMs / 1_000} s`;
  const { cause } = error as { cause?: NodeJS.ErrnoException };
  return cause?.code ?? error.message;
}
