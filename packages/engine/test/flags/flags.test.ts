/** Switches at run time: who may switch what, what survives a restart, what reaches the other instances, and whose word counts. */
import { describe, expect, it } from "vitest";
import { createFlags, type CreateFlagsOptions, type LayerSetting, OFF, ON } from "../../src/flags/index.js";
import type { Flags, Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock } from "../../src/testing/index.js";

const clock = createManualClock();
const times = { clock, timers: clock };

async function connected(store: Store, options: CreateFlagsOptions = {}): Promise<Flags> {
  const flags = createFlags({ ...times, ...options });
  await flags.connect(store);
  return flags;
}

const share = (percent: number): LayerSetting => ({ percent, players: [], except: [] });

/** Timers run, and what they began is waited for. */
async function pass(durationMs: number): Promise<void> {
  clock.advance(durationMs);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

describe("a switch", () => {
  it("is as configured until it is switched, and again after a reset", async () => {
    const flags = await connected(createMemoryStore(), { configured: { cache: ON } });
    const isOn = flags.asks("cache");
    expect([isOn("ada"), flags.asks("batching")("ada")]).toEqual([true, false]);
    await flags.set("cache", { ...OFF, by: "admin:eve", reason: "try without" });
    expect(isOn("ada")).toBe(false);
    expect(flags.view().layers.cache).toMatchObject({
      percent: 0,
      configured: ON,
      changedBy: "admin:eve",
      reason: "try without",
      changedAtMs: clock.nowMs(),
    });
    await flags.reset("cache", { by: "admin:eve" });
    expect(isOn("ada")).toBe(true);
    expect(flags.view().layers.cache).toMatchObject({ percent: 100, changedBy: null, reason: null });
    expect(flags.view().history.map(({ by, from, to }) => [by, from.percent, to.percent])).toEqual([
      ["admin:eve", 0, 100],
      ["admin:eve", 100, 0],
    ]);
    flags.close();
  });

  it("survives a restart", async () => {
    const store = createMemoryStore();
    const before = await connected(store);
    await before.set("batching", { percent: 0, players: ["ada"], except: [], by: "admin:eve" });
    before.close();
    const after = await connected(store);
    expect(["ada", "bob"].map(after.asks("batching"))).toEqual([true, false]);
    after.close();
  });

  it("reaches the other instances within two seconds", async () => {
    const store = createMemoryStore();
    const [here, there] = [await connected(store), await connected(store)];
    await here.set("cache", { ...ON, by: "admin:eve" });
    expect(there.asks("cache")("ada")).toBe(false);
    await pass(2_000);
    expect(there.asks("cache")("ada")).toBe(true);
    here.close();
    there.close();
  });

  it("is what the store has, also where that was put back to an earlier state", async () => {
    const store = createMemoryStore();
    const notes: string[] = [];
    const telemetry = {
      note: (level: string, message: string, facts?: object) =>
        void notes.push(`${level}: ${message} ${JSON.stringify(facts)}`),
    };
    let isBack = false;
    const earlier = createMemoryStore();
    const either: Store = {
      ...store,
      readSettings: async (name) => (isBack ? earlier : store).readSettings(name),
      putSettings: async (...given) => (isBack ? earlier : store).putSettings(...given),
    };
    const flags = await connected(either, { telemetry });
    await flags.set("cache", { ...ON, by: "admin:eve" });
    const saved = await store.readSettings("flags");
    await earlier.putSettings("flags", saved?.document ?? "", 0);
    await flags.set("cache", { ...OFF, by: "admin:eve" });
    await flags.set("batching", { ...ON, by: "admin:eve" });
    notes.length = 0;
    isBack = true;
    await pass(2_000);
    expect(["cache", "batching"].map((layer) => flags.asks(layer as "cache")("ada"))).toEqual([true, false]);
    expect(flags.view().version).toBe(1);
    expect(notes).toEqual([
      'warn: The store was put back to earlier switches; they hold. {"version":1,"knownVersion":3}',
    ]);
    // And from there it goes on.
    await flags.set("cache", { ...OFF, by: "admin:eve" });
    expect([flags.asks("cache")("ada"), flags.view().version]).toEqual([false, 2]);
    await pass(2_000);
    expect([flags.asks("cache")("ada"), notes.length]).toEqual([false, 2]);
    flags.close();
  });

  it("isn't taken for an older one that was read before it was switched", async () => {
    const store = createMemoryStore();
    let read: (() => void) | null = null;
    const late: Store = {
      ...store,
      readSettings: async (name) => {
        const found = await store.readSettings(name);
        if (read !== null) await new Promise<void>((resolve) => (read = resolve));
        return found;
      },
    };
    const flags = await connected(late);
    await flags.set("batching", { ...ON, by: "admin:eve" });
    // A look has its answer, and it doesn't come before somebody has switched.
    read = () => undefined;
    await pass(2_000);
    const answer = read;
    read = null;
    await flags.set("cache", { ...ON, by: "admin:eve" });
    answer();
    await pass(0);
    expect([flags.asks("cache")("ada"), flags.view().version]).toEqual([true, 2]);
    flags.close();
  });

  it("stays as it is while the store can't be read, and says so once", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    const notes: string[] = [];
    const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
    const flags = await connected(store, { telemetry });
    await flags.set("cache", { ...ON, by: "admin:eve" });
    notes.length = 0;
    store.setRates({ before: 1 });
    await pass(2_000);
    await pass(2_000);
    expect(flags.asks("cache")("ada")).toBe(true);
    store.setRates({});
    await pass(2_000);
    expect(notes).toEqual([
      "The switches can't be read; they stay as they are.",
      "The switches can be read again.",
    ]);
    flags.close();
  });

  it("keeps what it had when the stored switches can't be understood", async () => {
    const store = createMemoryStore();
    const flags = await connected(store);
    await flags.set("cache", { ...ON, by: "admin:eve" });
    await store.putSettings("flags", '{"layers":{"cache":{"percent":"half"}},"history":[]}', 1);
    await pass(2_000);
    expect(flags.asks("cache")("ada")).toBe(true);
    await expect(flags.set("cache", { ...OFF, by: "admin:eve" })).rejects.toMatchObject({
      code: "UPGRADE_REQUIRED",
    });
    const notes: string[] = [];
    const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
    const fresh = await connected(store, { configured: { cache: ON }, telemetry });
    expect(fresh.asks("cache")("ada")).toBe(true);
    expect(notes).toEqual(["The stored switches can't be read; those of the configuration hold."]);
    for (const one of [flags, fresh]) one.close();
  });

  it("leaves what a newer release has stored as it is", async () => {
    const store = createMemoryStore();
    const newer = { layers: { teleporter: { is: "on" } }, history: [] };
    await store.putSettings("flags", JSON.stringify(newer), 0);
    const flags = await connected(store);
    await flags.set("cache", { ...ON, by: "admin:eve" });
    const stored = await store.readSettings("flags");
    expect(JSON.parse(stored?.document ?? "")).toMatchObject({ layers: { teleporter: { is: "on" } } });
    flags.close();
  });

  it("is refused where others have switched meanwhile, and two at the same time both happen", async () => {
    const store = createMemoryStore();
    const [here, there] = [await connected(store), await connected(store)];
    await here.set("cache", { ...ON, by: "admin:eve", ifVersion: 0 });
    await expect(there.set("cache", { ...OFF, by: "admin:max", ifVersion: 0 })).rejects.toMatchObject({
      code: "VERSION_CONFLICT",
      details: { version: 1 },
    });
    await Promise.all([
      here.set("batching", { ...ON, by: "admin:eve" }),
      there.set("prediction", { ...ON, by: "admin:max" }),
    ]);
    await pass(2_000);
    for (const flags of [here, there]) {
      expect(["cache", "batching", "prediction"].map((layer) => flags.asks(layer as "cache")("ada"))).toEqual(
        [true, true, true],
      );
      expect(flags.view().version).toBe(3);
      flags.close();
    }
  });

  it("keeps a history of the last fifty changes, without anybody's id", async () => {
    const flags = await connected(createMemoryStore());
    for (let change = 1; change <= 60; change += 1) {
      await flags.set("cache", { percent: change, players: ["ada"], except: [], by: "admin:eve" });
    }
    const { history } = flags.view();
    expect(history.length).toBe(50);
    expect(history[0]).toMatchObject({
      from: { percent: 59, playerCount: 1 },
      to: { percent: 60, playerCount: 1 },
    });
    expect(JSON.stringify(flags.stats())).not.toContain('"ada"');
    flags.close();
  });
});

describe("the configuration", () => {
  it("counts again where it says something else than when a layer was switched", async () => {
    const store = createMemoryStore();
    const before = await connected(store, { configured: { cache: ON } });
    await before.set("cache", { ...share(10), by: "admin:eve" });
    before.close();
    const same = await connected(store, { configured: { cache: ON } });
    expect(same.view().layers.cache.percent).toBe(10);
    const changed = await connected(store, { configured: { cache: share(50) } });
    expect(changed.view().layers.cache).toMatchObject({ percent: 50, changedBy: "configuration" });
    await pass(2_000);
    expect(same.view().layers.cache.percent).toBe(50);
    for (const one of [same, changed]) one.close();
  });

  it("can be read anew while the process runs", async () => {
    const flags = await connected(createMemoryStore(), { configured: { cache: ON } });
    const off = {
      cache: OFF,
      batching: ON,
      pool: OFF,
      prediction: OFF,
      memoryGovernor: OFF,
      overloadLimit: OFF,
    };
    await flags.configure({ ...off, checkpoint: OFF });
    expect([flags.asks("cache")("ada"), flags.asks("batching")("ada")]).toEqual([false, true]);
    await flags.set("cache", { ...share(10), by: "admin:eve" });
    await flags.configure({ ...off, checkpoint: OFF });
    expect(flags.view().layers.cache.percent).toBe(10);
    await flags.configure({ ...off, cache: share(30), checkpoint: OFF });
    expect(flags.view().layers.cache).toMatchObject({ percent: 30, changedBy: "configuration" });
    flags.close();
  });
});

describe("a process without a layer", () => {
  it("has no word in for whom it is on elsewhere", async () => {
    const store = createMemoryStore();
    const having = await connected(store, { configured: { cache: ON } });
    await having.set("cache", { ...share(10), by: "admin:eve" });
    const without = await connected(store, { notBuiltIn: { cache: "It needs Redis." } });
    expect(without.view().layers.cache.percent).toBe(10);
    await pass(2_000);
    expect(having.view().layers.cache).toMatchObject({ percent: 10, changedBy: "admin:eve" });
    for (const one of [having, without]) one.close();
  });
});

describe("what can't be", () => {
  const because = "It needs Redis. Start with layers.cache: { percent: 0 }.";

  it("is refused with what to do", async () => {
    const flags = await connected(createMemoryStore(), { notBuiltIn: { cache: because } });
    const by = "admin:eve";
    const refused: readonly [Parameters<Flags["set"]>, string][] = [
      [["cache", { ...ON, by }], `cache can't be switched on here. ${because}`],
      [["batch" as "batching", { ...ON, by }], 'There is no layer "batch": it is one of cache, batching'],
      [
        ["batching", { ...share(101), by }],
        '"percent" is a number from 0 to 100 with two decimals at most, not 101.',
      ],
      [
        ["batching", { ...share(1.005), by }],
        '"percent" is a number from 0 to 100 with two decimals at most, not 1.005.',
      ],
      [["batching", { ...share(Number.NaN), by }], '"percent" is a number from 0 to 100'],
      [["memoryGovernor", { ...share(50), by }], "There is one memoryGovernor for the whole process"],
      [["batching", { ...ON, players: ["a b"], by }], '"players": "a b" is no player id'],
      [["batching", { ...ON, players: ["a", "a"], by }], '"players" has a player twice.'],
      [
        ["batching", { ...ON, players: ["a"], except: ["a"], by }],
        'a is in "players" and in "except": choose one.',
      ],
      [
        ["batching", { ...ON, players: Array.from({ length: 1_001 }, (_, n) => `p${n}`), by }],
        '"players" has 1000 players at most.',
      ],
      [["batching", { ...ON, by: "" }], '"by" has 1 to 128 characters.'],
      [["batching", { ...ON, by, reason: "x".repeat(513) }], '"reason" has at most 512 characters.'],
    ];
    for (const [given, message] of refused) {
      await expect(flags.set(...given)).rejects.toThrow(message);
    }
    expect(flags.view().version).toBe(0);
    await flags.set("cache", { ...OFF, by });
    flags.close();
  });

  it("is off here though it is on elsewhere, and is told", async () => {
    const store = createMemoryStore();
    const notes: string[] = [];
    const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
    const without = await connected(store, { notBuiltIn: { cache: because }, telemetry });
    const having = await connected(store);
    await having.set("cache", { ...ON, by: "admin:eve" });
    await pass(2_000);
    expect([having.asks("cache")("ada"), without.asks("cache")("ada")]).toEqual([true, false]);
    expect(notes).toEqual(["A layer is on that this instance was started without."]);
    for (const one of [without, having]) one.close();
  });

  it("says what was configured wrong, and wants a store before it switches", async () => {
    expect(() => createFlags({ configured: { cache: share(200) } })).toThrow('"percent" is a number');
    expect(() => createFlags({ guard: { latencyFactor: 0.5 } })).toThrow("The guard's errorShare");
    expect(() => createFlags({ lookEveryMs: 0 })).toThrow("lookEveryMs must be a whole number from 1");
    const flags = createFlags(times);
    await expect(flags.set("cache", { ...ON, by: "admin:eve" })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    await flags.connect(createMemoryStore());
    await expect(flags.connect(createMemoryStore())).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    flags.close();
  });
});
