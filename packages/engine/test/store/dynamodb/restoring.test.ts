/** Records that somebody deleted or damaged in DynamoDB come back to the byte, from the snapshots and the journal beside them. */
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Store, StoredRecord } from "../../../src/ports.js";
import { createManualClock } from "../../../src/testing/index.js";
import { openEngine, OWN, START_MS } from "../../support/open-engine.js";
import { liveAtRandom } from "../../support/random-life.js";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";

const STEPS = 60;

/** One life after the other goes by on one clock. */
const YEARS_MS = 10 * 365 * 86_400_000;

/** What can be done to an item by hand. */
const DAMAGES = [
  "DELETE",
  "SET r = :bytes",
  "SET r = :text",
  "REMOVE i, v",
  "SET v = :text, i = :text",
  "REMOVE r, i",
];

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => server.stop());

async function stored(store: Store, playerId: string): Promise<StoredRecord> {
  const [record] = await store.read([playerId]);
  if (record === undefined || record === null) throw new Error(`${playerId} is gone`);
  return { ...record, bytes: Uint8Array.from(record.bytes) };
}

async function damage(client: DynamoDBClient, key: { TableName: string; playerId: string }, how: string) {
  const { TableName, playerId } = key;
  const which = { TableName, Key: { p: { S: playerId } } };
  if (how === "DELETE") {
    await client.send(new DeleteItemCommand(which));
    return;
  }
  const values = { ":bytes": { B: Uint8Array.of(1, 2, 3) }, ":text": { S: "by hand" } };
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => how.includes(name)));
  await client.send(
    new UpdateItemCommand({
      ...which,
      UpdateExpression: how,
      ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
    }),
  );
}

it.each(["commit" as const, { everyMs: 120_000 }])(
  "after random lives, with checkpoint %o",
  async (checkpoint) => {
    const random = seededRandom("restoring on DynamoDB");
    const clock = createManualClock(START_MS);
    const tablePrefix = await server.newTables();
    const snapshots = { everyCommits: 20, everyMs: 86_400_000 };
    const open = async () => {
      const store = await server.openStore({ tablePrefix, clock, journalRetentionMs: YEARS_MS });
      return openEngine({ store, clock, isDevelopment: true, checkpoint, snapshots });
    };
    const first = await open();
    const playerIds = DAMAGES.map((_, index) => `player-${index}`);
    for (const playerId of playerIds) {
      await first.engine.read(playerId, OWN);
      await liveAtRandom({ engine: first.engine, clock, random, playerId }, STEPS);
      await first.engine.events(playerId);
    }
    await first.engine.close();

    const { engine, store } = await open();
    for (const [index, how] of DAMAGES.entries()) {
      const playerId = `player-${index}`;
      const before = await stored(store, playerId);
      await damage(server.client(), { TableName: `${tablePrefix}players`, playerId }, how);
      await expect(engine.read(playerId, OWN), how).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
      const restoration = await engine.restore(playerId, { actor: "support", reason: how });
      const after = await stored(store, playerId);
      expect({ ...after, version: 0 }, how).toEqual({ ...before, version: 0 });
      expect(after.version).toBeGreaterThan(before.version);
      expect(restoration.lastVersion).toBe(before.version);
      await liveAtRandom({ engine, clock, random, playerId }, 10);
    }
    await engine.close();
  },
);
