/**
 * The store that the tests of the HTTP API run on. The same tests run on each: `MAINSPRING_TEST_STORE` says which, and the
 * runner's configuration has a project for each.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CreateEngineOptions, type Layer, type Store, type StoreCache } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createCache } from "@mainspring/engine/cache";
import { createDynamoDbTables, openDynamoDbStore } from "@mainspring/engine/dynamodb";
import { createFlags, LAYERS } from "@mainspring/engine/flags";
import { createMemoryBudget, createMemoryGovernor } from "@mainspring/engine/governor";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import type { IsOn } from "@mainspring/engine/ports";
import { openRedis } from "@mainspring/engine/redis";
import { beginGroup, type ManualClock } from "@mainspring/engine/testing";
import { afterAll, expect } from "vitest";
import { type RedisServer, startRedisServer } from "../../../engine/test/support/redis-server.js";
import { flipping } from "../../../engine/test/support/flipping.js";
import { type DynaliteProcess, startDynalite } from "./dynalite-process.js";

/** On for everybody, off for everybody, or asked anew each time and answered at random: then `MAINSPRING_SEED` replays it. */
type Switch = "on" | "off" | "switched";

/** A store, and the layers that are built in. Those that are left out are not. */
interface Setup extends Partial<Record<Layer, Switch>> {
  readonly base: "memory" | "lmdb" | "dynamodb";
}

const ALL: readonly Layer[] = LAYERS;
const all = (how: Switch): Partial<Record<Layer, Switch>> =>
  Object.fromEntries(ALL.map((layer) => [layer, how]));

const SETUPS: Readonly<Record<string, Setup>> = {
  memory: { base: "memory" },
  lmdb: { base: "lmdb" },
  "cached-lmdb": { base: "lmdb", cache: "on" },
  dynamodb: { base: "dynamodb", pool: "on" },
  "batched-dynamodb": { base: "dynamodb", pool: "on", batching: "on" },
  "cached-dynamodb": { base: "dynamodb", pool: "on", cache: "on" },
  // One layer alone, where the store doesn't matter.
  "poolless-dynamodb": { base: "dynamodb" },
  "batched-memory": { base: "memory", batching: "on" },
  "predicting-memory": { base: "memory", cache: "on", prediction: "on" },
  "governed-memory": { base: "memory", memoryGovernor: "on" },
  "limited-memory": { base: "memory", overloadLimit: "on" },
  "interval-memory": { base: "memory", checkpoint: "on" },
  "all-on": { base: "dynamodb", ...all("on") },
  "all-off": { base: "dynamodb", ...all("off") },
  switched: { base: "dynamodb", ...all("switched") },
};

const kind = process.env["MAINSPRING_TEST_STORE"] ?? "memory";
const setup = setupOf(kind);

function setupOf(name: string): Setup {
  const found = SETUPS[name];
  if (found !== undefined) return found;
  throw new Error(`MAINSPRING_TEST_STORE is ${name}: ${Object.keys(SETUPS).join(", ")}.`);
}

/** Between interval checkpoints what merely time has brought is shown so much later: see docs/checkpoints.md. */
export const heldBackMs = setup.checkpoint === "on" || setup.checkpoint === "switched" ? 500 : 0;

/** The version of a player whose last commit is one that time alone called for: between interval checkpoints it may be yet to come. */
export function versionInTime(version: number): unknown {
  return heldBackMs === 0 ? version : expect.toBeOneOf([version - 1, version]);
}

/** `undefined`: the layer is not built in. */
function isOnOf(layer: Layer): IsOn | undefined {
  const how = setup[layer];
  if (how === undefined) return undefined;
  return how === "switched" ? flipping(layer) : () => how === "on";
}

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

/** Without the cache that may lie over it: that is one of `openTestLayers`. */
export async function openTestStore(clock: ManualClock): Promise<Store> {
  const store = await openBase(clock);
  const isOn = isOnOf("batching");
  return isOn === undefined ? store : batched(store, { isOn });
}

async function openBase(clock: ManualClock): Promise<Store> {
  switch (setup.base) {
    case "memory":
      return createMemoryStore({ clock });
    case "lmdb": {
      const folder = mkdtempSync(join(tmpdir(), "mainspring-http-"));
      folders.push(folder);
      return openLmdbStore({ folder: join(folder, "data"), clock });
    }
    case "dynamodb":
      return openTables(clock);
  }
}

export type TestLayers = Pick<
  CreateEngineOptions,
  "cache" | "checkpoint" | "governor" | "overload" | "flags"
>;

/** The layers of the engine that are built in, as the server would have them. */
export async function openTestLayers(clock: ManualClock): Promise<TestLayers> {
  const cache = await openTestCache(clock);
  const [checkpoint, governor, overload] = [
    isOnOf("checkpoint"),
    isOnOf("memoryGovernor"),
    isOnOf("overloadLimit"),
  ];
  return {
    ...(cache !== null && { cache }),
    ...(checkpoint && { checkpoint: { everyMs: 10_000, isOn: checkpoint } }),
    ...(governor && {
      governor: createMemoryGovernor({ budget: createMemoryBudget(), isOn: () => governor("") }),
    }),
    ...(overload && {
      overload: createOverloadLimit({ isOn: () => overload("") }),
      flags: { ...createFlags({ lookEveryMs: null }), asks: () => overload },
    }),
  };
}

/** Of the only writer, or with Redis. `null`: none. */
async function openTestCache(clock: ManualClock): Promise<StoreCache | null> {
  const isOn = isOnOf("cache");
  if (isOn === undefined) return null;
  const options = { isOn, isPredicting: isOnOf("prediction") ?? false, clock };
  if (setup.base !== "dynamodb") return createCache({ ...options, isSoleWriter: true });
  redis ??= startRedisServer();
  const server = await redis;
  cacheCount += 1;
  const remote = await openRedis({ ...server.options, keyPrefix: `mainspring:${cacheCount}:` });
  await beginGroup(remote);
  return createCache({ ...options, remote });
}

async function openTables(clock: ManualClock): Promise<Store> {
  dynalite ??= startDynalite();
  const { endpoint } = await dynalite;
  storeCount += 1;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const place = { endpoint, region: "eu-west-1", credentials, tablePrefix: `test-${storeCount}-` };
  await createDynamoDbTables(place);
  const isPoolOn = isOnOf("pool");
  return openDynamoDbStore({ ...place, clock, ...(isPoolOn === undefined ? { pool: false } : { isPoolOn }) });
}
