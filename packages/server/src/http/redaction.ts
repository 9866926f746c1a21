/**
 * A second line of defence: nothing secret is ever passed to the log, and if something is after all, it is taken out. What is named like a
 * secret goes whatever it is; in texts, what looks like a token does.
 */

/** Fields, wherever they lie in the first levels of what is logged. */
const SECRET_NAMES = [
  "authorization",
  "cookie",
  "password",
  "secret",
  "seed",
  "token",
  "idempotency-key",
  "x-api-key",
] as const;

const CENSOR = "[redacted]";

/** For pino. */
export const REDACT = {
  paths: SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
  censor: CENSOR,
};

const NAMED = new RegExp(
  String.raw`(\b(?:${SECRET_NAMES.join("|")})\b\\?["']?\s*[:=]\s*\\?["']?)(?:(?:bearer|basic)\s+)?[^\s"'\\,;&}]+`,
  "gi",
);
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
/** It begins where nothing of its kind stands before: else a text of many beginnings would be read to its end from each of them. */
const JSON_WEB_TOKEN = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g;

/** A line of the log without what looks like a secret. */
export function withoutSecrets(line: string): string {
  return line.replace(NAMED, `$1${CENSOR}`).replace(BEARER, `$1 ${CENSOR}`).replace(JSON_WEB_TOKEN, CENSOR);
}
