/** A store under a batcher keeps the contract of every store. */
import { join } from "node:path";
import { describe, it } from "vitest";
import { batched, type BatchedOptions } from "../../src/batch/index.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock, storeContract } from "../../src/testing/index.js";
import { flipping, flipSeed } from "../support/flipping.js";
import { temporaryFolder } from "../store/temporary-folder.js";

const journalRetentionMs = 86_400_000;

/** From batches of one, one at a time, to all at once. What lingers does so for a moment of the real clock. */
const SIZES = [
  { maxBatchSize: 1, maxConcurrentBatches: 1, batchTimeoutMs: 2 },
  { maxBatchSize: 3, maxConcurrentBatches: 2, batchTimeoutMs: 2 },
  { maxBatchSize: 25, maxConcurrentBatches: 5, batchTimeoutMs: 2 },
  { maxBatchSize: 1_000, maxConcurrentBatches: 10, batchTimeoutMs: 2 },
] as const satisfies readonly BatchedOptions[];

const WAYS: readonly { readonly how: string; readonly options: BatchedOptions }[] = [
  ...SIZES.map((options) => ({
    how: `in batches of ${options.maxBatchSize}, ${options.maxConcurrentBatches} at once`,
    options,
  })),
  { how: "with batching off", options: { ...SIZES[2], isOn: () => false } },
  {
    how: `with batching switched all the time (seed ${flipSeed})`,
    options: { ...SIZES[2], isOn: flipping("batching") },
  },
];

for (const { how, options } of WAYS) {
  describe(`the memory store ${how}`, () => {
    const cases = storeContract({
      isDurable: false,
      async open() {
        const times = { clock: createManualClock(), journalRetentionMs };
        return {
          store: batched(createMemoryStore(times), options),
          ...times,
          cleanup: async () => undefined,
        };
      },
    });
    for (const { name, run } of cases) it(name, run);
  });

  describe(`the LMDB store ${how}`, () => {
    const cases = storeContract({
      async open() {
        const temporary = temporaryFolder();
        const folder = join(temporary.path, "data");
        const times = { clock: createManualClock(), journalRetentionMs };
        const open = async () => batched(await openLmdbStore({ folder, ...times }), options);
        return { store: await open(), ...times, reopen: open, cleanup: async () => temporary.remove() };
      },
    });
    for (const { name, run } of cases) it(name, run);
  });
}

describe("the memory store under two batchers", () => {
  const cases = storeContract({
    isDurable: false,
    async open() {
      const times = { clock: createManualClock(), journalRetentionMs };
      const store = batched(batched(createMemoryStore(times), SIZES[2]), SIZES[1]);
      return { store, ...times, cleanup: async () => undefined };
    },
  });
  for (const { name, run } of cases) it(name, run);
});
