/** Over a cache that may be behind: other instances have gone on, and this one's cache hasn't heard of it. */
import type { Command } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import type { ApplyOptions, Engine } from "../../src/engine.js";
import { isOlder } from "../../src/cache/stamp.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { seededRandom } from "../store/seeded-random.js";
import { enqueue, type OpenEngineOptions, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { createRememberingStore } from "../support/remembering-store.js";

/** Two instances on one store: `here` with a cache, `there` without. Ada has a queue, and `here` has read it. */
async function openTwo(options: Pick<OpenEngineOptions, "checkpoint"> = {}) {
  const clock = createManualClock(START_MS);
  const memory = createMemoryStore({ clock });
  const cache = createRememberingStore(memory);
  const { engine: here } = await openEngine({ ...options, store: cache, clock });
  const { engine: there } = await openEngine({ ...options, store: memory, clock });
  await here.apply("ada", enqueue("mine", 1_000), OWN);
  await here.read("ada", OWN);
  cache.growOld();
  cache.takeStoreReads();
  return { here, there, memory, cache, clock };
}

const fenceOf = ({ incarnation, version }: { incarnation: number; version: number }) => ({
  atLeast: { incarnation, version },
});

describe("a read over a cache", () => {
  it("takes what the cache has, and asks the store when it is told to", async () => {
    const { here, there, cache } = await openTwo();
    const { view } = await there.apply("ada", { type: "pause" });
    expect((await here.read("ada")).version).toBe(view.version - 1);
    expect(cache.takeStoreReads()).toEqual([]);
    expect((await here.read("ada", { consistency: "strong" })).version).toBe(view.version);
    // From then on nothing older, whatever the cache says.
    expect((await here.read("ada")).version).toBe(view.version);
  });

  it("is never older than the session demands, even from a cache that doesn't heed it", async () => {
    for (const heeds of [true, false]) {
      const { here, there, cache } = await openTwo();
      if (!heeds) cache.ignoreDemands();
      const { view } = await there.apply("ada", { type: "pause" });
      expect((await here.read("ada", fenceOf(view))).version).toBe(view.version);
    }
  });

  it("is never older than demanded from a replica either", async () => {
    const memory = createMemoryStore();
    let late = await memory.read(["ada"]);
    const { engine: there, clock } = await openEngine({ store: memory });
    const { engine: here } = await openEngine({
      clock,
      store: {
        ...memory,
        read: async (ids, options) =>
          options?.consistency === "eventual" ? late : memory.read(ids, options),
      },
    });
    await there.apply("ada", enqueue("mine", 5), OWN);
    late = await memory.read(["ada"]);
    const { view } = await there.apply("ada", { type: "pause" });
    const eventual = { consistency: "eventual" } as const;
    expect((await here.read("ada", eventual)).version).toBe(view.version - 1);
    expect((await here.read("ada", { ...eventual, ...fenceOf(view) })).version).toBe(view.version);
  });

  it("says so when the store itself has nothing so new, with and without a cache", async () => {
    const { here, there } = await openTwo();
    const { incarnation, version } = await there.read("ada");
    for (const engine of [here, there]) {
      for (const consistency of ["cached", "strong", "eventual"] as const) {
        await expect(
          engine.read("ada", { consistency, atLeast: { incarnation, version: version + 1 } }),
        ).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
      }
      await expect(
        engine.read("bob", { ...OWN, atLeast: { incarnation: START_MS + 1, version: 1 } }),
      ).rejects.toMatchObject({ code: "VERSION_CONFLICT" });
    }
  });

  it("saves a milestone from the cache's record under its version, and from the store's own when that conflicts", async () => {
    const { here, there, cache, clock } = await openTwo();
    clock.advance(1_000);
    expect((await here.read("ada", OWN)).state.items.get("ore")).toBe(1);
    expect(cache.takeStoreReads()).toEqual([]);
    cache.catchUp();
    await here.read("ada");
    cache.growOld();
    await there.apply("ada", { type: "cancel", task: 1 });
    clock.advance(5_000);
    cache.takeStoreReads();
    const shown = await here.read("ada", OWN);
    expect(shown.state.items.get("ore")).toBe(1);
    expect(shown.state.lanes[0].tasks).toEqual([]);
    expect(cache.takeStoreReads()).toEqual(["ada"]);
  });

  it("doesn't take a damaged copy for a damaged record", async () => {
    const { here, cache, memory } = await openTwo();
    const [record] = await memory.read(["ada"]);
    if (record === undefined || record === null) throw new Error("no record");
    // Of a version that this process hasn't decoded.
    cache.plant("ada", { ...record, version: record.version + 1, bytes: record.bytes.slice(0, 9) });
    expect((await here.read("ada")).version).toBe(record.version);
    expect(await memory.quarantined(10)).toEqual([]);
    expect(here.performance().serviceStats.quarantined).toBe(0);
  });
});

describe("a read over a plain store", () => {
  it("asks it once, also when time has brought something that isn't saved", async () => {
    const { engine, store, clock } = await openEngine({ checkpoint: { everyMs: 3_600_000 } });
    await engine.apply("ada", enqueue("mine", 1_000), OWN);
    for (let second = 1; second <= 10; second += 1) {
      clock.advance(1_000);
      const { reads } = store.stats();
      await engine.read("ada", OWN);
      expect(store.stats().reads).toBe(reads + 1);
    }
  });

  it("makes the player anew for a session that has seen an earlier one", async () => {
    const { engine } = await openEngine();
    const seen = { incarnation: START_MS - 1, version: 9 };
    expect((await engine.read("ada", { ...OWN, atLeast: seen })).version).toBe(1);
    const first = { incarnation: START_MS, version: 1 };
    expect(await engine.read("bob", { ...OWN, atLeast: first })).toMatchObject(first);
  });
});

describe("a cache that knows of no player", () => {
  it("makes nobody a second time", async () => {
    const { here, there, cache } = await openTwo();
    cache.plant("bob", null);
    const made = await there.read("bob", OWN);
    const shown = await here.read("bob", OWN);
    expect(shown).toMatchObject(fenceOf(made).atLeast);
  });

  it("refuses no command of an administrator for a player who was made elsewhere", async () => {
    const { here, there, cache } = await openTwo();
    cache.plant("bob", null);
    await there.read("bob", OWN);
    await here.apply("bob", { type: "pause" });
    cache.plant("eve", null);
    await expect(here.apply("eve", { type: "pause" })).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
  });

  it("costs no query each time that an administrator asks for nobody, and still tells of a lost record", async () => {
    const { here, cache, memory, clock } = await openTwo();
    cache.plant("bob", null);
    const before = cache.snapshotReads();
    for (let asked = 0; asked < 50; asked += 1) {
      await expect(here.read("bob")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    }
    expect(cache.snapshotReads()).toBe(before + 1);
    expect(cache.takeStoreReads()).toEqual([]);
    const lost = { playerId: "bob", incarnation: 1, version: 1, bytes: Uint8Array.of(1) };
    await memory.putSnapshots([{ record: lost, eventCount: 0, atMs: START_MS }]);
    await expect(here.read("bob", OWN)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
    clock.advance(5_000);
    await expect(here.read("bob")).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
  });
});

describe("a command over a cache", () => {
  it("that the cache's record allows and the store takes costs no read", async () => {
    const { here, cache } = await openTwo();
    await here.apply("ada", { type: "pause" }, OWN);
    expect(cache.takeStoreReads()).toEqual([]);
  });

  it("tries again from the store's own record when the cache was behind", async () => {
    const { here, there, cache } = await openTwo();
    await there.apply("ada", enqueue("mine", 7));
    const { view } = await here.apply("ada", enqueue("mine", 8), OWN);
    expect(view.state.lanes[0].tasks.map(({ repeat }) => repeat)).toEqual([1_000, 7, 8]);
    expect(cache.takeStoreReads()).toEqual(["ada"]);
  });

  const adjust: Command = { type: "adjust", adjust: { items: { ore: -5 } } };
  const refusals: readonly (readonly [
    what: string,
    elsewhere: (there: Engine) => Promise<unknown>,
    command: Command,
    options: ApplyOptions,
  ])[] = [
    [
      "for want of what came in elsewhere",
      (there) => there.apply("ada", { type: "adjust", adjust: { items: { ore: 5 } } }, { key: "in" }),
      adjust,
      { key: "out" },
    ],
    [
      "for a task that was queued elsewhere",
      (there) => there.apply("ada", enqueue("mine", 7)),
      { type: "cancel", task: 2 },
      OWN,
    ],
    [
      "for a revision that was reached elsewhere",
      (there) => there.apply("ada", enqueue("mine", 7)),
      { type: "pause" },
      { ...OWN, ifRevision: 2 },
    ],
  ];
  it.each(refusals)("is not refused %s", async (_, elsewhere, command, options) => {
    const { here, there } = await openTwo();
    await elsewhere(there);
    await here.apply("ada", command, options);
  });

  it("is refused by the store's own record, after one look at it", async () => {
    const { here, there, cache } = await openTwo();
    await expect(here.apply("ada", { type: "cancel", task: 2 }, OWN)).rejects.toMatchObject({
      code: "TASK_NOT_FOUND",
    });
    expect(cache.takeStoreReads()).toEqual(["ada"]);
    // Over a plain store the first look is that one.
    const before = cache.stats().reads;
    await expect(there.apply("ada", { type: "cancel", task: 2 }, OWN)).rejects.toMatchObject({
      code: "TASK_NOT_FOUND",
    });
    expect(cache.stats().reads).toBe(before + 1);
  });

  it("that is repeated elsewhere happens once, and its key is judged by the store's own record", async () => {
    const { here, there, cache } = await openTwo();
    const first = await there.apply("ada", enqueue("mine", 7), { ...OWN, key: "k" });
    const again = await here.apply("ada", enqueue("mine", 7), { ...OWN, key: "k" });
    expect(again).toMatchObject({ isReplayed: true, result: first.result, revision: first.revision });
    cache.catchUp();
    await here.read("ada");
    cache.growOld();
    await expect(here.apply("ada", { type: "stop" }, { ...OWN, key: "k" })).rejects.toMatchObject({
      code: "IDEMPOTENCY_KEY_REUSED",
    });
    // Twelve others later the key is forgotten, and the cache must not remember it.
    for (let other = 0; other < 12; other += 1) {
      await there.apply("ada", enqueue("mine", 1), { ...OWN, key: `other-${other}` });
    }
    const anew = await here.apply("ada", enqueue("mine", 7), { ...OWN, key: "k" });
    expect(anew.isReplayed).toBe(false);
  });
});

describe("the journal over a cache", () => {
  it("is as new as the record that it is told with", async () => {
    const { here, there } = await openTwo();
    await there.apply("ada", { type: "pause" });
    const { events, lastNumber } = await here.events("ada");
    expect(events.at(-1)?.number).toBe(lastNumber);
    expect(events.some((event) => event.type === "command" && event.command.type === "pause")).toBe(true);
  });
});

describe("interval checkpoints over a cache", () => {
  const checkpoint = { everyMs: 3_600_000 };

  it("show nothing unsaved from a record that lacks a command of another instance", async () => {
    const { here, there, clock } = await openTwo({ checkpoint });
    clock.advance(900);
    await there.apply("ada", { type: "cancel", task: 1 });
    clock.advance(700);
    expect((await here.read("ada", OWN)).state.items.get("ore")).toBeUndefined();
  });

  it("ask the store once per boundary, and not in between", async () => {
    const { here, cache, clock } = await openTwo({ checkpoint });
    await here.apply("ada", { type: "pause" }, OWN);
    cache.catchUp();
    await here.read("ada", OWN);
    cache.takeStoreReads();
    await here.apply("ada", { type: "resume" }, OWN);
    // Each second ten times.
    for (let tenth = 1; tenth <= 300; tenth += 1) {
      clock.advance(100);
      await here.read("ada", OWN);
    }
    const { state } = await here.read("ada", OWN);
    expect(state.items.get("ore")).toBe(29);
    expect(cache.takeStoreReads()).toHaveLength(29);
  });
});

describe("an engine's readiness over a cache", () => {
  it("is the store's", async () => {
    const { here, cache } = await openTwo();
    cache.plant("mainspring:readiness", null);
    await here.checkReady();
    expect(cache.takeStoreReads()).toEqual(["mainspring:readiness"]);
  });
});

describe("sessions that move between instances whose caches are behind", () => {
  it("never see an older version than they were shown or have written", async () => {
    const random = seededRandom("sessions over caches that are behind");
    for (let life = 0; life < 40; life += 1) {
      const clock = createManualClock(START_MS);
      const memory = createMemoryStore({ clock });
      const caches = [0, 1, 2].map(() => createRememberingStore(memory));
      const mode = life % 2 === 0 ? ("commit" as const) : { everyMs: 5_000 };
      const engines = await Promise.all(
        caches.map(async (store) => (await openEngine({ store, clock, checkpoint: mode })).engine),
      );
      let seen = { incarnation: 0, version: 0 };
      let ore = 0;
      for (let step = 0; step < 60; step += 1) {
        clock.advance(random.integer(1_500));
        const which = random.integer(caches.length);
        const [cache, engine] = [caches[which], engines[which]];
        if (cache === undefined || engine === undefined) throw new Error("no instance");
        if (random.integer(4) === 0) cache.catchUp();
        if (random.integer(3) === 0) cache.growOld();
        const isCommand = random.integer(3) === 0;
        const view = isCommand
          ? (await engine.apply("ada", enqueue("mine", 1 + random.integer(5)), OWN)).view
          : (engine.peek("ada", { ...OWN, atLeast: seen }) ??
            (await engine.read("ada", { ...OWN, atLeast: seen })));
        expect(isOlder(view, seen)).toBe(false);
        // What was shown unsaved by one instance another may not have played yet; what is saved stays.
        const gathered = view.state.items.get("ore") ?? 0;
        if (mode === "commit") expect(gathered).toBeGreaterThanOrEqual(ore);
        ore = gathered;
        seen = { incarnation: view.incarnation, version: view.version };
        if (view.state.lanes[0].tasks.length > 40) await engine.apply("ada", { type: "stop" }, OWN);
      }
      await Promise.all(engines.map(async (engine) => engine.close()));
    }
  });
});
