/** A store whose calls travel together: reads of many players, commits of many players, snapshots. */
import { MainspringError } from "@mainspring/core";
import type { IsOn, Store, StoreStats, Timers } from "../ports.js";
import { createBatchedReads } from "./batched-reads.js";
import { createBatchedWrites } from "./batched-writes.js";
import { type BothWays, createBothWays } from "./both-ways.js";
import type { RetryOptions } from "./batcher.js";
import type { BatcherStats } from "./batcher-stats.js";

export interface BatchedOptions {
  /**
   * For whom it is on, asked each time: reads, commits and snapshots of others go straight to the store. Who is switched while writes are under
   * way keeps to their way until those have ended. Default: everybody
   */
  readonly isOn?: IsOn;
  /** Operations of a batch. Default: 25 */
  readonly maxBatchSize?: number;
  /** What rides in bulk leaves after so long at the latest. Default: 1000 ms */
  readonly batchTimeoutMs?: number;
  /** Batches of writes under way; of reads as many, so that these never wait for a slow write. Default: 5 */
  readonly maxConcurrentBatches?: number;
  /** Bytes of writes that wait or are under way; past it `commit` fails with `OVERLOADED`. Default: 64 MiB */
  readonly maxWaitingBytes?: number;
  /** Writes, and also reads, that wait or are under way. Default: 16,384 */
  readonly maxWaitingOperations?: number;
  /** Bytes of one batch; a single write may not have more either. Default: 16 MiB */
  readonly maxBatchBytes?: number;
  /** A write that has waited so long counts as one priority higher. Default: 1000 ms */
  readonly ageingMs?: number;
  /** How what the store refuses with `OVERLOADED` is sent again. */
  readonly retry?: RetryOptions;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Default: `Math.random` */
  readonly random?: () => number;
}

const MEBIBYTE = 1024 ** 2;

/**
 * Lays a batcher over a store. It keeps the contract of every store: each write has its own condition and its own outcome,
 * and those of a player happen in the order in which they were given.
 *
 * Reads, commands and milestones wait for a free slot at most; `bulk` commits and snapshots wait for their batch to fill, or
 * for `batchTimeoutMs`. Two commits of a player that still wait, the second expecting what the first leaves, become one
 * write under the first's condition, and share its outcome.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 *
 * @example
 * ```ts
 * import { batched } from "@mainspring/engine/batch";
 * import { createMemoryStore } from "@mainspring/engine/memory";
 *
 * const store = batched(createMemoryStore(), { maxBatchSize: 50, maxConcurrentBatches: 10 });
 * ```
 */
export function batched(store: Store, options: BatchedOptions = {}): Store {
  const { maxBatchBytes = 16 * MEBIBYTE, isOn, ...rest } = options;
  const common = {
    maxBatchSize: 25,
    batchTimeoutMs: 1_000,
    maxConcurrentBatches: 5,
    maxWaitingBytes: 64 * MEBIBYTE,
    maxWaitingOperations: 16_384,
    ageingMs: 1_000,
    ...rest,
  };
  const reads = createBatchedReads(store, common);
  const writes = createBatchedWrites(store, { ...common, maxBytes: maxBatchBytes });
  const counters = { reads: 0, writes: 0, conflicts: 0 };
  let closing: Promise<void> | undefined;
  const assertOpen = (): void => {
    if (closing !== undefined) throw closed();
  };
  const batches = { read: reads.read, commit: writes.commit, putSnapshots: writes.putSnapshots };
  const calls = isOn === undefined ? oneWay(batches) : createBothWays({ store, batches, isOn, assertOpen });
  const closeAll = async (): Promise<void> => {
    await Promise.all([reads.close(), writes.close(), calls.straightDone()]);
    await store.close();
  };
  return {
    ...passedThrough(store, () => closing !== undefined),
    async read(playerIds, given) {
      counters.reads += playerIds.length;
      return calls.read(playerIds, given);
    },
    async commit(given, commitOptions) {
      const outcomes = await calls.commit(given, commitOptions);
      counters.writes += outcomes.length;
      counters.conflicts += outcomes.filter(({ status }) => status === "conflict").length;
      return outcomes;
    },
    putSnapshots: async (snapshots) => calls.putSnapshots(snapshots),
    async flush() {
      assertOpen();
      await Promise.all([writes.flush(), calls.straightDone()]);
      await store.flush();
    },
    stats: () =>
      statsOf(store.stats(), { ...counters, straight: calls.straightWrites() }, [
        writes.stats(),
        reads.stats(),
      ]),
    async close() {
      closing ??= closeAll();
      await closing;
    },
  };
}

/** Everybody's calls travel together. */
function oneWay(batches: Pick<Store, "read" | "commit" | "putSnapshots">): BothWays {
  return { ...batches, straightWrites: () => 0, straightDone: async () => undefined };
}

type PassedThrough = Omit<Store, "read" | "commit" | "putSnapshots" | "flush" | "stats" | "close">;

/** Calls that are rare, or that go through pages one after the other. */
function passedThrough(store: Store, isClosed: () => boolean): PassedThrough {
  const open = (): Store => {
    if (isClosed()) throw closed();
    return store;
  };
  return {
    quarantine: async (...given) => open().quarantine(...given),
    quarantined: async (...given) => open().quarantined(...given),
    readEvents: async (...given) => open().readEvents(...given),
    readMark: async (...given) => open().readMark(...given),
    readSnapshots: async (...given) => open().readSnapshots(...given),
    listRecords: async (...given) => open().listRecords(...given),
    importEvents: async (...given) => open().importEvents(...given),
    importMark: async (...given) => open().importMark(...given),
    putCatalog: async (...given) => open().putCatalog(...given),
    readCatalog: async (...given) => open().readCatalog(...given),
    readTimeline: async () => open().readTimeline(),
    readSettings: async (...given) => open().readSettings(...given),
    putSettings: async (...given) => open().putSettings(...given),
    appendTimeline: async (...given) => open().appendTimeline(...given),
  };
}

function closed(): MainspringError {
  return new MainspringError("STORE_UNAVAILABLE", "The store is closed.");
}

/** Reads, writes and conflicts as callers see them; requests as the store makes them. */
function statsOf(
  inner: StoreStats,
  {
    straight,
    ...counters
  }: Pick<StoreStats, "reads" | "writes" | "conflicts"> & { readonly straight: number },
  [writes, reads]: readonly [BatcherStats, BatcherStats],
): StoreStats {
  return { ...inner, ...counters, pending: writes.pending + straight, batcher: sumOf(writes, reads) };
}

function sumOf(one: BatcherStats, other: BatcherStats): BatcherStats {
  const batches = one.batches + other.batches;
  const operations = one.operations + other.operations;
  return {
    batches,
    operations,
    meanBatchSize: batches === 0 ? 0 : operations / batches,
    pending: one.pending + other.pending,
    pendingBytes: one.pendingBytes + other.pendingBytes,
    inFlightBatches: one.inFlightBatches + other.inFlightBatches,
    waiting: [
      one.waiting[0] + other.waiting[0],
      one.waiting[1] + other.waiting[1],
      one.waiting[2] + other.waiting[2],
    ],
    refused: one.refused + other.refused,
    retried: one.retried + other.retried,
    coalesced: one.coalesced + other.coalesced,
    longestWaitMs: Math.max(one.longestWaitMs, other.longestWaitMs),
  };
}
