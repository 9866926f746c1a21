/** Values made of a player, over a cache that two instances share: what they save, and what takes them away. */
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/index.js";
import type { PlayerView, ReadOptions, SummaryOf } from "../../src/engine.js";
import type { DerivedNamespace, Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, createModelServer, type ManualClock } from "../../src/testing/index.js";
import { enqueue, type OpenEngineOptions, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const HOUR_MS = 3_600_000;

/** Moves the clock, and lets instances beat meanwhile. */
async function pass(clock: ManualClock, durationMs: number, stepMs = 100): Promise<void> {
  for (let leftMs = durationMs; leftMs > 0; leftMs -= stepMs) {
    clock.advance(Math.min(stepMs, leftMs));
    for (let tick = 0; tick < 20; tick += 1) await Promise.resolve();
  }
}

interface Body {
  readonly ore: number;
  readonly finishesAtMs: number | null;
}

/** Two instances over one store and one second tier, that hear each other. Ada digs for long. */
async function openTwo(options: Pick<OpenEngineOptions, "checkpoint" | "isDevelopment" | "catalog"> = {}) {
  const clock = createManualClock(START_MS);
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  const below = createMemoryStore({ clock });
  const open = async () => {
    const cache = createCache({ remote: server.connect(), clock, timers: clock, random: () => 0 });
    // Each instance closes a store of its own.
    const store: Store = { ...below, close: async () => undefined };
    const { engine } = await openEngine({ ...options, store, clock, cache });
    let made = 0;
    const of = (namespace: DerivedNamespace): SummaryOf<Body> => ({
      namespace,
      name: "ore",
      make({ state, forecast }: PlayerView) {
        made += 1;
        return { ore: state.items.get("ore") ?? 0, finishesAtMs: forecast.finishes.atMs };
      },
    });
    return {
      engine,
      made: () => made,
      progress: async (asked?: ReadOptions) => engine.summary("ada", of("taskProgress"), asked),
      stats: async (asked?: ReadOptions) => engine.summary("ada", of("playerStats"), asked),
      tier: (name: string) => cache.stats().namespaces[name],
    };
  };
  const here = await open();
  const there = await open();
  await pass(clock, 500);
  await here.engine.apply("ada", enqueue("mine", 1_000), OWN);
  await pass(clock, 100);
  return { clock, server, below, here, there };
}

describe("a summary over a cache", () => {
  it("is made once, and is at hand from then on, as of now", async () => {
    const { clock, here } = await openTwo();
    const first = await here.progress(OWN);
    clock.advance(100);
    const second = await here.progress(OWN);
    expect(second).toEqual({ ...first, nowMs: first.nowMs + 100, asOfMs: first.asOfMs + 100 });
    expect(second).toMatchObject({
      incarnation: START_MS + 500,
      version: 1,
      revision: 1,
      nowMs: clock.nowMs(),
    });
    expect(here.made()).toBe(1);
    expect(here.tier("taskProgress.local")).toMatchObject({ hits: 1, misses: 1, loads: 1 });
  });

  it("is found by other instances, without the record", async () => {
    const { here, there } = await openTwo();
    const shown = await here.progress(OWN);
    await Promise.resolve();
    expect(await there.progress(OWN)).toEqual(shown);
    expect(there.made()).toBe(0);
    expect(there.tier("taskProgress.redis")).toMatchObject({ hits: 1 });
    expect(there.tier("activeQueue.redis")).toMatchObject({ hits: 0 });
  });

  it("goes with a command elsewhere", async () => {
    for (const kind of ["progress", "stats"] as const) {
      const { clock, here, there } = await openTwo();
      await here[kind]();
      await there[kind]();
      await there.engine.apply("ada", { type: "pause" }, OWN);
      await pass(clock, 100);
      for (const instance of [here, there]) {
        expect(await instance[kind]()).toMatchObject({
          version: 2,
          revision: 2,
          value: { finishesAtMs: null },
        });
      }
    }
  });

  it("of progress is good until the next boundary, to the millisecond, whoever asks", async () => {
    for (const asked of [OWN, {}]) {
      const { clock, here } = await openTwo();
      const { nowMs } = await here.progress(asked);
      await pass(clock, START_MS + 1_499 - nowMs);
      expect(await here.progress(asked)).toMatchObject({ value: { ore: 0 }, version: 1 });
      expect(here.made()).toBe(1);
      clock.advance(1);
      // And is saved before it is shown.
      expect(await here.progress(asked)).toMatchObject({ value: { ore: 1 }, version: 2 });
      expect((await here.engine.read("ada", { consistency: "strong" })).version).toBe(2);
    }
  });

  it("of totals is exact for the player, and late for others by as much as it lives", async () => {
    const { clock, here } = await openTwo();
    const first = await here.stats();
    expect(first.asOfMs).toBe(first.nowMs);
    await pass(clock, 540_000, 400);
    const late = await here.stats();
    expect(late).toEqual({ ...first, nowMs: clock.nowMs() });
    expect(late.asOfMs).toBe(first.nowMs);
    const own = await here.stats(OWN);
    expect(own).toMatchObject({ value: { ore: 540 }, asOfMs: clock.nowMs(), version: 2 });
    // What the player was shown is there for others as well.
    expect(await here.stats()).toEqual(own);
    await pass(clock, 600_000, 400);
    expect(await here.stats()).toMatchObject({ value: { ore: 1_000 }, asOfMs: clock.nowMs() });
  });

  it("is never older than demanded", async () => {
    const { clock, here, there } = await openTwo();
    const { incarnation, version } = await here.stats();
    expect(await here.stats({ atLeast: { incarnation, version } })).toMatchObject({ version });
    expect(here.made()).toBe(1);
    await expect(here.stats({ atLeast: { incarnation, version: version + 1 } })).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
    });
    const { view } = await there.engine.apply("ada", { type: "pause" }, OWN);
    expect(await here.stats({ atLeast: view })).toMatchObject({ version: version + 1 });
    await pass(clock, 100);
  });

  it("is made from what the store says, if that is wanted", async () => {
    const { here, below } = await openTwo();
    await here.progress(OWN);
    const { reads } = below.stats();
    await here.progress({ ...OWN, consistency: "strong" });
    expect([here.made(), below.stats().reads - reads]).toEqual([2, 1]);
  });

  it("is no value of another name", async () => {
    const { here } = await openTwo();
    const { version } = await here.stats();
    const other = {
      namespace: "playerStats",
      name: "version",
      make: (view: PlayerView) => view.version,
    } as const;
    expect(await here.engine.summary("ada", other)).toMatchObject({ value: version });
    expect(await here.stats()).toMatchObject({ value: { ore: 0 } });
    expect(here.made()).toBe(2);
  });

  it("leaves it to a read to note the player down", async () => {
    const { clock, here } = await openTwo();
    await here.engine.apply("ada", { type: "pause" }, OWN);
    const { asOfMs: seenMs } = await here.stats(OWN);
    // Shorter than values live, so that it is not their end that is seen.
    await pass(clock, 12 * HOUR_MS - 200_000, 30_000_000);
    await here.stats(OWN);
    await pass(clock, seenMs + 12 * HOUR_MS - clock.nowMs(), 400);
    const made = here.made();
    expect(await here.stats(OWN)).toMatchObject({ version: 2 });
    expect(here.made()).toBe(made);
    clock.advance(1);
    await here.stats();
    expect(here.made()).toBe(made);
    expect(await here.stats(OWN)).toMatchObject({ version: 3 });
  });

  it("goes with an activation that was added later", async () => {
    const { clock, here, there } = await openTwo();
    const before = await here.progress(OWN);
    const { activities } = TICK_CATALOG;
    const faster = { ...activities, mine: { ...activities.mine, durationMs: 500 } };
    await there.engine.apply("ada", { type: "pause" }, OWN);
    const paused = await here.progress();
    const { atMs } = await there.engine.catalogs.propose({ ...TICK_CATALOG, activities: faster });
    // 20 s at most until it is looked at.
    await pass(clock, 20_001);
    const known = here.made();
    expect(await here.progress()).toMatchObject({ revision: paused.revision });
    expect(here.made()).toBe(known + 1);
    await pass(clock, atMs - 1 - clock.nowMs());
    expect(await here.progress()).toMatchObject({ revision: paused.revision });
    clock.advance(1);
    expect(await here.progress()).toMatchObject({ revision: paused.revision + 1 });
    expect(before.revision).toBe(1);
  });

  it("is as of the player's own time", async () => {
    const { clock, here, there } = await openTwo({ isDevelopment: true });
    await here.engine.apply("ada", { type: "fast-forward", byMs: HOUR_MS }, OWN);
    await pass(clock, 100);
    const first = await here.progress();
    expect(first.nowMs).toBe(clock.nowMs() + HOUR_MS);
    clock.advance(100);
    expect(await there.progress()).toEqual({ ...first, nowMs: first.nowMs + 100, asOfMs: first.nowMs + 100 });
    expect(there.made()).toBe(0);
  });

  it("fails as a read does, and counts as one", async () => {
    const { here } = await openTwo();
    await here.progress(OWN);
    expect(here.engine.performance()).toMatchObject({ activeQueues: 1, serviceStats: { reads: 1 } });
    const of = { namespace: "taskProgress", name: "one", make: () => 1 } as const;
    await expect(here.engine.summary("bob", of)).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    await expect(here.engine.summary("no id", of)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(await here.engine.summary("bob", of, OWN)).toMatchObject({ value: 1, version: 1 });
    await here.engine.close();
    await expect(here.progress(OWN)).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  });

  it("is made each time between interval checkpoints", async () => {
    const { clock, here } = await openTwo({ checkpoint: { everyMs: 120_000 } });
    await here.progress(OWN);
    await here.progress(OWN);
    expect(here.made()).toBe(2);
    await pass(clock, 1_500);
    expect(await here.progress(OWN)).toMatchObject({ value: { ore: 1 }, version: 1 });
    expect(here.tier("taskProgress.local")).toBeUndefined();
  });
});

describe("a summary without a cache", () => {
  it("is made each time of what a read answers", async () => {
    const { engine, clock } = await openEngine();
    await engine.apply("ada", enqueue("mine", 9), OWN);
    const make = ({ state }: PlayerView) => state.items.get("ore") ?? 0;
    for (const namespace of ["taskProgress", "playerStats"] as const) {
      clock.advance(1_000);
      const { incarnation, version, state, nowMs } = await engine.read("ada");
      const expected = {
        value: state.items.get("ore"),
        incarnation,
        version,
        revision: 1,
        asOfMs: nowMs,
        nowMs,
      };
      expect(await engine.summary("ada", { namespace, name: "ore", make })).toEqual(expected);
    }
  });
});
