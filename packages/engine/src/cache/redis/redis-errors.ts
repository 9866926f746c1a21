/**
 * What callers are told when Redis has no answer: a reason of a known kind, never a word of the client's own error, which
 * carries the command and its arguments, and so could carry the password.
 */
import { MainspringError } from "@mainspring/core";

/** How answers of Redis begin that are errors. */
const REPLY_CODES: ReadonlySet<string> = new Set([
  "ASK",
  "BUSY",
  "CLUSTERDOWN",
  "CROSSSLOT",
  "ERR",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "MOVED",
  "NOAUTH",
  "NOPERM",
  "NOREPLICAS",
  "NOSCRIPT",
  "OOM",
  "READONLY",
  "TRYAGAIN",
  "WRONGPASS",
  "WRONGTYPE",
]);

/** How the client's own errors begin. */
const CLIENT_ERRORS: readonly (readonly [start: string, reason: string])[] = [
  ["Command timed out", "TIMEOUT"],
  ["connect ETIMEDOUT", "ETIMEDOUT"],
  ["Socket timeout", "TIMEOUT"],
  ["Connection is closed", "CLOSED"],
  ["Stream isn't writeable", "NOT_CONNECTED"],
  ["Cluster isn't ready", "NOT_CONNECTED"],
  ["Reached the max retries", "CLOSED"],
  ["Too many Cluster redirections", "REDIRECTIONS"],
  ["Failed to refresh slots cache", "NO_NODE"],
  ["None of startup nodes", "NO_NODE"],
];

/** A short name for what went wrong: a code of the system, of Redis, or one of the client's. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^[A-Z][A-Z0-9_]{2,59}$/u.test(code)) return code;
  if (error.message.includes("READONLY")) return "READONLY";
  const word = error.message.split(" ", 1)[0] ?? "";
  if (REPLY_CODES.has(word)) return word;
  return CLIENT_ERRORS.find(([start]) => error.message.startsWith(start))?.[1] ?? "UNKNOWN";
}

export function unavailable(reason: string): MainspringError {
  return new MainspringError("STORE_UNAVAILABLE", `Redis has no answer (${reason}).`, { reason });
}
