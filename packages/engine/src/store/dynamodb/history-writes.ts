/** Writes to the history in bulk: many players' journals, marks and snapshots share requests. Each may be repeated without harm. */
import { MainspringError } from "@mainspring/core";
import { createBatcher, type Sent } from "../../batch/index.js";
import type { Timers } from "../../ports.js";
import type { Database } from "./database.js";
import { failureOf } from "./errors.js";
import { type Item, itemSize, MAX_ITEM_BYTES } from "./item-size.js";

/** A BatchWriteItem carries so many items, and so many bytes, at most. */
const MAX_BATCH_ITEMS = 25;
const MAX_BATCH_BYTES = 16_000_000;

const MAX_WAITING_BYTES = 67_108_864;
const MAX_WAITING_WRITES = 100_000;
const AGEING_MS = 1_000;

const WHAT = "The history can't be written";

export interface HistoryWritesOptions {
  readonly database: Database;
  readonly table: string;
  readonly timers: Timers;
  readonly random: () => number;
  readonly batch: BatchSettings;
}

export interface BatchSettings {
  /** Items of a request; more than 25 are never sent in one. */
  readonly maxBatchSize: number;
  /** What may linger leaves after so long at the latest. */
  readonly batchTimeoutMs: number;
  readonly maxConcurrentBatches: number;
}

export interface HistoryWrites {
  /**
   * Resolves when the item is durable.
   *
   * @param urgency `now`: someone waits for it; `bulk`: it may wait for its batch to fill
   * @throws MainspringError `OVERLOADED`, `STORE_UNAVAILABLE`, `RECORD_TOO_LARGE`
   */
  put(item: Item, urgency: "now" | "bulk"): Promise<void>;
  flush(): Promise<void>;
  /** Sends what lingers. */
  hurry(): void;
  close(): Promise<void>;
  pending(): number;
}

export function createHistoryWrites(options: HistoryWritesOptions): HistoryWrites {
  const { database, table, timers, random, batch } = options;
  const batcher = createBatcher<Item, null>({
    send: async (_group, items) => send(database, table, items),
    ...batch,
    maxBatchSize: Math.min(MAX_BATCH_ITEMS, batch.maxBatchSize),
    limits: () => ({ maxOperations: MAX_BATCH_ITEMS, maxBytes: MAX_BATCH_BYTES }),
    maxWaitingBytes: MAX_WAITING_BYTES,
    maxWaitingOperations: MAX_WAITING_WRITES,
    ageingMs: AGEING_MS,
    timers,
    random,
  });
  return {
    async put(item, urgency) {
      const sizeBytes = itemSize(item);
      if (sizeBytes > MAX_ITEM_BYTES) {
        throw new MainspringError("RECORD_TOO_LARGE", `${WHAT}: an item of ${sizeBytes} bytes is too large.`);
      }
      await batcher.submit({
        group: table,
        key: keyOf(item),
        priority: urgency === "now" ? 0 : 2,
        sizeBytes,
        value: item,
        lingers: urgency === "bulk",
      });
    },
    flush: async () => batcher.flush(),
    hurry: () => void batcher.flush(),
    close: async () => batcher.close(),
    pending: () => batcher.stats().pending,
  };
}

async function send(
  database: Database,
  table: string,
  items: readonly Item[],
): Promise<readonly Sent<null>[]> {
  try {
    const left = new Set((await database.putManyOnce(table, items)).map(keyOf));
    return items.map((item) =>
      left.has(keyOf(item)) ? { status: "unprocessed" } : { status: "done", outcome: null },
    );
  } catch (cause) {
    const { kind, error, isThrottle } = failureOf(cause, WHAT);
    if (isThrottle) database.counts.throttles += 1;
    // What may have happened may happen again: the same item under the same key.
    return items.map(() => (kind === "final" ? { status: "failed", error } : { status: "unprocessed" }));
  }
}

function keyOf({ p, k }: Item): string {
  return `${p?.S} ${k?.S}`;
}
