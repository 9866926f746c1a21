/**
 * Gathers operations into batches: by group, in the order of their ranks, a bounded number of batches at once. What waits
 * is in waiting-line.ts, when it leaves in dispatch.ts, what becomes of it in settlement.ts.
 */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../check-options.js";
import { holdingTimers } from "../system-timers.js";
import type { Batcher, BatcherOptions, Operation } from "./batcher.js";
import { createCounters } from "./counters.js";
import { createDispatch } from "./dispatch.js";
import { createEpochs } from "./epochs.js";
import { createIntake } from "./intake.js";
import type { Parts } from "./parts.js";

/**
 * Makes a batcher.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 *
 * @example
 * ```ts
 * import { createBatcher } from "@mainspring/engine/batch";
 *
 * const batcher = createBatcher<string, number>({
 *   send: async (group, words) => words.map(({ length }) => ({ status: "done", outcome: length })),
 *   maxBatchSize: 25,
 *   batchTimeoutMs: 1_000,
 *   maxConcurrentBatches: 5,
 *   maxWaitingBytes: 64 * 1024 ** 2,
 *   maxWaitingOperations: 16_384,
 *   ageingMs: 1_000,
 * });
 * const length = await batcher.submit({ group: "words", priority: 0, sizeBytes: 5, value: "hello" });
 * await batcher.close();
 * ```
 */
export function createBatcher<Op, Outcome>(options: BatcherOptions<Op, Outcome>): Batcher<Op, Outcome> {
  const { maxBatchSize, maxConcurrentBatches, maxWaitingBytes, maxWaitingOperations } = options;
  checkOptions({ maxBatchSize, maxConcurrentBatches, maxWaitingBytes, maxWaitingOperations });
  checkOptions({ batchTimeoutMs: options.batchTimeoutMs, ageingMs: options.ageingMs }, { from: 0 });
  const parts: Parts<Op, Outcome> = {
    options,
    timers: options.timers ?? holdingTimers,
    lines: new Map(),
    counters: createCounters(),
    epochs: createEpochs(),
    held: { operations: 0, sizeBytes: 0 },
  };
  const { counters, epochs, held, lines } = parts;
  const intake = createIntake(parts);
  const dispatch = createDispatch(parts);
  let isClosed = false;

  const submit = async (operation: Operation<Op>): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      intake.enqueue(operation, { resolve, reject });
    });
  const admit = (operations: readonly Operation<Op>[]): void => {
    if (isClosed) throw new MainspringError("STORE_UNAVAILABLE", "The batcher is closed.");
    intake.admit(operations);
    if (operations.length > 0) dispatch.schedule();
  };
  const flush = async (): Promise<void> => {
    for (const line of lines.values()) line.hasten(Infinity);
    dispatch.schedule();
    await epochs.settled();
  };
  return {
    async submit(operation) {
      admit([operation]);
      return submit(operation);
    },
    async submitAll(operations) {
      admit(operations);
      return Promise.allSettled(operations.map(submit));
    },
    flush,
    async close() {
      isClosed = true;
      await flush();
    },
    stats: () =>
      counters.stats({
        pending: held.operations,
        pendingBytes: held.sizeBytes,
        inFlightBatches: dispatch.inFlightBatches(),
      }),
  };
}
