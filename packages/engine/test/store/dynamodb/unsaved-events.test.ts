/** Events on their way: first in the record, then in the history, seen once wherever they are, and never too many in the record. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_UNSAVED_EVENTS } from "../../../src/store/dynamodb/index.js";
import { createManualClock } from "../../../src/testing/index.js";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { rawItems } from "./raw-items.js";
import { countTo, INCARNATION, journalOf, numbersOf, writeOf } from "./writes.js";

let server: DynaliteServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startDynalite();
  proxy = await startFaultProxy({ port: server.port, random: seededRandom("unsaved events") });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

/** Nobody waits between two tries. */
const atOnce = { random: () => 0 };

function chunkNames(item: object): readonly string[] {
  return Object.keys(item).filter((name) => name.startsWith("e"));
}

describe("events of a commit", () => {
  it("lie in the record until a later commit finds that the history has them", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix });
    await store.commit([writeOf(1, { eventCount: 2 })]);
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    expect(await raw.history("ada")).toEqual([]);
    expect(store.stats().database?.unsavedEvents).toBe(2);

    await store.flush();
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    expect(await raw.history("ada")).toHaveLength(1);
    expect(store.stats().database?.unsavedEvents).toBe(0);
    expect(await numbersOf(store)).toEqual(countTo(2));

    await store.commit([writeOf(2, { eventCount: 1, firstNumber: 3 })]);
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    expect(await numbersOf(store)).toEqual(countTo(3));
    await store.close();
  });

  it("go to the history when their time has come, those of several commits in one item", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const clock = createManualClock();
    const store = await server.openStore({ tablePrefix, clock, timers: clock, journalDelayMs: 30_000 });
    for (let version = 1; version <= 5; version += 1) {
      await store.commit([writeOf(version, { eventCount: 2, firstNumber: 2 * version - 1 })]);
    }
    clock.advance(29_999);
    await store.read(["ada"]);
    expect(await raw.history("ada")).toEqual([]);
    clock.advance(1);
    await store.flush();
    const items = await raw.history("ada");
    expect(items).toHaveLength(1);
    const expiry = Math.ceil((clock.nowMs() - 30_000 + 90 * 86_400_000) / 1_000);
    expect(items[0]?.["x"]).toEqual({ N: String(expiry) });
    await store.close();
  });

  it("go at once when they fill a write unit", async () => {
    const tablePrefix = await server.newTables();
    const clock = createManualClock();
    const store = await server.openStore({ tablePrefix, clock, timers: clock });
    await store.commit([writeOf(1, { eventCount: 10, eventBytes: 100 })]);
    // It lingers there for as long as a batch may take to fill, and no more.
    clock.advance(1_000);
    await store.flush();
    expect(store.stats().database?.requests["BatchWriteItem"]).toBe(1);
    await store.close();
  });

  it("of a process that is gone are found, shown and moved by whoever commits next", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const gone = await server.openStore({ tablePrefix });
    await gone.commit([writeOf(1, { eventCount: 3 })]);
    await gone.commit([writeOf(2, { eventCount: 1, firstNumber: 4 })]);

    const store = await server.openStore({ tablePrefix });
    expect(await numbersOf(store)).toEqual(countTo(4));
    // Without having read the record, even.
    await store.commit([writeOf(3)]);
    await store.flush();
    expect(await raw.history("ada")).toHaveLength(1);
    await store.commit([writeOf(4)]);
    expect(chunkNames(await raw.player("ada"))).toEqual([]);
    expect(await numbersOf(store)).toEqual(countTo(4));
    await store.close();
    // What it does too late changes nothing.
    await gone.close();
    expect((await raw.history("ada")).length).toBeGreaterThanOrEqual(1);
  });

  it("are shown once, however two processes cut them into items", async () => {
    const tablePrefix = await server.newTables();
    const one = await server.openStore({ tablePrefix });
    await one.commit([writeOf(1, { eventCount: 3 })]);
    const other = await server.openStore({ tablePrefix });
    await other.commit([writeOf(2, { eventCount: 2, firstNumber: 4 })]);
    await one.flush();
    await other.flush();
    await other.commit([writeOf(3)]);
    for (let afterNumber = 0; afterNumber <= 5; afterNumber += 1) {
      for (let limit = 1; limit <= 6; limit += 1) {
        const query = { playerId: "ada", incarnation: INCARNATION, afterNumber, limit };
        const found = (await other.readEvents(query)).map(({ number }) => number);
        expect(found).toEqual(countTo(5).slice(afterNumber, afterNumber + limit));
      }
    }
    await one.close();
    await other.close();
  });
});

describe("a record with as many events as it may hold", () => {
  it("waits for the history to take them, and is relieved of them by the same commit", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix });
    await store.commit([writeOf(1, { eventCount: MAX_UNSAVED_EVENTS - 1, eventBytes: 5 })]);
    expect(await raw.history("ada")).toEqual([]);
    await store.commit([writeOf(2, { eventCount: 2, firstNumber: MAX_UNSAVED_EVENTS })]);
    expect((await raw.history("ada")).length).toBeGreaterThanOrEqual(1);
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    expect(await numbersOf(store)).toEqual(countTo(MAX_UNSAVED_EVENTS + 1));
    await store.close();
  });

  it("is not written when the history can't be: STORE_UNAVAILABLE, and goes on later", async () => {
    const store = await server.openStore({ endpoint: proxy.endpoint, ...atOnce, journalDelayMs: 1_000_000 });
    await store.commit([writeOf(1, { eventCount: 40, eventBytes: 5 })]);
    proxy.plan("BatchWriteItem", ...Array.from({ length: 200 }, () => "throttle" as const));
    const second = writeOf(2, { eventCount: 30, firstNumber: 41, eventBytes: 5 });
    await expect(store.commit([second])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect((await store.read(["ada"]))[0]?.version).toBe(1);
    expect(await numbersOf(store)).toEqual(countTo(40));
    // A commit without so many goes through all the same.
    expect(await store.commit([writeOf(2, { eventCount: 1, firstNumber: 41 })])).toEqual([
      { status: "committed" },
    ]);
    proxy.clear();
    expect(await store.commit([writeOf(3, { eventCount: 30, firstNumber: 42 })])).toEqual([
      { status: "committed" },
    ]);
    expect(await numbersOf(store)).toEqual(countTo(71));
    await store.close();
  });

  it("counts bytes as well, of whoever left them there", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const gone = await server.openStore({
      tablePrefix,
      journalDelayMs: 1_000_000,
      batch: { batchTimeoutMs: 1_000_000 },
    });
    await gone.commit([writeOf(1, { eventCount: 2, eventBytes: 3_900 })]);
    expect(await raw.history("ada")).toEqual([]);
    const store = await server.openStore({ tablePrefix, journalDelayMs: 1_000_000 });
    await store.commit([writeOf(2, { eventCount: 1, firstNumber: 3, eventBytes: 500 })]);
    expect((await raw.history("ada")).length).toBeGreaterThanOrEqual(1);
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    await store.close();
    await gone.close();
  });
});

describe("more events than a record may hold, in one commit", () => {
  it("are written ahead of it, seen with it, and moved to their place afterwards", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix });
    await store.commit([writeOf(1, { eventCount: 200, eventBytes: 100 })]);
    const ahead = await raw.history("ada");
    expect(ahead.every(({ k }) => k?.S?.startsWith("w"))).toBe(true);
    expect(await numbersOf(store)).toEqual(countTo(200));
    await store.flush();
    await store.commit([writeOf(2)]);
    expect(chunkNames(await raw.player("ada"))).toEqual([]);
    expect(await numbersOf(store)).toEqual(countTo(200));
    await store.close();
  });

  it("of a process that is gone are moved by whoever comes next, who has never seen them", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const gone = await server.openStore({ tablePrefix });
    await gone.commit([writeOf(1, { eventCount: 200, eventBytes: 100 })]);
    const store = await server.openStore({ tablePrefix });
    expect(await numbersOf(store)).toEqual(countTo(200));
    await store.commit([writeOf(2)]);
    await store.flush();
    await store.commit([writeOf(3)]);
    expect(chunkNames(await raw.player("ada"))).toEqual([]);
    expect(await numbersOf(store)).toEqual(countTo(200));
    await store.close();
    await gone.close();
  });

  it("of the one who loses a race are never seen, and expire", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const clock = createManualClock();
    const stores = [
      await server.openStore({ tablePrefix, clock }),
      await server.openStore({ tablePrefix, clock }),
    ];
    const outcomes = await Promise.all(
      stores.map(async (store, index) =>
        store.commit([writeOf(1, { eventCount: 200, eventBytes: 100, label: `rival ${index} ` })]),
      ),
    );
    const statuses = outcomes.flat().map(({ status }) => status);
    expect([...statuses].sort()).toEqual(["committed", "conflict"]);
    const winner = statuses.indexOf("committed");
    for (const store of stores) {
      await store.flush();
      const texts = (await journalOf(store)).map(({ bytes }) => Buffer.from(bytes).toString());
      expect(texts).toHaveLength(200);
      expect(texts.every((text) => text.startsWith(`rival ${winner} `))).toBe(true);
    }
    const items = await raw.history("ada");
    expect(new Set(items.flatMap(({ k }) => /^w.*-/.exec(k?.S ?? "")?.[0] ?? [])).size).toBe(2);
    const expiry = String(Math.ceil((clock.nowMs() + 90 * 86_400_000) / 1_000));
    expect(items.every(({ x }) => x?.N === expiry)).toBe(true);
    for (const store of stores) await store.close();
  });

  it("that expired where they were written ahead stop nobody from going on", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const clock = createManualClock();
    const gone = await server.openStore({ tablePrefix, clock, journalRetentionMs: 3_600_000 });
    await gone.commit([writeOf(1, { eventCount: 200, eventBytes: 100 })]);
    clock.advance(7_200_000);
    await raw.clearHistory("ada");
    const store = await server.openStore({ tablePrefix, clock, journalRetentionMs: 3_600_000 });
    expect(await numbersOf(store)).toEqual([]);
    await store.commit([writeOf(2, { eventCount: 1, firstNumber: 201 })]);
    expect(chunkNames(await raw.player("ada"))).toHaveLength(1);
    expect(await numbersOf(store)).toEqual([201]);
    await store.close();
    await gone.close();
  });
});
