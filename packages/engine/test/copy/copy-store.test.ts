import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { copyStore } from "../../src/copy/index.js";
import type { Store } from "../../src/ports.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock } from "../../src/testing/index.js";
import { seededRandom } from "../store/seeded-random.js";
import { temporaryFolder } from "../store/temporary-folder.js";
import { enqueue, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { liveAtRandom } from "../support/random-life.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const PLAYERS = 130;
const MAX_RUNS = 500;

const clock = createManualClock(START_MS);
/** The players' lives together take longer than a journal is kept by default. */
const times = { clock, journalRetentionMs: 3_650 * 86_400_000 };

/** Players with lives behind them, two catalogs, and a damaged record in quarantine. */
async function lived(name: string): Promise<Store> {
  const store = createMemoryStore(times);
  const random = seededRandom(name);
  const { engine } = await openEngine({
    store,
    clock,
    isDevelopment: true,
    snapshots: { everyCommits: 5, everyMs: 86_400_000 },
  });
  for (let player = 0; player < PLAYERS; player += 1) {
    await engine.read(`player-${player}`, OWN);
    await liveAtRandom({ engine, clock, random, playerId: `player-${player}` }, 6);
  }
  await engine.catalogs.propose({
    ...TICK_CATALOG,
    name: "tock",
    items: { ...TICK_CATALOG.items, coal: {} },
  });
  await store.flush();
  const [record] = await store.read(["player-7"]);
  if (record !== null && record !== undefined) await store.quarantine(record, "for the test", 5);
  return store;
}

async function openLmdb(): Promise<Store> {
  const temporary = temporaryFolder();
  const store = await openLmdbStore({ folder: join(temporary.path, "data"), ...times });
  onTestFinished(async () => {
    await store.close();
    temporary.remove();
  });
  return store;
}

describe("copying a store", () => {
  it("moves players, journals, marks, snapshots, catalogs and the quarantine, and back again", async () => {
    const from = await lived("copying a store there and back");
    const embedded = await openLmdb();
    const report = await copyStore({ from, to: embedded });
    expect(report).toMatchObject({
      players: PLAYERS,
      copied: PLAYERS,
      catalogs: 2,
      quarantined: 1,
      compared: PLAYERS,
      differing: 0,
      differences: [],
    });
    expect(report.events).toBeGreaterThan(PLAYERS);
    expect(report.snapshots).toBeGreaterThanOrEqual(PLAYERS);
    const back = createMemoryStore(times);
    expect(await copyStore({ from: embedded, to: back })).toMatchObject({ copied: PLAYERS, differing: 0 });
    const { engine } = await openEngine({ store: back, clock });
    const { result } = await engine.apply("player-3", enqueue("mine"), OWN);
    expect(result.tasks).toHaveLength(1);
  });

  it("goes on where it was stopped, however often it is stopped, and copies nothing twice", async () => {
    const from = await lived("copying a store with stops");
    const to = createFaultStore({
      store: createMemoryStore(times),
      seed: 5,
      rates: { before: 0.02, after: 0.02 },
      calls: ["importEvents", "putSnapshots", "commit"],
    });
    let stops = 0;
    let report = null;
    for (let run = 0; run < MAX_RUNS && report === null; run += 1) {
      try {
        report = await copyStore({ from, to });
      } catch (error) {
        expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
        stops += 1;
      }
    }
    expect(stops).toBeGreaterThan(3);
    expect(report).toMatchObject({ players: PLAYERS, differing: 0 });
    to.setRates({});
    expect(await copyStore({ from, to })).toMatchObject({ copied: 0, events: 0, differing: 0 });
  });

  it("brings an older copy up to date, and never replaces a newer one or another player", async () => {
    const from = await lived("copying a store again");
    const to = createMemoryStore(times);
    await copyStore({ from, to });
    const source = await openEngine({ store: from, clock });
    await source.engine.apply("player-1", enqueue("mine"), OWN);
    const target = await openEngine({ store: to, clock });
    await target.engine.apply("player-2", enqueue("mine"), OWN);
    await from.flush();
    const before = await to.read(["player-2"]);
    const report = await copyStore({ from, to });
    expect(report).toMatchObject({ copied: 1, differing: 1 });
    expect(report.differences).toMatchObject([
      { playerId: "player-2", what: expect.stringContaining("version") },
    ]);
    expect(await to.read(["player-2"])).toEqual(before);
  });

  it("finds every kind of difference", async () => {
    const from = await lived("comparing a copy");
    const kept = createMemoryStore(times);
    await copyStore({ from, to: kept });
    const changes: Readonly<Record<string, Partial<Store>>> = {
      "is missing": {
        read: async (ids) => ids.map(() => null),
        commit: async () => [{ status: "conflict" }],
      },
      "other bytes": {
        read: async (ids) =>
          (await kept.read(ids)).map(
            (found) => found && { ...found, bytes: Uint8Array.of(1), version: found.version },
          ),
      },
      "the journal has": { readEvents: async (query) => (await kept.readEvents(query)).slice(1) },
      "event 1 is another": {
        readEvents: async (query) =>
          (await kept.readEvents(query)).map((event) => ({ ...event, bytes: Uint8Array.of(1) })),
      },
      "mark is missing": { readMark: async () => null },
      snapshot: { readSnapshots: async () => [] },
      "mark is another": {
        readMark: async (player) => {
          const mark = await kept.readMark(player);
          return mark && { ...mark, version: mark.version + 1 };
        },
      },
    };
    for (const [what, change] of Object.entries(changes)) {
      const report = await copyStore({ from, to: { ...kept, ...change } });
      expect(report.differing, what).toBeGreaterThan(0);
      expect(
        report.differences.some((difference) => difference.what.includes(what)),
        what,
      ).toBe(true);
    }
  });

  it("copies history again that never arrived, though the record did", async () => {
    const from = await lived("a history that was lost on the way");
    const whole = createMemoryStore(times);
    let isLost = true;
    const to: Store = {
      ...whole,
      putSnapshots: async (snapshots) => (isLost ? undefined : whole.putSnapshots(snapshots)),
      importMark: async (player, mark) => (isLost ? undefined : whole.importMark(player, mark)),
    };
    expect(await copyStore({ from, to })).toMatchObject({ copied: PLAYERS, differing: PLAYERS });
    isLost = false;
    expect(await copyStore({ from, to })).toMatchObject({ copied: 0, compared: PLAYERS, differing: 0 });
  });

  it("takes what has expired in the source meanwhile for no difference", async () => {
    const own = createManualClock(START_MS);
    const old = { clock: own, journalRetentionMs: 86_400_000 };
    const from = createMemoryStore(old);
    const { engine } = await openEngine({ store: from, clock: own });
    await engine.apply("ada", enqueue("mine"), OWN);
    own.advance(80_000_000);
    const to = createMemoryStore(old);
    await copyStore({ from, to });
    own.advance(10_000_000);
    await engine.apply("ada", enqueue("mine"), OWN);
    await from.flush();
    expect(await copyStore({ from, to })).toMatchObject({ copied: 1, differing: 0 });
  });

  it("tells of a record that has lost its version, and copies the others", async () => {
    const whole = await lived("a record without a version");
    const from: Store = {
      ...whole,
      async listRecords(query) {
        const page = await whole.listRecords(query);
        const records = page.records.map((record) =>
          record.playerId === "player-0" ? { ...record, version: 0, bytes: new Uint8Array(0) } : record,
        );
        return { ...page, records };
      },
    };
    const report = await copyStore({ from, to: await openLmdb() });
    expect(report).toMatchObject({ copied: PLAYERS - 1, differing: 1 });
    expect(report.differences).toEqual([
      { playerId: "player-0", what: "the record is damaged: restore it, then copy again" },
    ]);
  });

  it("refuses a target that went another way with its catalogs", async () => {
    const from = await lived("copying into another game");
    const other = await openEngine({
      catalog: { ...TICK_CATALOG, kinds: ["harvest", "craft", "combat"] },
      clock,
    });
    await expect(copyStore({ from, to: other.store })).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
  });
});
