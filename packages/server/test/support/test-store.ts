/**
 * The store that the tests of the HTTP API run on. The same tests run on each: `MAINSPRING_TEST_STORE` says which, and the
 * runner's configuration has a project for each.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store, StoreCache } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createCache } from "@mainspring/engine/cache";
import { createDynamoDbTables, openDynamoDbStore } from "@mainspring/engine/dynamodb";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createMemoryStore } from "@mainspring/engine/memory";
import { openRedis } from "@mainspring/engine/redis";
import type { ManualClock } from "@mainspring/engine/testing";
import { afterAll } from "vitest";
import { type RedisServer, startRedisServer } from "../../../engine/test/support/redis-server.js";
import { type DynaliteProcess, startDynalite } from "./dynalite-process.js";

const kind = process.env["MAINSPRING_TEST_STORE"] ?? "memory";

/** One of each for all tests of a file, with tables and keys of its own for each store. */
let dynalite: Promise<DynaliteProcess> | null = null;
let redis: Promise<RedisServer> | null = null;
let storeCount = 0;
let cacheCount = 0;
const folders: string[] = [];

afterAll(async () => {
  await (await dynalite)?.kill();
  dynalite = null;
  await (await redis)?.stop();
  redis = null;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Without the cache that may lie over it: that is `openTestCache`. */
export async function openTestStore(clock: ManualClock): Promise<Store> {
  switch (kind) {
    case "memory":
      return createMemoryStore({ clock });
    case "lmdb":
    case "cached-lmdb": {
      const folder = mkdtempSync(join(tmpdir(), "mainspring-http-"));
      folders.push(folder);
      return openLmdbStore({ folder: join(folder, "data"), clock });
    }
    case "dynamodb":
    case "cached-dynamodb":
      return openTables(clock);
    case "batched-dynamodb":
      return batched(await openTables(clock));
    default:
      throw new Error(
        `MAINSPRING_TEST_STORE is ${kind}: memory, lmdb, cached-lmdb, dynamodb, batched-dynamodb or cached-dynamodb.`,
      );
  }
}

/** The cache to lay over it, as the server would have it: of the only writer, or with Redis. `null`: none. */
export async function openTestCache(clock: ManualClock): Promise<StoreCache | null> {
  if (kind === "cached-lmdb") return createCache({ isSoleWriter: true, clock });
  if (kind !== "cached-dynamodb") return null;
  redis ??= startRedisServer();
  const { options } = await redis;
  cacheCount += 1;
  return createCache({
    remote: await openRedis({ ...options, keyPrefix: `mainspring:${cacheCount}:` }),
    clock,
  });
}

async function openTables(clock: ManualClock): Promise<Store> {
  dynalite ??= startDynalite();
  const { endpoint } = await dynalite;
  storeCount += 1;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const place = { endpoint, region: "eu-west-1", credentials, tablePrefix: `test-${storeCount}-` };
  await createDynamoDbTables(place);
  return openDynamoDbStore({ ...place, clock });
}
