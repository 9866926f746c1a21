/** What a batcher counts. */
import type { BatcherStats, Priority } from "./batcher-stats.js";
import type { Entry } from "./lane.js";

export interface Counters {
  /** One more of this priority waits to be sent. */
  waits(priority: Priority): void;
  /** One less does. */
  leaves(priority: Priority): void;
  sends(
    batch: readonly Pick<Entry<unknown, unknown>, "priority" | "submittedAtMs" | "attempts">[],
    nowMs: number,
  ): void;
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
    waits(priority) {
      waiting[priority] += 1;
    },
    leaves(priority) {
      waiting[priority] -= 1;
    },
    sends(batch, nowMs) {
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
