/**
 * The store that the tests of the HTTP API run on. The same tests run on each: `MAINSPRING_TEST_STORE` says which, and the
 * runner's configuration has a project for each.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createDynamoDbTables, openDynamoDbStore } from "@mainspring/engine/dynamodb";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createMemoryStore } from "@mainspring/engine/memory";
import type { ManualClock } from "@mainspring/engine/testing";
import { afterAll } from "vitest";
import { type DynaliteProcess, startDynalite } from "./dynalite-process.js";

const kind = process.env["MAINSPRING_TEST_STORE"] ?? "memory";

/** One for all tests of a file, with tables of its own for each store. */
let dynalite: Promise<DynaliteProcess> | null = null;
let storeCount = 0;
const folders: string[] = [];

afterAll(async () => {
  await (await dynalite)?.kill();
  dynalite = null;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export async function openTestStore(clock: ManualClock): Promise<Store> {
  switch (kind) {
    case "memory":
      return createMemoryStore({ clock });
    case "lmdb": {
      const folder = mkdtempSync(join(tmpdir(), "mainspring-http-"));
      folders.push(folder);
      return openLmdbStore({ folder: join(folder, "data"), clock });
    }
    case "dynamodb":
      return openTables(clock);
    case "batched-dynamodb":
      return batched(await openTables(clock));
    default:
      throw new Error(`MAINSPRING_TEST_STORE is ${kind}: memory, lmdb, dynamodb or batched-dynamodb.`);
  }
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
