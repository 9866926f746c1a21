/** Stands in for `batch/` until it is here: the same words, for one group of idempotent writes. */
import { MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";

export type Sent<Outcome> =
  | { readonly status: "done"; readonly outcome: Outcome }
  | { readonly status: "unprocessed" }
  | { readonly status: "failed"; readonly error: Error };

export interface Operation<Op> {
  readonly group: string;
  readonly key?: string;
  readonly priority: 0 | 1 | 2;
  readonly sizeBytes: number;
  readonly value: Op;
  readonly lingers?: boolean;
}

export interface BatcherOptions<Op, Outcome> {
  readonly send: (group: string, operations: readonly Op[]) => Promise<readonly Sent<Outcome>[]>;
  readonly maxBatchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxConcurrentBatches: number;
  readonly limits?: (group: string) => { readonly maxOperations: number; readonly maxBytes: number };
  readonly maxWaitingBytes: number;
  readonly maxWaitingOperations: number;
  readonly ageingMs: number;
  readonly timers?: Timers;
  readonly random?: () => number;
}

export interface Batcher<Op, Outcome> {
  submit(operation: Operation<Op>): Promise<Outcome>;
  flush(): Promise<void>;
  close(): Promise<void>;
  stats(): { readonly batches: number; readonly pending: number; readonly retried: number };
}

interface Waiting<Op, Outcome> {
  readonly operation: Operation<Op>;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  tries: number;
}

const MAX_TRIES = 12;
const BASE_DELAY_MS = 25;
const MAX_DELAY_MS = 1_000;

// oxlint-disable-next-line max-lines-per-function -- it is gone as soon as batch/ is here
export function createBatcher<Op, Outcome>(options: BatcherOptions<Op, Outcome>): Batcher<Op, Outcome> {
  const { timers, random = Math.random, send } = options;
  if (timers === undefined) throw new Error("The stand-in needs timers.");
  let waiting: Waiting<Op, Outcome>[] = [];
  const busyKeys = new Set<string>();
  const counts = { batches: 0, pending: 0, retried: 0 };
  let inFlight = 0;
  let isRushed = false;
  let cancelTimer: (() => void) | null = null;
  let idle: (() => void)[] = [];

  const settle = (one: Waiting<Op, Outcome>): void => {
    counts.pending -= 1;
    busyKeys.delete(one.operation.key ?? "");
    if (counts.pending > 0) return;
    isRushed = false;
    for (const resume of idle) resume();
    idle = [];
  };
  const take = (): Waiting<Op, Outcome>[] => {
    const batch: Waiting<Op, Outcome>[] = [];
    const rest: Waiting<Op, Outcome>[] = [];
    for (const one of waiting) {
      const { key = "" } = one.operation;
      const isFree = batch.length < options.maxBatchSize && (key === "" || !busyKeys.has(key));
      if (isFree) {
        batch.push(one);
        busyKeys.add(key);
      } else rest.push(one);
    }
    waiting = rest;
    return batch;
  };
  const answer = (one: Waiting<Op, Outcome>, sent: Sent<Outcome> | undefined): void => {
    one.tries += 1;
    if (sent?.status === "unprocessed" && one.tries < MAX_TRIES) {
      counts.retried += 1;
      const delayMs = random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (one.tries - 1));
      timers.after(delayMs, () => {
        busyKeys.delete(one.operation.key ?? "");
        waiting.unshift(one);
        pump(true);
      });
      return;
    }
    settle(one);
    if (sent?.status === "done") one.resolve(sent.outcome);
    else if (sent?.status === "failed") one.reject(sent.error);
    else one.reject(new MainspringError("STORE_UNAVAILABLE", "DynamoDB left a write unprocessed too often."));
  };
  const run = async (batch: readonly Waiting<Op, Outcome>[]): Promise<void> => {
    inFlight += 1;
    counts.batches += 1;
    try {
      const group = batch[0]?.operation.group ?? "";
      const sent = await send(
        group,
        batch.map(({ operation }) => operation.value),
      );
      for (const [index, one] of batch.entries()) answer(one, sent[index]);
    } catch (error) {
      for (const one of batch) answer(one, { status: "failed", error: error as Error });
    }
    inFlight -= 1;
    pump(false);
  };
  const pump = (isDue: boolean): void => {
    const mustGo =
      isDue ||
      isRushed ||
      waiting.length >= options.maxBatchSize ||
      waiting.some((one) => one.operation.lingers !== true);
    if (waiting.length === 0) return;
    if (!mustGo) {
      cancelTimer ??= timers.after(options.batchTimeoutMs, () => {
        cancelTimer = null;
        pump(true);
      });
      return;
    }
    while (inFlight < options.maxConcurrentBatches) {
      const batch = take();
      if (batch.length === 0) return;
      void run(batch);
    }
  };
  const flush = async (): Promise<void> => {
    if (counts.pending === 0) return;
    isRushed = true;
    const done = new Promise<void>((resolve) => {
      idle.push(resolve);
    });
    pump(true);
    await done;
  };
  return {
    async submit(operation) {
      if (counts.pending >= options.maxWaitingOperations) {
        throw new MainspringError("OVERLOADED", "Too many writes wait for DynamoDB.");
      }
      counts.pending += 1;
      return new Promise((resolve, reject) => {
        waiting.push({ operation, resolve, reject, tries: 0 });
        pump(false);
      });
    },
    flush,
    close: flush,
    stats: () => ({ ...counts }),
  };
}
