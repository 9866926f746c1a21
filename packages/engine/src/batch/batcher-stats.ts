/** Counters of a batcher, for `PerformanceStats`. */

/** 0 is the highest. */
export type Priority = 0 | 1 | 2;

export interface BatcherStats {
  /** Batches sent, those with operations that are sent again included. */
  readonly batches: number;
  /** Operations in them. One that was sent twice counts twice; those that were coalesced count as one. */
  readonly operations: number;
  readonly meanBatchSize: number;
  /** Operations given and not answered yet. */
  readonly pending: number;
  /** What they hold. */
  readonly pendingBytes: number;
  /** Batches under way. */
  readonly inFlightBatches: number;
  /** Operations that wait to be sent, by priority, the highest first. */
  readonly waiting: readonly [number, number, number];
  /** Operations refused since too many waited already. */
  readonly refused: number;
  /** Operations that the server did not take, and that were sent again. */
  readonly retried: number;
  /** Operations that travelled as part of another. */
  readonly coalesced: number;
  /** The longest time from being given to being sent first, since the start. */
  readonly longestWaitMs: number;
}
