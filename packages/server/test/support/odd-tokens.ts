/** Tokens that a server must not take. */
import { SignJWT } from "jose";
import { SECRET, type TestServer } from "./start-server.js";

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** With `alg: none`, and no signature. */
export function unsignedToken(claims: Readonly<Record<string, unknown>>): string {
  return `${encoded({ alg: "none", typ: "JWT" })}.${encoded(claims)}.`;
}

/** Signed with the right key, but with these claims or this algorithm. `undefined` takes a claim out. */
export async function forgedToken(
  { clock }: Pick<TestServer, "clock">,
  { alg = "HS256", claims = {} }: { alg?: string; claims?: Readonly<Record<string, unknown>> },
): Promise<string> {
  const nowSeconds = Math.floor(clock.nowMs() / 1_000);
  const payload = { sub: "ada", exp: nowSeconds + 60, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(payload)) as Record<string, unknown>)
    .setProtectedHeader({ alg })
    .sign(Buffer.from(SECRET));
}
