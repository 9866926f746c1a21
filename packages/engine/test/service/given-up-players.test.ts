/** Decoded records that are given up for other things: nothing that was shown is taken back, and nothing costs more than to decode again. */
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/index.js";
import { createEngine } from "../../src/create-engine.js";
import { createMemoryBudget } from "../../src/memory/budget.js";
import { createDecodedPlayers } from "../../src/service/decoded-players.js";
import type { MemoryBudget, MemoryTenant, Store, StoredRecord } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { TYPICAL } from "../record/typical-record.js";
import { seededRandom } from "../store/seeded-random.js";
import { enqueue, fixedBytes, OWN, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const HOUR_MS = 3_600_000;

async function open({
  isCached = false,
  checkpoint = false,
  store: given = undefined as Store | undefined,
} = {}) {
  const clock = createManualClock(START_MS);
  const budget = createMemoryBudget();
  const store = given ?? createMemoryStore({ clock });
  const engine = await createEngine({
    store,
    ...(isCached
      ? { cache: createCache({ isSoleWriter: true, clock, timers: clock, budget }) }
      : { governor: governorOf(budget) }),
    ...(checkpoint ? { checkpoint: { everyMs: HOUR_MS } } : {}),
    clock,
    catalog: TICK_CATALOG,
    randomBytes: fixedBytes,
  });
  return { engine, store, clock, budget, decoded: () => tenantOf(budget) };
}

function tenantOf(budget: MemoryBudget): MemoryTenant {
  const found = budget.tenants().find(({ name }) => name === "decodedPlayers");
  if (found === undefined) throw new Error("no decoded players");
  return found;
}

function governorOf(budget: MemoryBudget) {
  return {
    budget,
    level: () => 0 as const,
    onLevel: () => () => undefined,
    stats: () => {
      throw new Error("not asked for here");
    },
    close: () => undefined,
  };
}

function storedAs(playerId: string, version: number, incarnation = 1): StoredRecord {
  return { playerId, incarnation, version, bytes: new Uint8Array(1_000) };
}

describe("decoded records that were given up", () => {
  const ways: Record<string, (budget: MemoryBudget) => void> = {
    "as those used longest ago": (budget) => {
      budget.limitTo(0);
      budget.limitTo(1);
    },
    "as the least valuable": (budget) => tenantOf(budget).leastValuable()?.drop(),
  };
  for (const [how, giveUp] of Object.entries(ways)) {
    it(`${how} don't come back older`, () => {
      const budget = createMemoryBudget();
      const decoded = createDecodedPlayers(budget);
      decoded.set(storedAs("ada", 5), TYPICAL);
      giveUp(budget);
      expect(decoded.get(storedAs("ada", 5))).toBeNull();
      expect([tenantOf(budget).entries(), tenantOf(budget).bytes()]).toEqual([0, 0]);
      expect(decoded.isNewer("ada", storedAs("ada", 4))).toBe(true);
      expect(decoded.isNewer("ada", null)).toBe(true);
      expect(decoded.isNewer("ada", storedAs("ada", 5))).toBe(false);
      decoded.set(storedAs("ada", 4), TYPICAL);
      expect(decoded.get(storedAs("ada", 4))).toBeNull();
      decoded.set(storedAs("ada", 5), TYPICAL);
      expect(decoded.get(storedAs("ada", 5))).not.toBeNull();
      expect(decoded.isNewer("ada", storedAs("ada", 4))).toBe(true);
    });
  }

  it("are known for the last ten thousand that went", () => {
    const budget = createMemoryBudget({ maxEntries: 1 });
    const decoded = createDecodedPlayers(budget);
    for (let index = 0; index <= 10_001; index += 1) decoded.set(storedAs(`player-${index}`, 2), TYPICAL);
    const isKnown = (index: number) => decoded.isNewer(`player-${index}`, storedAs("", 1));
    expect([0, 1, 10_000, 10_001].map(isKnown)).toEqual([false, true, true, true]);
    expect(tenantOf(budget).entries()).toBe(1);
  });

  it("are the largest of those that were used longest ago first", () => {
    const budget = createMemoryBudget();
    const decoded = createDecodedPlayers(budget);
    decoded.set(storedAs("ada", 1), TYPICAL);
    decoded.set({ ...storedAs("bob", 1), bytes: new Uint8Array(5_000) }, TYPICAL);
    const found = tenantOf(budget).leastValuable();
    expect(found?.sizeBytes).toBeGreaterThan(tenantOf(budget).bytes() / 2);
    found?.drop();
    expect(decoded.get(storedAs("bob", 1))).toBeNull();
    expect(decoded.get(storedAs("ada", 1))).not.toBeNull();
  });
});

describe("an engine whose bound is nothing", () => {
  for (const isCached of [false, true]) {
    it(`answers as any other ${isCached ? "with" : "without"} a cache`, async () => {
      const { engine, budget, clock, decoded } = await open({ isCached });
      budget.limitTo(0);
      await engine.apply("ada", enqueue("mine", 10), OWN);
      expect(engine.peek("ada")).toBeNull();
      clock.advance(3_000);
      expect((await engine.read("ada")).state.items.get("ore")).toBe(3);
      const of = { namespace: "taskProgress", name: "ore", make: () => 3 } as const;
      expect((await engine.summary("ada", of)).value).toBe(3);
      expect(budget.tenants().map((tenant) => tenant.entries() + tenant.bytes())).toEqual(
        budget.tenants().map(() => 0),
      );
      budget.limitTo(1);
      await engine.read("ada");
      expect(decoded().entries()).toBe(1);
      if (isCached) expect(engine.peek("ada")?.state.items.get("ore")).toBe(3);
      await engine.close();
      expect(budget.tenants()).toEqual([]);
    });
  }

  it("leaves the bound as it was when it can't be made", async () => {
    const budget = createMemoryBudget();
    const made = createEngine({ store: createMemoryStore(), budget, catalog: { name: "no catalog" } });
    await expect(made).rejects.toMatchObject({ code: "CATALOG_INVALID" });
    expect(budget.tenants()).toEqual([]);
  });

  it("shows no older version to whoever may get one from a replica", async () => {
    const memory = createMemoryStore();
    let late: readonly (StoredRecord | null)[] = [];
    const store: Store = {
      ...memory,
      read: async (ids, options) => (options?.consistency === "eventual" ? late : memory.read(ids, options)),
    };
    const { engine, budget } = await open({ store });
    const { view: first } = await engine.apply("ada", enqueue("mine", 10), OWN);
    late = await memory.read(["ada"]);
    const { view } = await engine.apply("ada", enqueue("mine", 10), OWN);
    expect(view.version).toBeGreaterThan(first.version);
    budget.limitTo(0);
    expect((await engine.read("ada", { consistency: "eventual" })).version).toBe(view.version);
  });
});

describe("between interval checkpoints", () => {
  it("what was shown is never taken back, whatever is given up, though the clock is set back", async () => {
    const random = seededRandom("given up between interval checkpoints");
    for (const isCached of [false, true]) {
      for (let life = 0; life < 20; life += 1) {
        const { engine, budget, clock } = await open({ isCached, checkpoint: true });
        await engine.apply("ada", enqueue("dig", 2_000), OWN);
        let [ore, cycles] = [0, 0];
        for (let step = 0; step < 60; step += 1) {
          const chance = random.integer(8);
          if (chance === 0) budget.limitTo([0, 1, 1][random.integer(3)] ?? 1);
          else if (chance === 1) tenantOf(budget).leastValuable()?.drop();
          else if (chance === 2) clock.set(clock.nowMs() - random.integer(3_000));
          // One that is refused reads the record, and shows nothing.
          else if (chance === 3)
            await engine.apply("ada", { type: "cancel", task: 999 }).catch(() => undefined);
          else if (chance === 4) await engine.apply("ada", { type: "resume" });
          else clock.advance(random.integer(5_000));
          const view = engine.peek("ada", OWN) ?? (await engine.read("ada", OWN));
          const [task] = view.state.lanes[0].tasks;
          expect(view.state.items.get("ore") ?? 0).toBeGreaterThanOrEqual(ore);
          expect(task?.cyclesDone ?? 0).toBeGreaterThanOrEqual(cycles);
          ore = view.state.items.get("ore") ?? 0;
          cycles = task?.cyclesDone ?? 0;
        }
        expect(cycles).toBeGreaterThan(0);
        await engine.close();
      }
    }
  });

  it("a look doesn't take it back either, when something else has read the record again", async () => {
    const { engine, clock, decoded } = await open({ isCached: true, checkpoint: true });
    await engine.apply("ada", enqueue("mine", 10), OWN);
    clock.advance(3_600);
    expect((await engine.read("ada")).state.items.get("ore")).toBe(3);
    decoded().leastValuable()?.drop();
    // A command that is refused shows nothing.
    await expect(engine.apply("ada", { type: "cancel", task: 999 })).rejects.toThrow();
    clock.set(START_MS + 600);
    const { state } = engine.peek("ada") ?? (await engine.read("ada"));
    expect(state.items.get("ore")).toBe(3);
  });
});
