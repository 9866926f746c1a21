/** What happens to the operations of a batch once it is answered. */
import { MainspringError } from "@mainspring/core";
import type { Sent } from "./batcher.js";
import type { Entry } from "./lane.js";
import type { Parts } from "./parts.js";
import type { WaitingLine } from "./waiting-line.js";

const BASE_DELAY_MS = 25;
const MAX_DELAY_MS = 5_000;
const MAX_ATTEMPTS = 12;

/** Answers the callers of what was done or failed; what was left unprocessed rests. Says how long that is, in ms. */
export function settle<Op, Outcome>(
  parts: Parts<Op, Outcome>,
  line: WaitingLine<Op, Outcome>,
  { batch, sent }: { readonly batch: readonly Entry<Op, Outcome>[]; readonly sent: readonly Sent<Outcome>[] },
): { readonly unprocessed: readonly Entry<Op, Outcome>[]; readonly restMs: number } {
  const { maxAttempts = MAX_ATTEMPTS } = parts.options.retry ?? {};
  const unprocessed: Entry<Op, Outcome>[] = [];
  for (const [index, entry] of batch.entries()) {
    const result = sent[index];
    if (result?.status === "unprocessed") entry.attempts += 1;
    const isSentAgain = result?.status === "unprocessed" && entry.attempts < maxAttempts;
    if (isSentAgain) unprocessed.push(entry);
    else answer(parts, entry, result);
  }
  line.settle(batch, unprocessed);
  parts.counters.totals.retried += unprocessed.length;
  for (const { priority } of unprocessed) parts.counters.waits(priority);
  return { unprocessed, restMs: unprocessed.length === 0 ? 0 : restOf(parts, unprocessed) };
}

/** Full jitter: whatever made the server refuse them must not meet all of them again at once. */
function restOf<Op, Outcome>(
  { options: { random = Math.random, retry = {} } }: Parts<Op, Outcome>,
  entries: readonly Entry<Op, Outcome>[],
): number {
  const { baseDelayMs = BASE_DELAY_MS, maxDelayMs = MAX_DELAY_MS } = retry;
  const attempts = Math.max(...entries.map((entry) => entry.attempts));
  return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1));
}

function answer<Op, Outcome>(
  { held, epochs }: Parts<Op, Outcome>,
  { callers, sizeBytes, attempts }: Entry<Op, Outcome>,
  result: Sent<Outcome> | undefined,
): void {
  held.operations -= callers.length;
  held.sizeBytes -= sizeBytes;
  for (const { resolve, reject, epoch } of callers) {
    if (result?.status === "done") resolve(result.outcome);
    else reject(result?.status === "failed" ? result.error : neverProcessed(attempts));
    epochs.leave(epoch);
  }
}

function neverProcessed(attempts: number): MainspringError {
  return new MainspringError(
    "STORE_UNAVAILABLE",
    `The server did not take an operation that was sent ${attempts} times; it was not done.`,
    { attempts },
  );
}
