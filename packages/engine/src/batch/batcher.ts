/** What a batcher is: the words of `createBatcher`. */
import type { Timers } from "../ports.js";
import type { BatcherStats, Priority } from "./batcher-stats.js";

/** What became of one operation of a batch. */
export type Sent<Outcome> =
  | { readonly status: "done"; readonly outcome: Outcome }
  /** The server did not take it: certainly nothing happened. It is sent again, before all later ones of its key. */
  | { readonly status: "unprocessed" }
  | { readonly status: "failed"; readonly error: Error };

export interface Operation<Op> {
  /** Operations of one group travel together: usually a table and a kind of request. */
  readonly group: string;
  /** Operations of one key of a group are sent in the order in which they were given. Left out: no order. */
  readonly key?: string;
  readonly priority: Priority;
  readonly sizeBytes: number;
  readonly value: Op;
  /** May wait for its batch to fill. Default: false, it leaves as soon as there is a slot. */
  readonly lingers?: boolean;
}

/** What one request of a group may carry. */
export interface GroupLimits {
  /** At most this many operations, and never more than `maxBatchSize`. */
  readonly maxOperations: number;
  readonly maxBytes: number;
  /**
   * Whether several operations of one key may share a batch: only where `send` does them in order, and takes none after
   * one of the same key that it left unprocessed. Default: false
   */
  readonly repeatsKeys?: boolean;
}

export interface RetryOptions {
  /** The first wait is drawn from 0 to this; each further bound is twice the one before. Default: 25 ms */
  readonly baseDelayMs?: number;
  /** No wait is longer. Default: 5000 ms */
  readonly maxDelayMs?: number;
  /** An operation that was left unprocessed so many times fails with `STORE_UNAVAILABLE`. Default: 12 */
  readonly maxAttempts?: number;
}

/** Two operations of one key that follow each other. */
export interface OperationPair<Op> {
  readonly group: string;
  /** Waits to be sent for the first time. */
  readonly waiting: Op;
  readonly later: Op;
  /** Whether no operation of the key before these two waits or is under way. */
  readonly isAlone: boolean;
}

export interface BatcherOptions<Op, Outcome> {
  /**
   * Sends operations of one group, in order. Answers each, in the same order. A rejection fails all of them with its
   * error; what shall be tried again has to be answered as `unprocessed`.
   */
  readonly send: (group: string, operations: readonly Op[]) => Promise<readonly Sent<Outcome>[]>;
  /** Operations of a batch. */
  readonly maxBatchSize: number;
  /** What lingers leaves after so long at the latest, or as soon after as there is a slot. */
  readonly batchTimeoutMs: number;
  readonly maxConcurrentBatches: number;
  /** What one request of a group may carry. Default: `maxBatchSize` operations of any size, each of another key. */
  readonly limits?: (group: string) => GroupLimits;
  /** What waits or is under way holds no more; past it callers are refused. */
  readonly maxWaitingBytes: number;
  readonly maxWaitingOperations: number;
  /** An operation that has waited so long counts as one priority higher. */
  readonly ageingMs: number;
  /** Makes one operation of two of one key, or says `null`. Both are answered with what becomes of the one. */
  readonly coalesce?: (pair: OperationPair<Op>) => { readonly value: Op; readonly sizeBytes: number } | null;
  readonly retry?: RetryOptions;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** From 0 up to, not including, 1. Default: `Math.random` */
  readonly random?: () => number;
}

export interface Batcher<Op, Outcome> {
  /**
   * Resolves with the operation's outcome.
   *
   * @throws MainspringError `OVERLOADED` when too much waits already, and `INVALID_REQUEST` when the operation alone is
   * more than a request may carry: then it is never sent. `STORE_UNAVAILABLE` when the batcher is closed, or when the
   * operation was left unprocessed too often. And whatever `send` fails with.
   */
  submit(operation: Operation<Op>): Promise<Outcome>;
  /**
   * Takes all of these operations, or refuses all of them as `submit` would. Resolves when each is answered.
   */
  submitAll(operations: readonly Operation<Op>[]): Promise<readonly PromiseSettledResult<Outcome>[]>;
  /** Sends what lingers; resolves when all that was given before is answered. */
  flush(): Promise<void>;
  /** Takes nothing any more; resolves when all that was given is answered. */
  close(): Promise<void>;
  stats(): BatcherStats;
}
