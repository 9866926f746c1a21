/**
 * A conditional write whose answer may get lost. A repeat of one that did happen is refused by its own condition, so a refusal
 * alone proves nothing: whether it was ours that happened is seen by the nonce it leaves behind, read strongly.
 */
import type { Backoff } from "./backoff.js";
import { failureOf, unknowable } from "./errors.js";
import type { DatabaseCounts } from "./database.js";

/** One write is sent so many times at most. */
export const MAX_SENDS = 6;

/**
 * What a strong read says: our write happened (`ours`); all is as before it (`before`); another one took its place
 * (`other`); or so much has happened since that this can't be told any more (`untold`).
 */
export type Sighting = "ours" | "before" | "other" | "untold";

export interface ConditionalWrite {
  /** As the start of a sentence: "The record can't be written". */
  readonly what: string;
  /** Sends it once. @throws what the SDK throws */
  readonly send: () => Promise<void>;
  readonly look: () => Promise<Sighting>;
}

export interface ConditionalWriteOptions {
  readonly backoff: Backoff;
  readonly counts: DatabaseCounts;
}

/**
 * @throws MainspringError `OVERLOADED` and others when certainly nothing happened; `STORE_UNAVAILABLE` when that can't be
 * known
 */
export async function writeConditionally(
  { what, send, look }: ConditionalWrite,
  { backoff, counts }: ConditionalWriteOptions,
): Promise<"written" | "conflict"> {
  /** Whether a send before may have happened, or may yet. */
  let isUnsure = false;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      await send();
      return "written";
    } catch (cause) {
      const { kind, error, isThrottle } = failureOf(cause, what);
      if (isThrottle) counts.throttles += 1;
      if (kind === "final" && !isUnsure) throw error;
      if (kind === "unsure") isUnsure = true;
      if (kind === "condition" || isUnsure) {
        const seen = await look().catch((blind: unknown) => {
          throw unknowable(what, blind);
        });
        if (seen === "ours") return "written";
        if (seen === "other" || (!isUnsure && kind === "condition")) return "conflict";
        if (seen === "untold") throw unknowable(what, cause);
      }
      if (kind === "final" || failureCount >= MAX_SENDS) throw isUnsure ? unknowable(what, cause) : error;
      counts.retries += 1;
      await backoff.wait(failureCount);
    }
  }
}
