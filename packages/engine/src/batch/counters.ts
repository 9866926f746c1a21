/** What a batcher counts. */
import type { BatcherStats, Priority } from "./batcher-stats.js";
import type { Entry } from "./waiting-line.js";

type Counted = Pick<Entry<unknown, unknown>, "priority" | "submittedAtMs" | "attempts">;

export interface Counters {
  /** It waits to be sent. */
  waits(entry: Counted): void;
  /** What waits has another priority. */
  changes(from: Priority, to: Priority): void;
  leaves(batch: readonly Counted[], nowMs: number): void;
  readonly totals: { refused: number; retried: number; coalesced: number };
  stats(now: Pick<BatcherStats, "pending" | "pendingBytes" | "inFlightBatches">): BatcherStats;
}

export function createCounters(): Counters {
  const waiting: [number, number, number] = [0, 0, 0];
  const totals = { refused: 0, retried: 0, coalesced: 0 };
  let batches = 0;
  let operations = 0;
  let longestWaitMs = 0;
  return {
    totals,
    waits({ priority }) {
      waiting[priority] += 1;
    },
    changes(from, to) {
      waiting[from] -= 1;
      waiting[to] += 1;
    },
    leaves(batch, nowMs) {
      batches += 1;
      operations += batch.length;
      for (const { priority, submittedAtMs, attempts } of batch) {
        waiting[priority] -= 1;
        if (attempts === 0) longestWaitMs = Math.max(longestWaitMs, nowMs - submittedAtMs);
      }
    },
    stats: (now) => ({
      ...now,
      ...totals,
      batches,
      operations,
      meanBatchSize: batches === 0 ? 0 : operations / batches,
      waiting: [...waiting],
      longestWaitMs,
    }),
  };
}
