/** Every store under a cache keeps the contract of every store, with Redis alone, with TLS and a password, and as a cluster of three. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batched } from "../../../src/batch/index.js";
import { cached, createCache } from "../../../src/cache/index.js";
import { openRedis } from "../../../src/cache/redis/index.js";
import type { Store } from "../../../src/ports.js";
import { openLmdbStore } from "../../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../../src/store/memory/index.js";
import { createManualClock, type StoreFixture, storeContract } from "../../../src/testing/index.js";
import { beginRedisGroup } from "../../support/begin-redis-group.js";
import { type RedisCluster, startRedisCluster, startRedisServer } from "../../support/redis-server.js";
import { type DynaliteServer, startDynalite } from "../../store/dynamodb/dynalite-server.js";
import { temporaryFolder } from "../../store/temporary-folder.js";

const journalRetentionMs = 86_400_000;

/** What the items of DynamoDB have room for; see the contract of that store. */
const largestDynamoDbRecordBytes = 380 * 1_024;

type BareFixture = Omit<StoreFixture, "store"> & { readonly open: () => Promise<Store> };

let dynalite: DynaliteServer;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(async () => dynalite.stop());

async function memory(): Promise<BareFixture> {
  const times = { clock: createManualClock(), journalRetentionMs };
  return { ...times, open: async () => createMemoryStore(times), cleanup: async () => undefined };
}

async function lmdb(): Promise<BareFixture> {
  const temporary = temporaryFolder();
  const times = { clock: createManualClock(), journalRetentionMs };
  const open = async () => openLmdbStore({ folder: join(temporary.path, "data"), ...times });
  return { ...times, open, cleanup: async () => temporary.remove() };
}

async function dynamodb(): Promise<BareFixture> {
  const times = { clock: createManualClock(), journalRetentionMs };
  const tablePrefix = await dynalite.newTables();
  return {
    ...times,
    largestRecordBytes: largestDynamoDbRecordBytes,
    open: async () => dynalite.openStore({ ...times, tablePrefix }),
    cleanup: async () => undefined,
  };
}

function underBatcher(fixture: () => Promise<BareFixture>): () => Promise<BareFixture> {
  return async () => {
    const bare = await fixture();
    return { ...bare, open: async () => batched(await bare.open(), { batchTimeoutMs: 2 }) };
  };
}

interface Kind {
  readonly name: string;
  readonly isDurable: boolean;
  readonly fixture: () => Promise<BareFixture>;
}

const MEMORY: Kind = { name: "the memory store", isDurable: false, fixture: memory };
const LMDB: Kind = { name: "the LMDB store", isDurable: true, fixture: lmdb };
const DYNAMODB: Kind = { name: "the DynamoDB store", isDurable: true, fixture: dynamodb };

const EVERY_STORE: readonly Kind[] = [MEMORY, LMDB, DYNAMODB].flatMap((kind) => [
  kind,
  { ...kind, name: `${kind.name} under a batcher`, fixture: underBatcher(kind.fixture) },
]);

interface Setup {
  readonly name: string;
  readonly start: () => Promise<RedisCluster>;
  readonly stores: readonly Kind[];
}

async function alone(options: Parameters<typeof startRedisServer>[0] = {}): Promise<RedisCluster> {
  const server = await startRedisServer(options);
  return { options: server.options, servers: [server], stop: () => server.stop() };
}

const SETUPS: readonly Setup[] = [
  { name: "Redis", start: alone, stores: EVERY_STORE },
  {
    name: "Redis with TLS and a password",
    start: () => alone({ isSecured: true }),
    stores: [MEMORY, DYNAMODB],
  },
  { name: "a cluster of three", start: startRedisCluster, stores: [MEMORY, DYNAMODB] },
];

/**
 * The contract says what those are told who ask the store. The cache of the only instance tells them the same, but for these:
 * it saves reads, and shows a record when its commit is answered, while its events are there a moment before.
 */
const NOT_THROUGH_A_CACHE: ReadonlySet<string> = new Set([
  "counts what it did",
  "never shows a record without its events, nor events without their record",
]);

function throughTheCache(store: Store): Store {
  return {
    ...store,
    read: async (playerIds, options) => store.read(playerIds, { consistency: "cached", ...options }),
  };
}

describe.each(SETUPS)("under a cache with $name", ({ start, stores }) => {
  let redis: RedisCluster;
  let caseCount = 0;
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(async () => redis.stop());

  /** A cache for each opened store, as in processes of their own; those of one case share what is in Redis. */
  const lay = async (store: Store, keyPrefix: string): Promise<Store> =>
    cached(store, createCache({ remote: await openRedis({ ...redis.options, keyPrefix }) }));

  const casesOf = ({ isDurable, fixture }: Kind, over: (store: Store) => Store) =>
    storeContract({
      isDurable,
      async open() {
        const { open, ...bare } = await fixture();
        caseCount += 1;
        const keyPrefix = `mainspring:${caseCount}:`;
        await beginRedisGroup({ ...redis.options, keyPrefix });
        const openCached = async () => over(await lay(await open(), keyPrefix));
        return { ...bare, store: await openCached(), ...(isDurable && { reopen: openCached }) };
      },
    });

  describe.each(stores)("$name", (kind) => {
    for (const { name, run } of casesOf(kind, (store) => store)) it(name, run);
  });

  describe("the memory store, read through the cache", () => {
    const cases = casesOf(MEMORY, throughTheCache);
    const kept = cases.filter(({ name }) => !NOT_THROUGH_A_CACHE.has(name));
    for (const { name, run } of kept) it(name, run);
    it("but for what a cache is for", () => {
      expect(cases.length - kept.length).toBe(NOT_THROUGH_A_CACHE.size);
    });
  });

  it("keeps its values there all the while", async () => {
    let scripts = 0;
    for (const server of redis.servers) {
      const told = String(await server.ask("INFO", "commandstats"));
      for (const [, calls] of told.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/gu)) scripts += Number(calls);
    }
    // A beat each at least, and what was committed.
    expect(scripts).toBeGreaterThan(2 * caseCount);
  });
});
