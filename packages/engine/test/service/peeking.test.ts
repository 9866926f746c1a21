import { describe, expect, it } from "vitest";
import type { ReadOptions } from "../../src/engine.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { CLOCK_SKEW_MS } from "../../src/service/interval-checkpoints.js";
import { createGate, turns } from "../support/gate.js";
import { enqueue, type OpenEngineOptions, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { createRememberingStore } from "../support/remembering-store.js";

async function open(options: Pick<OpenEngineOptions, "checkpoint"> = {}) {
  const clock = createManualClock(START_MS);
  const store = createRememberingStore(createMemoryStore({ clock }));
  const { engine } = await openEngine({ ...options, store, clock });
  await engine.apply("ada", enqueue("mine", 1_000), OWN);
  store.takeStoreReads();
  return { engine, store, clock };
}

describe("a look at what is at hand", () => {
  it("answers what a read would answer, and counts as one", async () => {
    const { engine, store, clock } = await open();
    clock.advance(500);
    const peeked = engine.peek("ada", OWN);
    const read = await engine.read("ada", OWN);
    expect(peeked).toEqual(read);
    expect(peeked?.state).toBe(read.state);
    expect(peeked?.nowMs).toBe(START_MS + 500);
    expect(store.takeStoreReads()).toEqual([]);
    expect(engine.performance()).toMatchObject({ activeQueues: 1, serviceStats: { reads: 2 } });
  });

  it("shows no outcome that isn't saved, to the millisecond", async () => {
    const { engine, clock } = await open();
    clock.advance(999);
    expect(engine.peek("ada")?.state.items.get("ore")).toBeUndefined();
    clock.advance(1);
    expect(engine.peek("ada")).toBeNull();
    await engine.read("ada");
    expect(engine.peek("ada")?.state.items.get("ore")).toBe(1);
  });

  it("leaves to a read whatever it can't show at once", async () => {
    const { engine, store, clock } = await open();
    const isLeft = (playerId: string, options?: ReadOptions) => engine.peek(playerId, options) === null;
    expect(isLeft("bob")).toBe(true);
    expect(isLeft("no player's id")).toBe(true);
    expect(isLeft("ada", { consistency: "strong" })).toBe(true);
    const { incarnation, version } = await engine.read("ada");
    expect(isLeft("ada", { atLeast: { incarnation, version } })).toBe(false);
    expect(isLeft("ada", { atLeast: { incarnation, version: version + 1 } })).toBe(true);
    store.ignoreDemands();
    expect(isLeft("ada", { atLeast: { incarnation, version: version + 1 } })).toBe(true);
    store.plant("bob", null);
    expect(isLeft("bob", OWN)).toBe(true);
    await engine.apply("ada", { type: "pause" });
    clock.advance(13 * 3_600_000);
    await engine.catalogs.timeline();
    expect(isLeft("ada")).toBe(false);
    // The player's own request must be noted down.
    expect(isLeft("ada", OWN)).toBe(true);
    expect(engine.performance().serviceStats.errors).toEqual({});
  });

  it("shows nothing once the timeline may have changed", async () => {
    const { engine, clock } = await open();
    await engine.apply("ada", { type: "pause" });
    clock.advance(20_000);
    expect(engine.peek("ada")).not.toBeNull();
    clock.advance(1);
    expect(engine.peek("ada")).toBeNull();
    await engine.read("ada");
    expect(engine.peek("ada")).not.toBeNull();
  });

  it("never shows an older version than this process has saved", async () => {
    const { engine, store } = await open();
    store.growOld();
    const { view } = await engine.apply("ada", { type: "pause" }, OWN);
    expect(engine.peek("ada")).toBeNull();
    expect((await engine.read("ada")).version).toBe(view.version);
  });

  it("finds nothing over a store without a cache, nor in an engine that closes", async () => {
    const plain = await openEngine();
    await plain.engine.apply("ada", enqueue("mine", 100), OWN);
    expect(plain.engine.peek("ada")).toBeNull();
    const { engine } = await open();
    expect(engine.peek("ada")).not.toBeNull();
    await engine.close();
    expect(engine.peek("ada")).toBeNull();
  });
});

describe("a look at what is at hand, between interval checkpoints", () => {
  const checkpoint = { everyMs: 120_000 };

  it("shows what was shown before, and nothing new that isn't saved", async () => {
    const { engine, clock } = await open({ checkpoint });
    clock.advance(1_000 + CLOCK_SKEW_MS - 1);
    expect(engine.peek("ada", OWN)?.state.items.get("ore")).toBeUndefined();
    clock.advance(1);
    expect(engine.peek("ada", OWN)).toBeNull();
    const shown = await engine.read("ada", OWN);
    expect(shown.state.items.get("ore")).toBe(1);
    expect(engine.peek("ada", OWN)).toEqual(shown);
  });

  it("leaves it to a read to begin the next save", async () => {
    const { engine, clock } = await open({ checkpoint });
    clock.advance(119_900);
    await engine.read("ada", OWN);
    expect(engine.peek("ada", OWN)).not.toBeNull();
    clock.advance(100);
    await engine.catalogs.timeline();
    expect(engine.peek("ada", OWN)).toBeNull();
    await engine.read("ada", OWN);
    await turns();
    expect(engine.performance().serviceStats.checkpoints).toBe(1);
  });

  it("shows nothing while a command of the player is under way", async () => {
    const clock = createManualClock(START_MS);
    const memory = createMemoryStore({ clock });
    const gate = createGate();
    let isSlow = false;
    const store = createRememberingStore({
      ...memory,
      async commit(writes, options) {
        if (isSlow) await gate.passed;
        return memory.commit(writes, options);
      },
    });
    const { engine } = await openEngine({ store, clock, checkpoint });
    await engine.apply("ada", enqueue("mine", 100), OWN);
    expect(engine.peek("ada", OWN)).not.toBeNull();
    isSlow = true;
    const pausing = engine.apply("ada", { type: "pause" }, OWN);
    expect(engine.peek("ada", OWN)).toBeNull();
    gate.open();
    await pausing;
    expect(engine.peek("ada", OWN)?.state.lanes[0].paused).not.toBeNull();
  });
});
