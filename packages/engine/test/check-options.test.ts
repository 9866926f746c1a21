/** Whoever puts an engine together is told of a number that can't be, by its name, before anything is opened. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { batched } from "../src/batch/index.js";
import { createEngine } from "../src/create-engine.js";
import { openDynamoDbStore } from "../src/store/dynamodb/index.js";
import { openLmdbStore } from "../src/store/lmdb/index.js";
import { createMemoryStore } from "../src/store/memory/index.js";
import { temporaryFolder } from "./store/temporary-folder.js";

const attempts: readonly (readonly [says: string, attempt: (folder: string) => unknown])[] = [
  ["checkpoint.everyMs", () => createEngine({ store: createMemoryStore(), checkpoint: { everyMs: -1 } })],
  [
    "snapshots.everyCommits",
    () => createEngine({ store: createMemoryStore(), snapshots: { everyCommits: 0, everyMs: 1 } }),
  ],
  ["maxBatchSize", () => batched(createMemoryStore(), { maxBatchSize: 0 })],
  ["maxConcurrentBatches", () => batched(createMemoryStore(), { maxConcurrentBatches: 1.5 })],
  ["batchTimeoutMs", () => batched(createMemoryStore(), { batchTimeoutMs: Number.NaN })],
  ["journalRetentionMs", () => createMemoryStore({ journalRetentionMs: 0 })],
  ["journalRetentionMs", (folder) => openLmdbStore({ folder, journalRetentionMs: -5 })],
  ["markDelayMs", () => openDynamoDbStore({ endpoint: "http://127.0.0.1:1", markDelayMs: -1 })],
  [
    "batchTimeoutMs",
    () => openDynamoDbStore({ endpoint: "http://127.0.0.1:1", batch: { batchTimeoutMs: 0 } }),
  ],
];

it.each(attempts)("tells of a wrong %s", async (says, attempt) => {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "data");
  await expect((async () => attempt(folder))()).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining(says) as string,
  });
  expect(existsSync(folder)).toBe(false);
  temporary.remove();
});
