/** What a commit answers when the wire fails it, fault by fault; and what it does with items that somebody changed by hand. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RecordWrite } from "../../../src/ports.js";
import { MAX_PENDING_BYTES, MAX_PENDING_WRITES } from "../../../src/store/dynamodb/index.js";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { type Fault, type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { rawItems } from "./raw-items.js";
import { INCARNATION, journalOf, numbersOf, writeOf } from "./writes.js";

let server: DynaliteServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startDynalite();
  proxy = await startFaultProxy({ port: server.port, random: seededRandom("commits under faults") });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

const COMMITTED = { status: "committed" };
const CONFLICT = { status: "conflict" };

async function openStore(options: object = {}) {
  proxy.clear();
  const pool = { connectionTimeoutMs: 300 };
  return server.openStore({ endpoint: proxy.endpoint, pool, random: () => 0, ...options });
}

function times(count: number, fault: Fault): readonly Fault[] {
  return Array.from({ length: count }, () => fault);
}

describe("a commit", () => {
  it.each<readonly Fault[]>([
    ["failAfter"],
    ["resetAfter"],
    ["hangAfter"],
    ["duplicate"],
    ["failBefore"],
    ["resetBefore"],
    ["throttle", "throttle", "throttle"],
    ["late"],
    ["failBefore", "failAfter"],
    ["throttle", "resetAfter"],
    ["late", "late", "duplicate"],
  ])("that meets %s, %s, %s is committed once, and says so", async (...faults) => {
    const store = await openStore();
    await store.commit([writeOf(1, { eventCount: 1 })]);
    proxy.plan("UpdateItem", ...faults.filter((fault) => fault !== undefined));
    expect(await store.commit([writeOf(2, { eventCount: 1, firstNumber: 2 })])).toEqual([COMMITTED]);
    expect((await store.read(["ada"]))[0]?.version).toBe(2);
    expect(await numbersOf(store)).toEqual([1, 2]);
    await store.close();
  });

  it.each<Fault>(["failAfter", "resetAfter", "duplicate", "hangAfter"])(
    "that makes a player, and meets %s, made it once",
    async (fault) => {
      const store = await openStore();
      proxy.plan("UpdateItem", fault);
      expect(await store.commit([writeOf(1)])).toEqual([COMMITTED]);
      expect(await store.commit([writeOf(1)])).toEqual([CONFLICT]);
      await store.close();
    },
  );

  it("that is throttled again and again is OVERLOADED: nothing was written, and nothing will be", async () => {
    const store = await openStore();
    proxy.plan("UpdateItem", ...times(50, "throttle"));
    const before = proxy.operations.length;
    await expect(store.commit([writeOf(1)])).rejects.toMatchObject({
      code: "OVERLOADED",
      message: expect.stringContaining("more than its provisioned capacity") as string,
    });
    expect(proxy.operations.slice(before)).toEqual(times(6, "UpdateItem" as Fault));
    proxy.clear();
    expect(await store.read(["ada"])).toEqual([null]);
    expect(store.stats().database?.throttles).toBe(6);
    await store.close();
  });

  it("of which others in the call were written is STORE_UNAVAILABLE, however surely it was not itself", async () => {
    const store = await openStore();
    await store.commit([writeOf(1)]);
    proxy.plan("UpdateItem", null, ...times(6, "throttle"));
    await expect(store.commit([writeOf(2), writeOf(3)])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect((await store.read(["ada"]))[0]?.version).toBe(2);
    await store.close();
  });

  it("that nobody can tell about is STORE_UNAVAILABLE", async () => {
    const store = await openStore();
    await store.commit([writeOf(1)]);
    proxy.plan("UpdateItem", "failAfter");
    proxy.plan("GetItem", ...times(20, "failBefore"));
    await expect(store.commit([writeOf(2)])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    proxy.clear();
    expect((await store.read(["ada"]))[0]?.version).toBe(2);
    expect(await store.commit([writeOf(3)])).toEqual([COMMITTED]);
    await store.close();
  });

  it("that fails without end is STORE_UNAVAILABLE after a bounded number of requests", async () => {
    const store = await openStore();
    proxy.plan("UpdateItem", ...times(50, "failBefore"));
    await expect(store.commit([writeOf(1)])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    proxy.clear();
    expect(await store.commit([writeOf(1)])).toEqual([COMMITTED]);
    await store.close();
  });

  it("whose answer was lost is told from a rival's that came next", async () => {
    const tablePrefix = await server.newTables();
    const [store, rival] = [await openStore({ tablePrefix }), await server.openStore({ tablePrefix })];
    await store.commit([writeOf(1)]);
    proxy.plan("UpdateItem", "hangAfter");
    const underWay = store.commit([writeOf(2)]);
    await untilVersion(tablePrefix, "2");
    expect(await rival.commit([writeOf(3)])).toEqual([COMMITTED]);
    // Its nonce is the one before the rival's.
    expect(await underWay).toEqual([COMMITTED]);
    await store.close();
    await rival.close();
  });

  it("whose answer was lost so long ago that nobody can tell is STORE_UNAVAILABLE, never a guess", async () => {
    const tablePrefix = await server.newTables();
    const [store, rival] = [await openStore({ tablePrefix }), await server.openStore({ tablePrefix })];
    await store.commit([writeOf(1)]);
    proxy.plan("UpdateItem", "hangAfter");
    const underWay = store.commit([writeOf(2)]);
    await untilVersion(tablePrefix, "2");
    expect(await rival.commit([writeOf(3), writeOf(4)])).toEqual([COMMITTED, COMMITTED]);
    await expect(underWay).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await store.close();
    await rival.close();
  });

  it("keeps copies of a Buffer's bytes as well, whose slices are views", async () => {
    const store = await server.openStore();
    const bytes = Buffer.from("the record");
    const event = Buffer.from("the event");
    const mark = Buffer.from("the mark");
    const snapshot = Buffer.from("the snapshot");
    const write = writeOf(1);
    const call = store.commit([
      { ...write, next: { ...write.next, bytes }, events: [{ number: 1, bytes: event }], mark },
    ]);
    const record = { ...write.next, bytes: snapshot };
    const kept = store.putSnapshots([{ record, eventCount: 1, atMs: Date.now() }]);
    for (const given of [bytes, event, mark, snapshot]) given.fill(0);
    await Promise.all([call, kept]);
    await store.flush();
    const [one, same] = await store.read(["ada", "ada"]);
    one?.bytes.fill(0);
    expect(Buffer.from(same?.bytes ?? []).toString()).toBe("the record");
    const [found] = await journalOf(store);
    expect(Buffer.from(found?.bytes ?? []).toString()).toBe("the event");
    const [copy] = await store.readSnapshots({ playerId: "ada", limit: 1 });
    expect(Buffer.from(copy?.record.bytes ?? []).toString()).toBe("the snapshot");
    const readMark = await store.readMark({ playerId: "ada", incarnation: INCARNATION });
    expect(Buffer.from(readMark?.bytes ?? []).toString()).toBe("the mark");
    await store.close();
  });

  it.each([
    ["writes", MAX_PENDING_WRITES, 1],
    ["bytes", Math.ceil(MAX_PENDING_BYTES / 300_000), 300_000],
  ])(
    "past the bound of %s that wait is OVERLOADED, and nothing of its call is written",
    async (_, count, size) => {
      const store = await server.openStore();
      const bytes = Buffer.alloc(size);
      const many = Array.from({ length: count }, (__, index) => {
        const write = writeOf(1, { playerId: `player-${index}` });
        return { ...write, next: { ...write.next, bytes } };
      });
      await expect(store.commit([...many, writeOf(1)])).rejects.toMatchObject({ code: "OVERLOADED" });
      expect(await store.read(["player-0", "ada"])).toEqual([null, null]);
      expect(store.stats().pending).toBe(0);
      expect(await store.commit([writeOf(1)])).toEqual([COMMITTED]);
      await store.close();
    },
  );

  it("that is too large is RECORD_TOO_LARGE, and neither it nor its call is written", async () => {
    const store = await openStore();
    const call = store.commit([writeOf(1), writeOf(1, { playerId: "bob", recordBytes: 409_600 })]);
    await expect(call).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    const events = store.commit([writeOf(1, { eventCount: 1, eventBytes: 409_600 })]);
    await expect(events).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    expect(await store.read(["ada", "bob"])).toEqual([null, null]);
    await store.close();
  });
});

/** Waits by looking: what the store under test did is seen by another. */
async function untilVersion(tablePrefix: string, version: string): Promise<void> {
  const raw = rawItems(server.client(), tablePrefix);
  while ((await raw.player("ada"))["v"]?.N !== version);
}

describe("an item that somebody changed by hand", () => {
  const SOUND = {
    p: { S: "ada" },
    i: { N: String(INCARNATION) },
    v: { N: "3" },
    r: { B: Buffer.from("sound") },
  };
  const without = (...names: readonly string[]) =>
    Object.fromEntries(Object.entries(SOUND).filter(([name]) => !names.includes(name)));

  const VARIANTS = [
    { item: without("i"), reads: { incarnation: 0, version: 3 } },
    { item: without("v"), reads: { incarnation: INCARNATION, version: 0 } },
    { item: without("i", "v", "r"), reads: { incarnation: 0, version: 0, bytes: "" } },
    { item: { ...SOUND, i: { S: "text" } }, reads: { incarnation: 0, version: 3 } },
    { item: { ...SOUND, v: { N: "-1" } }, reads: { incarnation: INCARNATION, version: 0 } },
    { item: { ...SOUND, v: { N: "1.5" } }, reads: { incarnation: INCARNATION, version: 0 } },
    { item: { ...SOUND, i: { N: "99999999999999999999" } }, reads: { incarnation: 0, version: 3 } },
    { item: { ...SOUND, v: { BOOL: true } }, reads: { incarnation: INCARNATION, version: 0 } },
    { item: { ...SOUND, r: { S: "text" } }, reads: { incarnation: INCARNATION, version: 3, bytes: "" } },
    { item: { ...SOUND, n: { S: "text" }, m: { N: "1" } }, reads: { incarnation: INCARNATION, version: 3 } },
    { item: { ...SOUND, more: { S: "of it" } }, reads: { incarnation: INCARNATION, version: 3 } },
  ];

  it.each(VARIANTS)(
    "to $item is read as $reads, and can be put aside and replaced",
    async ({ item, reads }) => {
      const tablePrefix = await server.newTables();
      const raw = rawItems(server.client(), tablePrefix);
      const store = await server.openStore({ tablePrefix });
      await raw.putPlayer(item);
      const [found] = await store.read(["ada"]);
      // Half of a record has no bytes: nobody shall take it for a whole one.
      const isWhole = reads.incarnation > 0 && reads.version > 0;
      const { bytes = isWhole ? "sound" : "", ...numbers } = reads;
      expect({ ...found, bytes: String(Buffer.from(found?.bytes ?? [])) }).toEqual({
        playerId: "ada",
        ...numbers,
        bytes,
      });
      expect((await store.listRecords({ after: null, limit: 9 })).records).toHaveLength(1);
      if (!found) return;
      await store.quarantine(found, "changed by hand", 1);
      expect((await store.quarantined(9)).map(({ record }) => record.version)).toEqual([found.version]);

      const wrong: RecordWrite = {
        ...writeOf(9),
        expected: { incarnation: found.incarnation, version: found.version + 1 },
      };
      expect(await store.commit([wrong])).toEqual([CONFLICT]);
      const { incarnation, version } = found;
      const repair: RecordWrite = { ...writeOf(9, { eventCount: 1 }), expected: { incarnation, version } };
      expect(await store.commit([repair])).toEqual([COMMITTED]);
      expect(await store.commit([repair])).toEqual([CONFLICT]);
      expect(await store.commit([writeOf(10)])).toEqual([COMMITTED]);
      expect(await numbersOf(store)).toEqual([1]);
      await store.close();
    },
  );

  it("so that its events can't be read is RECORD_CORRUPT for the journal, and no hindrance for a commit", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix });
    await store.commit([writeOf(1, { eventCount: 2 })]);
    const item = await raw.player("ada");
    const name = Object.keys(item).find((one) => one.startsWith("e")) ?? "";
    for (const damage of [{ B: Buffer.from([1, 2]) }, { S: "text" }, { B: Buffer.from([9]) }]) {
      await raw.putPlayer({ ...item, [name]: damage });
      await expect(numbersOf(store)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    }
    const again = await server.openStore({ tablePrefix });
    expect(await again.commit([writeOf(2, { eventCount: 1, firstNumber: 3 })])).toEqual([COMMITTED]);
    await again.close();
    await store.close();
  });

  it("while a process thinks that it knows it is met with a fresh look", async () => {
    const tablePrefix = await server.newTables();
    const raw = rawItems(server.client(), tablePrefix);
    const store = await server.openStore({ tablePrefix });
    await store.commit([writeOf(1)]);
    await store.commit([writeOf(2)]);
    // Someone puts a backup back.
    await raw.putPlayer({
      p: { S: "ada" },
      i: { N: String(INCARNATION) },
      v: { N: "1" },
      r: { B: Buffer.from("old") },
    });
    expect((await store.read(["ada"]))[0]?.version).toBe(1);
    expect(await store.commit([writeOf(2)])).toEqual([COMMITTED]);
    await store.close();
  });
});

describe("reads", () => {
  it("of many players share requests, and none is dropped that is left unprocessed", async () => {
    const store = await openStore();
    const ids = Array.from({ length: 150 }, (_, index) => `player-${index}`);
    await store.commit(ids.map((playerId) => writeOf(1, { playerId })));
    const before = proxy.operations.length;
    proxy.plan("BatchGetItem", ...times(6, "partial"));
    const found = await store.read([...ids, "nobody", ...ids.slice(0, 10)]);
    expect(found.map((record) => record?.playerId ?? null)).toEqual([...ids, null, ...ids.slice(0, 10)]);
    const asked = proxy.operations.slice(before);
    expect(new Set(asked)).toEqual(new Set(["BatchGetItem"]));
    expect(asked.length).toBeGreaterThan(2);
    await store.close();
  });

  it.each<Fault>(["throttle", "failBefore", "resetBefore", "hangAfter"])(
    "that meet %s are tried again, a bounded number of times",
    async (fault) => {
      const store = await openStore({ pool: { connectionTimeoutMs: 100 } });
      await store.commit([writeOf(1)]);
      proxy.plan("GetItem", fault, fault);
      expect((await store.read(["ada"]))[0]?.version).toBe(1);
      const before = proxy.operations.length;
      proxy.plan("GetItem", ...times(50, fault));
      const code = fault === "throttle" ? "OVERLOADED" : "STORE_UNAVAILABLE";
      await expect(store.read(["ada"])).rejects.toMatchObject({ code });
      expect(proxy.operations.length - before).toBe(8);
      proxy.clear();
      await store.close();
    },
  );
});
