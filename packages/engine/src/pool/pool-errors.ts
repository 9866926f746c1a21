/**
 * What callers of the pool are told when there is no answer. Each error says whether the request may have happened: nothing
 * decides for the caller whether to send it again. They carry numbers and codes, never a header or a body.
 */
import { MainspringError } from "@mainspring/core";
import type { FailureCause } from "./pool-stats.js";

export interface PoolFailure {
  readonly cause: FailureCause;
  /** False: no byte of it was sent. True: the server may have carried it out. */
  readonly mayHaveHappened: boolean;
  readonly message: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

const CODES = {
  overloaded: "OVERLOADED",
  "shutting-down": "SHUTTING_DOWN",
  "waiting-timeout": "OVERLOADED",
  "connecting-timeout": "STORE_UNAVAILABLE",
  "answering-timeout": "STORE_UNAVAILABLE",
  unreachable: "STORE_UNAVAILABLE",
  "broken-off": "STORE_UNAVAILABLE",
  aborted: "STORE_UNAVAILABLE",
  unsupported: "INTERNAL",
} as const satisfies Record<FailureCause, string>;

/** An aborted request fails with what the AWS SDK expects then: an error by the name of `AbortError`. */
export function poolError({ message, facts, ...judgement }: PoolFailure): Error {
  const { cause } = judgement;
  const details = { ...facts, ...judgement };
  if (cause === "aborted") return Object.assign(new Error(message), { name: "AbortError", details });
  return new MainspringError(CODES[cause], message, details);
}

/**
 * Whether the request that failed with this error may have happened. True for every error that the pool knows nothing of.
 *
 * @example
 * ```ts
 * import { mayHaveHappened } from "@mainspring/engine/pool";
 *
 * mayHaveHappened(new Error("socket hang up")); // true: who knows
 * ```
 */
export function mayHaveHappened(error: unknown): boolean {
  return detailOf(error, "mayHaveHappened") !== false;
}

/** Why the pool had no answer, if the error is one of the pool's. */
export function failureCauseOf(error: unknown): FailureCause | undefined {
  const cause = detailOf(error, "cause");
  return typeof cause === "string" && cause in CODES ? (cause as FailureCause) : undefined;
}

function detailOf(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !("details" in error)) return undefined;
  const { details } = error;
  if (typeof details !== "object" || details === null) return undefined;
  return (details as Record<string, unknown>)[name];
}

/** A short name for what broke: a system code where there is one. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
