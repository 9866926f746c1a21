/** The store that was asked for, with the layers that lie over it. Its libraries load only then. */
import type { Flags, IsOn, LayersConfig, Store } from "@mainspring/engine";
import type { StoreKind } from "../config/serve-schema.js";

export interface StorePlace {
  readonly kind: StoreKind;
  /** Of the embedded store. */
  readonly data: string;
  /** Of the tables in DynamoDB. */
  readonly tablePrefix: string;
}

/** Without the layers that lie over it. The pool is asked for where there are switches, else it is on. @throws MainspringError what the store says */
export async function openStore(
  { kind, data, tablePrefix }: StorePlace,
  config: LayersConfig,
  flags?: Flags,
): Promise<Store> {
  switch (kind) {
    case "lmdb": {
      const { openLmdbStore } = await import("@mainspring/engine/lmdb");
      return openLmdbStore({ folder: data });
    }
    case "memory": {
      const { createMemoryStore } = await import("@mainspring/engine/memory");
      return createMemoryStore();
    }
    case "dynamodb": {
      const { openDynamoDbStore } = await import("@mainspring/engine/dynamodb");
      return openDynamoDbStore({ tablePrefix, ...connectionOf(config), ...switchesOf(flags) });
    }
  }
}

function switchesOf(flags: Flags | undefined) {
  if (flags === undefined) return {};
  return { isPoolOn: flags.asks("pool"), isPoolOnForAnybody: () => flags.servesAnybody("pool") };
}

function connectionOf({ database, batch }: LayersConfig) {
  const { maxConnections, connectionTimeout, idleTimeout } = database;
  const { maxBatchSize, batchTimeout, maxConcurrentBatches } = batch;
  return {
    pool: { maxConnections, connectionTimeoutMs: connectionTimeout, idleTimeoutMs: idleTimeout },
    requestTimeoutMs: connectionTimeout,
    batch: { maxBatchSize, batchTimeoutMs: batchTimeout, maxConcurrentBatches },
  };
}

/** A store whose calls travel together, for those players whom that is on for. */
export async function withBatching(
  store: Store,
  { batch }: Pick<LayersConfig, "batch">,
  isOn: IsOn,
): Promise<Store> {
  const { batched } = await import("@mainspring/engine/batch");
  const { maxBatchSize, batchTimeout, maxConcurrentBatches } = batch;
  return batched(store, { maxBatchSize, batchTimeoutMs: batchTimeout, maxConcurrentBatches, isOn });
}

/** Where a store is, in a few words. */
export function describePlace({ kind, data, tablePrefix }: StorePlace): string {
  switch (kind) {
    case "lmdb":
      return `lmdb store in ${data}`;
    case "memory":
      return "memory store";
    case "dynamodb":
      return `dynamodb store in tables ${tablePrefix}*`;
  }
}
