/** Signs tokens for development, scripts and tests, in the form that `jwtAuthenticate` takes. */
import { Buffer } from "node:buffer";
import { SignJWT } from "jose";

export interface SignTokenOptions {
  readonly playerId: string;
  /** Default false. */
  readonly isAdmin?: boolean;
  readonly secret: string | Uint8Array;
  readonly nowMs: number;
  readonly expiresInMs: number;
  readonly issuer?: string;
  readonly audience?: string;
}

export async function signToken(options: SignTokenOptions): Promise<string> {
  const { playerId, isAdmin = false, secret, nowMs, expiresInMs, issuer, audience } = options;
  const key = typeof secret === "string" ? Buffer.from(secret, "utf8") : secret;
  const token = new SignJWT(isAdmin ? { scope: "admin" } : {})
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(playerId)
    .setIssuedAt(new Date(nowMs))
    .setExpirationTime(new Date(nowMs + expiresInMs));
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(key);
}
