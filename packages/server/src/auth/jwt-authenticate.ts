/**
 * The default `authenticate`: JSON Web Tokens, HS256 with a shared key, or public keys from a JWKS address. `sub` is the
 * player; a `scope` with the word `admin` may act for anyone; `exp` is a must.
 */
import { Buffer } from "node:buffer";
import { isMainspringError, MainspringError } from "@mainspring/core";
import { type Clock, type MemoryBudget, PLAYER_ID } from "@mainspring/engine";
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";
import { MAX_REMEMBERED_TOKENS, MIN_SECRET_BYTES } from "../limits.js";
import type { Authenticate, Caller } from "./authenticate.js";
import { createTokenCache } from "./token-cache.js";

/** A token counts for so much longer (and earlier) than it says, since clocks differ. 5 s. */
export const CLOCK_TOLERANCE_SECONDS = 5;

const HMAC_ALGORITHMS = ["HS256"];

/** Those of JWKS keys. A key's type must fit the token's algorithm, so nothing can be passed off as another. */
const PUBLIC_KEY_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];

/** That no key fits is the token's fault; whatever else goes wrong with a JWKS is not. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

export interface JwtAuthenticateOptions {
  /** The shared key for HS256, at least 32 bytes. */
  readonly secret?: string | Uint8Array;
  /** Where the public keys are. Needs `issuer` and `audience`. */
  readonly jwks?: { readonly url: string; readonly issuer: string; readonly audience: string };
  /** Asked of HS256 tokens, if given. */
  readonly issuer?: string;
  readonly audience?: string;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Verified tokens that are remembered until they expire. Default 10,000; 0: none. */
  readonly maxRememberedTokens?: number;
  /** The bound of all local caches (`createMemoryBudget`): remembered tokens share it. Default: none but their own */
  readonly budget?: MemoryBudget;
}

/** Verifies a token, or throws an error of `jose`. */
type Verify = (token: string) => Promise<JWTPayload>;

/**
 * An `authenticate` for bearer tokens.
 * @throws MainspringError `CONFIG_INVALID` for a short key, an address that isn't https, or when there is neither.
 */
export function jwtAuthenticate(options: JwtAuthenticateOptions): Authenticate {
  const { clock = { nowMs: Date.now }, maxRememberedTokens = MAX_REMEMBERED_TOKENS } = options;
  const verify = createVerify(options, clock);
  const cache = createTokenCache({ clock, maxTokens: maxRememberedTokens, budget: options.budget });
  const check = async (token: string): Promise<Caller> => {
    const payload = await verify(token).catch((error: unknown) => {
      throw refusalOf(error);
    });
    const caller = callerOf(payload);
    cache.remember(token, caller, ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000);
    return caller;
  };
  return (request) => {
    const token = bearerToken(request.headers.authorization);
    return cache.find(token) ?? check(token);
  };
}

function createVerify({ secret, jwks, issuer, audience }: JwtAuthenticateOptions, clock: Clock): Verify {
  const withSecret = secret === undefined ? undefined : secretVerify(secret, { issuer, audience }, clock);
  const withJwks = jwks === undefined ? undefined : jwksVerify(jwks, clock);
  if (withSecret === undefined && withJwks === undefined) {
    throw new MainspringError("CONFIG_INVALID", "jwtAuthenticate needs a secret, or the address of a JWKS.");
  }
  return async (token) => {
    // The header only picks the key; each key takes its own algorithms alone.
    const isHmac = HMAC_ALGORITHMS.includes(String(decodeProtectedHeader(token).alg));
    const verify = isHmac ? withSecret : withJwks;
    if (verify === undefined) throw new errors.JOSEAlgNotAllowed("No key is for this algorithm.");
    return verify(token);
  };
}

function secretVerify(
  secret: string | Uint8Array,
  { issuer, audience }: { issuer: string | undefined; audience: string | undefined },
  clock: Clock,
): Verify {
  const key = typeof secret === "string" ? Buffer.from(secret, "utf8") : secret;
  if (key.length < MIN_SECRET_BYTES) {
    throw new MainspringError(
      "CONFIG_INVALID",
      `The key that signs tokens must have at least ${MIN_SECRET_BYTES} bytes, not ${key.length}.`,
    );
  }
  const asked = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const options = verifyOptions(HMAC_ALGORITHMS, asked);
  return async (token) =>
    (await jwtVerify(token, key, { ...options, currentDate: new Date(clock.nowMs()) })).payload;
}

function jwksVerify(
  { url, issuer, audience }: NonNullable<JwtAuthenticateOptions["jwks"]>,
  clock: Clock,
): Verify {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = address !== undefined && ["localhost", "127.0.0.1", "[::1]"].includes(address.hostname);
  if (
    address === undefined ||
    (address.protocol !== "https:" && !(address.protocol === "http:" && isLocal))
  ) {
    throw new MainspringError("CONFIG_INVALID", "The address of the JWKS must be an https:// address.");
  }
  if (issuer === "" || audience === "") {
    throw new MainspringError("CONFIG_INVALID", "Tokens checked with a JWKS need an issuer and an audience.");
  }
  const remote = createRemoteJWKSet(address);
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (TOKEN_FAULTS.some((fault) => error instanceof fault)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new MainspringError("KEYS_UNAVAILABLE", `The JWKS can't be had: ${reason}`, {}, { cause: error });
    }
  };
  const options = verifyOptions(PUBLIC_KEY_ALGORITHMS, { issuer, audience });
  return async (token) =>
    (await jwtVerify(token, keys, { ...options, currentDate: new Date(clock.nowMs()) })).payload;
}

function verifyOptions(
  algorithms: string[],
  asked: { issuer?: string; audience?: string },
): JWTVerifyOptions {
  return { algorithms, ...asked, clockTolerance: CLOCK_TOLERANCE_SECONDS, requiredClaims: ["exp", "sub"] };
}

/** The usual spelling is cut off without a pattern: this is on the way of every request. */
function bearerToken(header: string | undefined): string {
  const token =
    header?.startsWith("Bearer ") === true ? header.slice(7) : /^Bearer (.*)$/i.exec(header ?? "")?.[1];
  const trimmed = token?.trim() ?? "";
  if (trimmed !== "") return trimmed;
  throw new MainspringError("UNAUTHENTICATED", "Send a token: Authorization: Bearer ….");
}

function callerOf({ sub, scope }: JWTPayload & { readonly scope?: unknown }): Caller {
  if (sub === undefined || !PLAYER_ID.test(sub)) {
    throw new MainspringError("UNAUTHENTICATED", "The token's sub is not a player's id.");
  }
  const scopes: unknown[] = typeof scope === "string" ? scope.split(" ") : Array.isArray(scope) ? scope : [];
  return { playerId: sub, isAdmin: scopes.includes("admin"), actor: sub };
}

/** What was wrong with a token, in words that help its owner and nobody else. */
function refusalOf(error: unknown): MainspringError {
  if (isMainspringError(error)) return error;
  if (error instanceof errors.JWTExpired)
    return new MainspringError("UNAUTHENTICATED", "The token has expired.");
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new MainspringError(
      "UNAUTHENTICATED",
      `The token's ${error.claim} is missing or not the right one.`,
    );
  }
  return new MainspringError("UNAUTHENTICATED", "The token is not valid.", {}, { cause: error });
}
