/** What the items of the store weigh and cost, by DynamoDB's rules, and by what a server says. */
import { readFileSync } from "node:fs";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRecord } from "../../../src/record/encode-record.js";
import { itemSize, writeUnits } from "../../../src/store/dynamodb/item-size.js";
import { SHIPPED_TIMELINE } from "../../record/sample-catalogs.js";
import { TYPICAL } from "../../record/typical-record.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";

const WRITE_UNIT_BYTES = 1_024;
const INCARNATION = 1_700_000_000_000;

/** A version that takes a player years to reach. */
const LATE_VERSION = 9_999_999;

/** As UUIDs have. */
const PLAYER_ID = "0b9ff1a4-91e0-4f9e-8f51-2b8f5c3a7d10";

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => server.stop());

async function storedItem(tablePrefix: string, playerId: string) {
  const get = new GetItemCommand({ TableName: `${tablePrefix}players`, Key: { p: { S: playerId } } });
  const { Item: item } = await server.client().send(get);
  return item ?? {};
}

describe("the item of the record that the budget names", () => {
  const bytes = encodeRecord(TYPICAL, SHIPPED_TIMELINE.catalogs);
  const next = { playerId: PLAYER_ID, incarnation: INCARNATION, bytes };

  it("takes one write unit, with its keys and nonces", async () => {
    const tablePrefix = await server.newTables();
    const store = await server.openStore({ tablePrefix });
    await store.commit([
      { expected: null, next: { ...next, version: LATE_VERSION }, events: [] },
      {
        expected: { incarnation: INCARNATION, version: LATE_VERSION },
        next: { ...next, version: LATE_VERSION + 1 },
        events: [],
      },
    ]);
    const item = await storedItem(tablePrefix, PLAYER_ID);
    expect(Object.keys(item).sort()).toEqual(["i", "m", "n", "p", "r", "v"]);
    const sizeBytes = itemSize(item);
    const lines = [
      ["the record's bytes", bytes.length],
      ["keys, numbers, nonces", sizeBytes - bytes.length],
      ["the item", sizeBytes],
    ];
    console.log(lines.map(([name, size]) => `${String(name).padEnd(24)}${size} B`).join("\n"));
    expect(sizeBytes).toBeLessThanOrEqual(WRITE_UNIT_BYTES);
    expect(writeUnits(sizeBytes)).toBe(1);
    // The server counts in its own way, and comes to the same.
    expect(store.stats().database?.writeUnits).toBe(2);
    await store.close();
  });

  it("leaves room for the longest player id as well", () => {
    const item = {
      p: { S: "x".repeat(64) },
      i: { N: String(INCARNATION) },
      v: { N: String(LATE_VERSION) },
      r: { B: bytes },
      n: { B: new Uint8Array(8) },
      m: { B: new Uint8Array(8) },
    };
    expect(itemSize(item)).toBeLessThanOrEqual(WRITE_UNIT_BYTES);
  });
});

describe("the size of an item", () => {
  it("counts names, text in UTF-8, bytes, and numbers by pairs of digits", () => {
    expect(itemSize({ p: { S: "ada" } })).toBe(4);
    expect(itemSize({ p: { S: "ä" } })).toBe(3);
    expect(itemSize({ name: { B: new Uint8Array(10) } })).toBe(14);
    expect(itemSize({ n: { N: "1" } })).toBe(3);
    expect(itemSize({ n: { N: "1700000000001" } })).toBe(9);
    expect(itemSize({ n: { N: "1000" } })).toBe(3);
    expect(itemSize({ n: { N: "-12" } })).toBe(4);
    expect(itemSize({ l: { L: [{ S: "a" }, { M: { x: { S: "b" } } }] } })).toBe(
      1 + 3 + 1 + 1 + 1 + 3 + 1 + 2,
    );
  });

  it("is never less than one write unit", () => {
    expect([0, 1, 1_024, 1_025].map(writeUnits)).toEqual([1, 1, 1, 2]);
  });
});

describe("events", () => {
  it("of several commits share an item of the history: fewer write units than one for each", async () => {
    const commitCount = 12;
    const costs = await Promise.all(
      [{ journalDelayMs: 0 }, {}].map(async (options) => {
        const store = await server.openStore(options);
        for (let version = 1; version <= commitCount; version += 1) {
          await store.commit([
            {
              expected: version === 1 ? null : { incarnation: INCARNATION, version: version - 1 },
              next: { playerId: "ada", incarnation: INCARNATION, version, bytes: new Uint8Array(300) },
              events: [{ number: version, bytes: new Uint8Array(50) }],
            },
          ]);
          // Without a delay each commit's events go on their own.
          if (options.journalDelayMs === 0) await store.flush();
        }
        await store.flush();
        const { writeUnits: units = 0 } = store.stats().database ?? {};
        await store.close();
        return units;
      }),
    );
    console.log(`write units of ${commitCount} commits with an event each: ${costs.join(" and ")}`);
    // The last three find more than a write unit in the record; one item of the history takes them all.
    expect(costs).toEqual([2 * commitCount, commitCount + 3 + 1]);
  });
});

describe("what an operation costs", () => {
  it("is what docs/dynamodb.md says, for the record that the budget names", async () => {
    const bytes = encodeRecord(TYPICAL, SHIPPED_TIMELINE.catalogs);
    const store = await server.openStore({ journalDelayMs: 0 });
    const rows: string[] = [];
    let last = { readUnits: 0, writeUnits: 0 };
    const cost = async (what: string, run: () => Promise<unknown>): Promise<void> => {
      await run();
      const { readUnits = 0, writeUnits: written = 0 } = store.stats().database ?? {};
      rows.push(`| ${what} | ${readUnits - last.readUnits} | ${written - last.writeUnits} |`);
      last = { readUnits, writeUnits: written };
    };
    const write = (
      version: number,
      events: readonly { number: number; bytes: Uint8Array }[],
      mark = false,
    ) => ({
      expected: version === 1 ? null : { incarnation: INCARNATION, version: version - 1 },
      next: { playerId: PLAYER_ID, incarnation: INCARNATION, version, bytes },
      events,
      ...(mark && { mark: new Uint8Array(40) }),
    });
    const eventsOf = (first: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ number: first + index, bytes: new Uint8Array(60) }));

    await cost("a commit without events", async () => store.commit([write(1, [])]));
    await cost("its mark, once a minute at most", async () => {
      await store.commit([write(2, [], true)]);
      last = { ...last, writeUnits: store.stats().database?.writeUnits ?? 0 };
      await store.flush();
    });
    await cost("a commit with one event of 60 bytes", async () => store.commit([write(3, eventsOf(1, 1))]));
    await cost("moving events of one commit or of several, 1 KiB together", async () => store.flush());
    await cost("a commit with five events of 60 bytes", async () => store.commit([write(4, eventsOf(2, 5))]));
    await cost("a commit that takes moved events out of the record", async () => {
      await store.flush();
      last = { ...last, writeUnits: store.stats().database?.writeUnits ?? 0 };
      await store.commit([write(5, [])]);
    });
    await cost("a read before a commit (strong)", async () => store.read([PLAYER_ID]));
    await cost("a read that may be told late (eventual)", async () =>
      store.read([PLAYER_ID], { consistency: "eventual" }),
    );
    await cost("a page of the journal", async () =>
      store.readEvents({ playerId: PLAYER_ID, incarnation: INCARNATION, afterNumber: 0, limit: 50 }),
    );
    await cost("a snapshot", async () => {
      const { next: record } = write(5, []);
      await store.putSnapshots([{ record, eventCount: 6, atMs: Date.now() }]);
      await store.flush();
    });
    await cost("looking at the timeline", async () => store.readTimeline());
    await store.close();
    console.log(rows.join("\n"));
    const page = readFileSync(new URL("../../../../../docs/dynamodb.md", import.meta.url), "utf8");
    for (const row of rows) expect(page).toContain(row);
  });
});
