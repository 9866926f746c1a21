import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Store, StoredRecord } from "../../src/ports.js";
import { RESTORED_VERSION_GAP } from "../../src/service/restore-player.js";
import { openEnvironment } from "../../src/store/lmdb/environment.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { seededRandom } from "../store/seeded-random.js";
import { temporaryFolder } from "../store/temporary-folder.js";
import { createGate, turns } from "../support/gate.js";
import { enqueue, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { liveAtRandom } from "../support/random-life.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const DAY_MS = 86_400_000;
const LIVES = 150;
const STEPS = 60;

async function stored(store: Store, playerId = "ada"): Promise<StoredRecord> {
  const [record] = await store.read([playerId]);
  if (record === undefined || record === null) throw new Error(`${playerId} is gone`);
  return { ...record, bytes: Uint8Array.from(record.bytes) };
}

/** Overwrites a record by hand, as somebody with access to the store could. */
async function damage(store: Store, playerId = "ada"): Promise<void> {
  const expected = await stored(store, playerId);
  const next = { ...expected, version: expected.version + 1, bytes: Uint8Array.of(1, 2, 3) };
  await store.commit([{ expected, next, events: [] }]);
}

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

describe("restoring a player", () => {
  it.each([
    ["each milestone is saved", "commit" as const],
    ["checkpoints are taken at intervals", { everyMs: 120_000 }],
  ])("gives back the record to the byte after any life, where %s", async (name, checkpoint) => {
    const random = seededRandom(`restoring where ${name}`);
    let played = 0;
    for (let life = 0; life < LIVES; life += 1) {
      const clock = createManualClock(START_MS);
      const store = createMemoryStore({ clock });
      const snapshots = { everyCommits: 7 + random.integer(60), everyMs: DAY_MS * (1 + random.integer(30)) };
      const { engine } = await openEngine({ store, clock, isDevelopment: true, checkpoint, snapshots });
      await engine.read("ada", OWN);
      await liveAtRandom({ engine, clock, random, playerId: "ada" }, STEPS / 2);
      await engine.catalogs.propose({
        ...TICK_CATALOG,
        name: "tock",
        items: { ...TICK_CATALOG.items, coal: {} },
      });
      await liveAtRandom({ engine, clock, random, playerId: "ada" }, STEPS / 2);
      await engine.events("ada");
      await store.flush();
      const before = await stored(store);
      await damage(store);
      await expect(engine.read("ada", OWN)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
      const restoration = await engine.restore("ada");
      const after = await stored(store);
      expect(after).toEqual({ ...before, version: before.version + 2 });
      expect(restoration.lastVersion).toBe(before.version);
      played += restoration.commits;
      await liveAtRandom({ engine, clock, random, playerId: "ada" }, 10);
      await engine.close();
    }
    expect(played).toBeGreaterThan(LIVES);
  });

  it("brings back a record that was deleted from the embedded store, under a version that was never used", async () => {
    const temporary = temporaryFolder();
    cleanups.push(() => temporary.remove());
    const folder = join(temporary.path, "data");
    const clock = createManualClock(START_MS);
    const random = seededRandom("a deleted record");
    const first = await openEngine({
      store: await openLmdbStore({ folder, clock }),
      clock,
      isDevelopment: true,
    });
    await first.engine.read("ada", OWN);
    await liveAtRandom({ engine: first.engine, clock, random, playerId: "ada" }, 200);
    await first.engine.read("ada");
    const before = await stored(first.store);
    await first.engine.close();

    const environment = await openEnvironment({ folder });
    await environment.tables.records.remove("ada");
    await environment.root.close();

    const { engine, store } = await openEngine({ store: await openLmdbStore({ folder, clock }), clock });
    await expect(engine.read("ada", OWN)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    await engine.restore("ada", { actor: "support", reason: "it was deleted" });
    expect(await stored(store)).toEqual({ ...before, version: before.version + RESTORED_VERSION_GAP });
    await engine.apply("ada", enqueue("mine"), OWN);
    await engine.close();
  });

  it("takes an older snapshot where the newest is damaged as well", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const { engine } = await openEngine({ store, clock, snapshots: { everyCommits: 2, everyMs: DAY_MS } });
    for (let round = 0; round < 3; round += 1) await engine.apply("ada", enqueue("mine"), OWN);
    await store.flush();
    const before = await stored(store);
    const [newest] = await store.readSnapshots({ playerId: "ada", limit: 1 });
    if (newest === undefined) throw new Error("no snapshot");
    await store.putSnapshots([{ ...newest, record: { ...newest.record, bytes: Uint8Array.of(9) } }]);
    await damage(store);
    const restoration = await engine.restore("ada");
    expect(restoration.snapshotVersion).toBeLessThan(newest.record.version);
    expect((await stored(store)).bytes).toEqual(before.bytes);
  });

  it("refuses what it can't do, and then changes nothing", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock, journalRetentionMs: DAY_MS });
    const { engine } = await openEngine({ store, clock });
    await expect(engine.restore("nobody")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    await expect(engine.restore("no body")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    await expect(engine.restore("ada")).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    await damage(store);
    const damaged = await stored(store);
    clock.advance(DAY_MS + 1);
    await expect(engine.restore("ada")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    expect(await stored(store)).toEqual(damaged);
  });

  it("puts aside what it replaces, and says how many commits are not known", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const { engine } = await openEngine({ store, clock });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    await store.flush();
    await damage(store);
    await damage(store);
    const damaged = await stored(store);
    const restoration = await engine.restore("ada");
    expect(restoration.missingCommits).toBe(2);
    expect((await store.quarantined(10)).map(({ record }) => record)).toEqual([damaged]);
  });

  it("doesn't stumble over a mark that it doesn't need", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const { engine } = await openEngine({ store, clock });
    await engine.read("ada", OWN);
    await engine.apply("ada", enqueue("mine", 5), OWN);
    const { incarnation } = await stored(store);
    await store.importMark({ playerId: "ada", incarnation }, { version: 1, bytes: Uint8Array.of(1, 2, 3) });
    await damage(store);
    expect((await engine.restore("ada")).commits).toBe(1);
  });

  it("has a snapshot of whoever comes by, also where nothing is queued", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const { engine } = await openEngine({ store, clock });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    for (let day = 0; day < 92; day += 1) {
      clock.advance(DAY_MS);
      await engine.read("ada", OWN);
    }
    const before = await stored(store);
    await damage(store);
    await engine.restore("ada");
    expect((await stored(store)).bytes).toEqual(before.bytes);
  });

  it("is asked for by everybody who looks for a player whose record is gone", async () => {
    const clock = createManualClock(START_MS);
    const memory = createMemoryStore({ clock });
    const { engine } = await openEngine({ store: memory, clock });
    await engine.read("ada", OWN);
    await memory.flush();
    const store: Store = { ...memory, read: async (ids) => ids.map(() => null) };
    const { engine: other } = await openEngine({ store, clock });
    for (const options of [OWN, {}]) {
      await expect(other.read("ada", options)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    }
  });

  it("is not asked for when two first requests come at once", async () => {
    const memory = createMemoryStore();
    const gate = createGate();
    let isSlow = true;
    const store: Store = {
      ...memory,
      async readSnapshots(query) {
        const isFirst = isSlow;
        isSlow = false;
        if (isFirst) await gate.passed;
        return memory.readSnapshots(query);
      },
    };
    const { engine } = await openEngine({ store });
    const first = engine.read("ada", OWN);
    await turns();
    await engine.read("ada", OWN);
    await turns();
    gate.open();
    expect((await first).version).toBe(1);
  });

  it("refuses a journal with a gap, and one that says something else than comes out", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const readEvents = store.readEvents.bind(store);
    let change: (events: Awaited<ReturnType<Store["readEvents"]>>) => typeof events = (events) => events;
    const odd: Store = { ...store, readEvents: async (query) => change(await readEvents(query)) };
    const { engine } = await openEngine({ store: odd, clock });
    await engine.read("ada", OWN);
    await engine.apply("ada", enqueue("mine", 5), OWN);
    await engine.apply("ada", { type: "pause" }, OWN);
    await damage(store);
    change = (events) => events.slice(1);
    await expect(engine.restore("ada")).rejects.toThrow(/event 1 is missing/);
    change = (events) =>
      events.slice(0, -1).concat(events.slice(0, 1).map((event) => ({ ...event, number: 3 })));
    await expect(engine.restore("ada")).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    change = (events) => events;
    await engine.restore("ada");
    expect((await engine.read("ada")).state.lanes[0].paused).not.toBeNull();
  });

  it("remembers keys: a command from before is a repeat after", async () => {
    const clock = createManualClock(START_MS);
    const store = createMemoryStore({ clock });
    const { engine } = await openEngine({ store, clock });
    const gift = { type: "adjust", adjust: { items: { ore: 3 } } } as const;
    await engine.read("ada", OWN);
    await engine.apply("ada", gift, { key: "quest-7" });
    await damage(store);
    await engine.restore("ada");
    const again = await engine.apply("ada", gift, { key: "quest-7" });
    expect(again.isReplayed).toBe(true);
    expect(again.view.state.items.get("ore")).toBe(3);
  });
});
