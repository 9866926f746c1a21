import { describe, expect, it } from "vitest";
import { batched } from "../../src/batch/index.js";
import type { Store } from "../../src/ports.js";
import { MAX_BACKGROUND } from "../../src/service/background.js";
import { CLOCK_SKEW_MS } from "../../src/service/interval-checkpoints.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock } from "../../src/testing/index.js";
import { seededRandom } from "../store/seeded-random.js";
import { createGate, turns } from "../support/gate.js";
import { enqueue, openEngine, OWN, START_MS, type TestEngine } from "../support/open-engine.js";
import { liveAtRandom } from "../support/random-life.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const checkpoint = { everyMs: 120_000 };

/** Lets what runs in the background end. */
async function settleDown({ engine }: Pick<TestEngine, "engine">): Promise<void> {
  while (engine.performance().serviceStats.inBackground > 0) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("interval checkpoints", () => {
  it("show what time has brought without saving it, and save it once in an interval", async () => {
    const test = await openEngine({ checkpoint });
    const { engine, store, clock } = test;
    await engine.apply("ada", enqueue("mine", 10_000), OWN);
    const { writes } = store.stats();
    for (let second = 1; second <= 600; second += 1) {
      clock.advance(1_000);
      const { state } = await engine.read("ada", OWN);
      expect(state.items.get("ore") ?? 0).toBe(second - 1);
      await settleDown(test);
    }
    expect(store.stats().writes - writes).toBe(5);
    expect(engine.performance().serviceStats.checkpoints).toBe(5);
  });

  it("hold back what clocks could disagree on", async () => {
    const { engine, clock } = await openEngine({ checkpoint });
    await engine.apply("ada", enqueue("mine", 10), OWN);
    clock.advance(1_000 + CLOCK_SKEW_MS - 1);
    expect((await engine.read("ada", OWN)).state.items.get("ore")).toBeUndefined();
    clock.advance(1);
    expect((await engine.read("ada", OWN)).state.items.get("ore")).toBe(1);
  });

  it("save with every command at least what any instance has shown, and no instance goes back, while clocks differ by no more than is allowed", async () => {
    const random = seededRandom("interval checkpoints on instances with clocks of their own");
    for (let life = 0; life < 60; life += 1) {
      const store = createMemoryStore();
      const clock = createManualClock(START_MS);
      const open = async (aheadMs: number) => {
        const own = createManualClock(START_MS + aheadMs);
        const instance = await openEngine({ store, clock: own, checkpoint });
        return { ...instance, own, aheadMs, shown: 0 };
      };
      let instances = await Promise.all([0, 250, 500].map(open));
      const pick = () => {
        const found = instances[random.integer(instances.length)];
        if (found === undefined) throw new Error("no instance");
        found.own.set(clock.nowMs() + found.aheadMs);
        return found;
      };
      await pick().engine.apply("ada", enqueue("dig", 5_000), OWN);
      let shown = 0;
      for (let step = 0; step < 40; step += 1) {
        clock.advance(random.integer(random.integer(3) === 0 ? 90_000 : 1_500));
        const instance = pick();
        // A process that is killed leaves nothing but what is stored.
        if (random.integer(8) === 0) {
          const anew = await open(instance.aheadMs);
          instances = instances.map((other) => (other === instance ? anew : other));
          continue;
        }
        if (random.integer(4) === 0) {
          const { view } = await instance.engine.apply("ada", { type: "resume" }, OWN);
          expect(view.state.items.get("ore") ?? 0).toBeGreaterThanOrEqual(shown);
        }
        const { state } = await instance.engine.read("ada", OWN);
        const ore = state.items.get("ore") ?? 0;
        expect(ore).toBeGreaterThanOrEqual(instance.shown);
        instance.shown = ore;
        shown = Math.max(shown, ore);
      }
      await Promise.all(instances.map(settleDown));
    }
  });

  it("come to the same as saving each milestone", async () => {
    const random = seededRandom("interval checkpoints against saving each milestone");
    for (let life = 0; life < 60; life += 1) {
      const seed = random.integer(2 ** 32);
      const play = async (mode: "commit" | typeof checkpoint) => {
        // Sights are saved at other instants, so the player must never be taken for away.
        const catalog = {
          ...TICK_CATALOG,
          settings: { ...TICK_CATALOG.settings, away: { maxMs: 300 * 86_400_000 } },
        };
        const test = await openEngine({ checkpoint: mode, isDevelopment: true, catalog });
        const { engine, clock } = test;
        await engine.read("ada", OWN);
        const again = { ...seededWith(seed) };
        await liveAtRandom({ engine, clock, random: again, playerId: "ada" }, 40);
        await settleDown(test);
        const { events } = await engine.events("ada", { limit: 1_000 });
        const { state } = await engine.apply("ada", { type: "pause" }).then(({ view }) => view);
        return { events, state: { ...state, lastSeenMs: 0 } };
      };
      expect(await play(checkpoint)).toEqual(await play("commit"));
    }
  });

  it("save first what isn't time's: a new player, a sight that is due, new content", async () => {
    const { engine, store, clock } = await openEngine({ checkpoint });
    expect((await engine.read("ada", OWN)).version).toBe(1);
    await engine.apply("ada", enqueue("mine", 1_000_000), OWN);
    const { writes } = store.stats();
    clock.advance(13 * 3_600_000);
    await engine.read("ada", OWN);
    expect(store.stats().writes).toBe(writes + 1);
  });

  it("keep the journal whole for whoever reads it", async () => {
    const { engine, clock } = await openEngine({ checkpoint });
    await engine.apply("ada", enqueue("mine", 2), OWN);
    clock.advance(3_000);
    expect((await engine.read("ada", OWN)).state.eventCount).toBeGreaterThan(2);
    const { events, lastNumber } = await engine.events("ada");
    expect(events.at(-1)).toMatchObject({ type: "task-ended", number: lastNumber });
  });

  it("cost nothing once nobody looks, and lose nothing when a save fails", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    const test = await openEngine({ store, checkpoint });
    const { engine, clock } = test;
    await engine.apply("ada", enqueue("mine", 1_000), OWN);
    clock.advance(200_000);
    store.failNext("commit", "before");
    const shown = await engine.read("ada", OWN);
    await settleDown(test);
    expect(engine.performance().serviceStats.checkpoints).toBe(0);
    const { reads, writes } = store.stats();
    clock.advance(200_000);
    await settleDown(test);
    expect(store.stats()).toMatchObject({ reads, writes });
    const later = await engine.read("ada", OWN);
    await settleDown(test);
    expect(later.state.items.get("ore")).toBe((shown.state.items.get("ore") ?? 0) + 200);
    expect(engine.performance().serviceStats.checkpoints).toBe(1);
  });
});

describe("interval checkpoints beside commands", () => {
  it("show nothing that a command under way could undo, however long it takes to be saved", async () => {
    const memory = createMemoryStore();
    const gate = createGate();
    let isSlow = false;
    const store: Store = {
      ...memory,
      async commit(writes, options) {
        if (isSlow && options?.urgency === "command") await gate.passed;
        return memory.commit(writes, options);
      },
    };
    const { engine, clock } = await openEngine({ store, checkpoint });
    await engine.apply("ada", enqueue("mine", 100), OWN);
    clock.advance(900);
    isSlow = true;
    const cancelling = engine.apply("ada", { type: "cancel", task: 1 }, OWN);
    await turns();
    clock.advance(3_000);
    const reading = engine.read("ada", OWN);
    await turns();
    gate.open();
    expect((await reading).state.items.get("ore") ?? 0).toBe(0);
    await cancelling;
  });

  it("are not waited for by a command, though they wait for others to travel with", async () => {
    const clock = createManualClock(START_MS);
    const store = batched(createMemoryStore({ clock }), { timers: clock });
    const test = await openEngine({ store, clock, checkpoint });
    const { engine } = test;
    for (const playerId of ["ada", "bob"]) await engine.apply(playerId, enqueue("mine", 100_000), OWN);
    clock.advance(200_000);
    // The first leaves at once; the second lingers, since a batch has just left.
    await engine.read("bob", OWN);
    await turns();
    await engine.read("ada", OWN);
    await turns();
    expect(engine.performance().serviceStats.inBackground).toBeGreaterThan(0);
    const { view } = await engine.apply("ada", { type: "pause" }, OWN);
    expect(view.state.lanes[0].paused).not.toBeNull();
    await engine.close();
  });

  it("are tried again after they were refused for too many at once", async () => {
    const memory = createMemoryStore();
    const gate = createGate();
    let isSlow = false;
    const store: Store = {
      ...memory,
      async commit(writes, options) {
        if (isSlow && options?.urgency === "bulk") await gate.passed;
        return memory.commit(writes, options);
      },
    };
    const test = await openEngine({ store, checkpoint });
    const { engine, clock } = test;
    const players = Array.from({ length: MAX_BACKGROUND + 1 }, (_, index) => `player-${index}`);
    for (const playerId of players) await engine.apply(playerId, enqueue("mine", 100_000), OWN);
    await settleDown(test);
    isSlow = true;
    clock.advance(200_000);
    for (const playerId of players) await engine.read(playerId, OWN);
    gate.open();
    await settleDown(test);
    expect(engine.performance().serviceStats.checkpoints).toBe(MAX_BACKGROUND);
    await engine.read(players.at(-1) ?? "", OWN);
    await settleDown(test);
    expect(engine.performance().serviceStats.checkpoints).toBe(MAX_BACKGROUND + 1);
  });

  it("show nothing from a replica that lacks a command of another instance", async () => {
    const memory = createMemoryStore();
    const clock = createManualClock(START_MS);
    const stale = { records: await memory.read(["ada"]) };
    const replica: Store = {
      ...memory,
      read: async (ids, options) =>
        options?.consistency === "eventual" ? stale.records : memory.read(ids, options),
    };
    const one = await openEngine({ store: memory, clock, checkpoint });
    const other = await openEngine({ store: replica, clock, checkpoint });
    await one.engine.apply("ada", enqueue("mine", 100), OWN);
    await other.engine.read("ada");
    stale.records = await memory.read(["ada"]);
    clock.advance(900);
    await one.engine.apply("ada", { type: "cancel", task: 1 }, OWN);
    clock.advance(700);
    const { state } = await other.engine.read("ada", { consistency: "eventual" });
    expect(state.items.get("ore")).toBeUndefined();
  });

  it("keep what was shown when the clock is set back", async () => {
    const { engine, clock } = await openEngine({ checkpoint });
    await engine.apply("ada", enqueue("mine", 100), OWN);
    clock.advance(10_500);
    expect((await engine.read("ada", OWN)).state.items.get("ore")).toBe(10);
    clock.advance(-5_000);
    const again = await engine.read("ada", OWN);
    expect(again.nowMs).toBeGreaterThanOrEqual(again.state.settledAtMs);
    const { view } = await engine.apply("ada", { type: "cancel", task: 1 }, OWN);
    expect(view.state.items.get("ore")).toBe(10);
  });
});

describe("an engine that closes", () => {
  it("hurries what rides in bulk instead of waiting for it", async () => {
    const clock = createManualClock(START_MS);
    const memory = createMemoryStore({ clock });
    const snapshots: number[] = [];
    const inner: Store = {
      ...memory,
      async putSnapshots(given) {
        snapshots.push(given.length);
        await memory.putSnapshots(given);
      },
    };
    const { engine } = await openEngine({ store: batched(inner, { timers: clock }), clock, checkpoint });
    for (let player = 0; player < 5; player += 1) {
      await engine.apply(`player-${player}`, enqueue("mine", 100), OWN);
    }
    expect(engine.performance().serviceStats.inBackground).toBeGreaterThan(0);
    await engine.close();
    expect(engine.performance().serviceStats.inBackground).toBe(0);
    expect(snapshots.reduce((sum, count) => sum + count, 0)).toBe(5);
  });
});

describe("a read that may be told late", () => {
  it("doesn't make the process forget a newer version, when it ends after the commit that made it", async () => {
    const memory = createMemoryStore();
    const gate = createGate();
    const state = { isSlow: false, stale: await memory.read(["ada"]) };
    const store: Store = {
      ...memory,
      async read(ids, options) {
        if (options?.consistency === "eventual") return state.stale;
        const found = await memory.read(ids, options);
        if (state.isSlow && ids[0] === "ada") {
          state.isSlow = false;
          await gate.passed;
        }
        return found;
      },
    };
    const { engine } = await openEngine({ store });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    state.stale = await memory.read(["ada"]);
    state.isSlow = true;
    const slow = engine.read("ada");
    await turns();
    const saved = await engine.apply("ada", { type: "cancel", task: 1 }, OWN);
    gate.open();
    await slow;
    const late = await engine.read("ada", { consistency: "eventual" });
    expect(late.version).toBe(saved.view.version);
  });

  it("is never older than what this process has saved, and never the start of a commit", async () => {
    const memory = createMemoryStore();
    const stale = await memory.read(["ada"]);
    let late: typeof stale = stale;
    const asked: (string | undefined)[] = [];
    const { engine, clock } = await openEngine({
      store: {
        ...memory,
        read: async (ids, options) => {
          asked.push(options?.consistency);
          return options?.consistency === "eventual" ? late : memory.read(ids, options);
        },
      },
    });
    await engine.apply("ada", enqueue("mine", 5), OWN);
    // The replica knows of nothing yet.
    expect((await engine.read("ada", { consistency: "eventual" })).version).toBe(1);
    late = await memory.read(["ada"]);
    await engine.apply("ada", enqueue("mine", 7), OWN);
    expect((await engine.read("ada", { consistency: "eventual" })).version).toBe(2);
    clock.advance(2_000);
    late = await memory.read(["ada"]);
    asked.length = 0;
    const { version } = await engine.read("ada", { ...OWN, consistency: "eventual" });
    expect(version).toBe(3);
    expect(asked).toEqual(["eventual", "strong"]);
  });
});

function seededWith(seed: number): ReturnType<typeof seededRandom> {
  let state = seed >>> 0;
  const fraction = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { seed, fraction, integer: (below) => Math.floor(fraction() * below) };
}
