/** The guard: a change that harms those whom it reached is taken back within 30 s, at once here and soon everywhere. */
import { describe, expect, it } from "vitest";
import { createFlags, type CreateFlagsOptions, type LayerSetting, OFF, ON } from "../../src/flags/index.js";
import type { Flags, RevertCause, Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock, type ManualClock } from "../../src/testing/index.js";

const half: LayerSetting = { percent: 50, players: [], except: [] };
const by = "admin:eve";
const NOTHING_ON = {
  cache: OFF,
  batching: OFF,
  pool: OFF,
  prediction: OFF,
  memoryGovernor: OFF,
  overloadLimit: OFF,
  checkpoint: OFF,
};

interface Watched {
  readonly clock: ManualClock;
  readonly flags: Flags;
  readonly notes: string[];
}

async function watched(store: Store, options: CreateFlagsOptions = {}): Promise<Watched> {
  const clock = createManualClock();
  const notes: string[] = [];
  const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
  const flags = createFlags({ clock, timers: clock, telemetry, ...options });
  await flags.connect(store);
  return { clock, flags, notes };
}

interface Load {
  readonly seconds: number;
  /** How long a request of a player takes whom the layer serves. */
  readonly onMs?: number;
  readonly offMs?: number;
  readonly failsOn?: boolean;
  readonly failsOff?: boolean;
  readonly wrongOn?: boolean;
  /** Who asks twenty times a second more, each time in vain and slowly. */
  readonly unlucky?: string;
}

/** Fifty requests in each second. @returns the second after which nothing was measured any more */
async function load({ clock, flags }: Watched, { seconds, ...fare }: Load): Promise<number | null> {
  const { onMs = 2, offMs = 2, failsOn = false, failsOff = false, wrongOn = false, unlucky } = fare;
  const isOn = flags.asks("cache");
  for (let second = 1; second <= seconds; second += 1) {
    for (let request = 0; request < 50; request += 1) {
      const playerId = `player-${request}`;
      const served = isOn(playerId);
      flags.note(playerId, { elapsedMs: served ? onMs : offMs, isError: served ? failsOn : failsOff });
      if (wrongOn && served && request < 10) flags.noteWrong(playerId, 0);
    }
    for (const playerId of unlucky === undefined ? [] : Array.from({ length: 20 }, () => unlucky)) {
      flags.note(playerId, { elapsedMs: 400, isError: true });
    }
    clock.advance(1_000);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    if (!flags.isMeasuring()) return second;
  }
  return null;
}

describe("the guard takes back", () => {
  const harms: readonly [string, Omit<Load, "seconds">, RevertCause, RegExp][] = [
    ["is slow", { onMs: 60 }, "slowness", /took 60 ms or more, against up to 2.2 ms/],
    ["fails", { failsOn: true }, "errors", /100 % of \d+ requests failed, against 0 %/],
    ["gives wrong answers", { wrongOn: true }, "wrongAnswers", /answers differ from those of the plain path/],
  ];
  for (const [what, harm, cause, reason] of harms) {
    it(`a layer that ${what}, within 30 s, and says why`, async () => {
      const one = await watched(createMemoryStore());
      await one.flags.set("cache", { ...half, by });
      expect(await load(one, { seconds: 30, ...harm })).toBeLessThanOrEqual(5);
      const { layers, history, reverts } = one.flags.view();
      expect(layers.cache).toMatchObject({
        ...OFF,
        changedBy: "guard",
        reason: expect.stringMatching(reason),
      });
      expect(history[0]).toMatchObject({ by: "guard", from: { percent: 50 }, to: { percent: 0 } });
      expect([reverts, layers.cache.reverts[cause]]).toEqual([1, 1]);
      expect(one.notes).toContain("The guard has taken a change of a layer back.");
      one.flags.close();
    });
  }

  it("a layer's switching off, where those without it fare worse", async () => {
    const one = await watched(createMemoryStore(), { configured: { cache: ON } });
    await one.flags.set("cache", { ...half, by });
    expect(await load(one, { seconds: 30, offMs: 60 })).toBeLessThanOrEqual(5);
    expect(one.flags.view().layers.cache).toMatchObject({ ...ON, changedBy: "guard" });
    one.flags.close();
  });

  it("what was configured so from the start", async () => {
    const one = await watched(createMemoryStore(), { configured: { cache: half } });
    expect(await load(one, { seconds: 30, failsOn: true })).toBeLessThanOrEqual(5);
    expect(one.flags.view().layers.cache).toMatchObject({ ...OFF, changedBy: "guard" });
    one.flags.close();
  });

  it("what the configuration has newly put on, whatever was switched before", async () => {
    const one = await watched(createMemoryStore(), { configured: {} });
    await one.flags.set("cache", { ...ON, by });
    await one.flags.reset("cache", { by });
    await one.flags.configure({ ...NOTHING_ON, cache: half });
    expect(await load(one, { seconds: 30, failsOn: true })).toBeLessThanOrEqual(5);
    expect(one.flags.view().layers.cache).toMatchObject({ ...OFF, changedBy: "guard" });
    one.flags.close();
  });

  it("a layer of the one player for whom it was put on", async () => {
    const one = await watched(createMemoryStore());
    await one.flags.set("cache", { ...OFF, players: ["ada"], by });
    expect(await load(one, { seconds: 30, unlucky: "ada" })).toBeLessThanOrEqual(5);
    const except = await watched(createMemoryStore(), { configured: { cache: ON } });
    await except.flags.set("cache", { ...ON, except: ["ada"], by });
    expect(await load(except, { seconds: 30, unlucky: "ada" })).toBeLessThanOrEqual(5);
    for (const { flags } of [one, except]) flags.close();
  });

  it("it here at once while the store is away, and everywhere when it is back", async () => {
    const kept = createMemoryStore();
    const store = createFaultStore({ store: kept, seed: 1 });
    const one = await watched(store);
    await one.flags.set("cache", { ...half, by });
    store.setRates({ before: 1 });
    expect(await load(one, { seconds: 30, failsOn: true })).toBeLessThanOrEqual(5);
    expect(one.flags.asks("cache")("player-1") || one.flags.asks("cache")("player-2")).toBe(false);
    for (let second = 0; second < 5; second += 1) await load(one, { seconds: 1 });
    const told = one.notes.filter((note) => note.startsWith("What the guard took back can't be stored yet"));
    expect(told).toHaveLength(1);
    store.setRates({});
    await load(one, { seconds: 3 });
    const other = await watched(kept);
    expect(other.flags.view().layers.cache).toMatchObject({ ...OFF, changedBy: "guard" });
    for (const { flags } of [one, other]) flags.close();
  });
});

describe("the guard leaves alone", () => {
  const fine: readonly [string, Omit<Load, "seconds">][] = [
    ["does no harm", {}],
    ["helps", { onMs: 1, offMs: 60, failsOff: true }],
    ["meets what everybody meets", { onMs: 60, offMs: 60, failsOn: true, failsOff: true }],
  ];
  for (const [what, fare] of fine) {
    it(`a layer that ${what}`, async () => {
      const one = await watched(createMemoryStore());
      await one.flags.set("cache", { ...half, by });
      expect(await load(one, { seconds: 60, ...fare })).toBeNull();
      expect(one.flags.view()).toMatchObject({ reverts: 0, layers: { cache: { percent: 50 } } });
      one.flags.close();
    });
  }

  it("a layer whose players a pause of the whole process has met by chance", async () => {
    const one = await watched(createMemoryStore());
    await one.flags.set("cache", { ...half, by });
    expect(await load(one, { seconds: 10 })).toBeNull();
    expect(await load(one, { seconds: 2, onMs: 400, failsOn: true })).toBeNull();
    expect(await load(one, { seconds: 40 })).toBeNull();
    expect(one.flags.view()).toMatchObject({ reverts: 0, layers: { cache: { percent: 50 } } });
    one.flags.close();
  });

  it("a layer of which one player complains, however often", async () => {
    const one = await watched(createMemoryStore());
    await one.flags.set("cache", { ...half, by });
    const isOn = one.flags.asks("cache");
    const unlucky = ["ada", "bob", "cleo", "dan", "eve", "finn"].find(isOn) ?? "";
    expect(isOn(unlucky)).toBe(true);
    expect(await load(one, { seconds: 40, unlucky })).toBeNull();
    expect(one.flags.view().layers.cache).toMatchObject({ percent: 50, arms: { on: { errors: 29 * 20 } } });
    // Others who complain are heard.
    expect(await load(one, { seconds: 30, unlucky, failsOn: true })).toBeLessThanOrEqual(5);
    one.flags.close();
  });

  it("what was switched without it, and everything where it is switched off, and measures all the same", async () => {
    const unguarded = await watched(createMemoryStore());
    await unguarded.flags.set("cache", { ...half, isGuarded: false, by });
    const none = await watched(createMemoryStore(), { guard: null });
    await none.flags.set("cache", { ...half, by });
    for (const one of [unguarded, none]) {
      expect(await load(one, { seconds: 40, failsOn: true })).toBeNull();
      const { arms, isGuarded } = one.flags.view().layers.cache;
      expect(isGuarded).toBe(false);
      expect(arms?.on.errors).toBe(arms?.on.requests);
      expect(arms?.off).toMatchObject({ errors: 0, wrong: 0 });
      one.flags.close();
    }
  });

  it("what is to be left alone from now on, though the share stays the same, and takes it under guard again", async () => {
    const one = await watched(createMemoryStore());
    await one.flags.set("cache", { ...half, by });
    await one.flags.set("cache", { ...half, isGuarded: false, by });
    expect(await load(one, { seconds: 40, failsOn: true })).toBeNull();
    await one.flags.set("cache", { ...half, by });
    expect(await load(one, { seconds: 30, failsOn: true })).toBeLessThanOrEqual(5);
    one.flags.close();
  });

  it("a share that was made smaller: nobody gets the layer who never had it", async () => {
    const one = await watched(createMemoryStore());
    await one.flags.set("cache", { ...half, by });
    await one.flags.set("cache", { ...half, percent: 10, by });
    expect(await load(one, { seconds: 30, offMs: 60 })).toBeNull();
    expect(one.flags.view().layers.cache.percent).toBe(10);
    one.flags.close();
  });

  it("a reset that came after it, before the store had what it did", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    const one = await watched(store, { configured: { cache: half } });
    store.setRates({ before: 1 });
    await load(one, { seconds: 5, failsOn: true });
    expect(one.flags.view().layers.cache).toMatchObject({ percent: 0, changedBy: "guard" });
    store.setRates({});
    await one.flags.reset("cache", { by });
    await load(one, { seconds: 3 });
    expect(one.flags.view().layers.cache).toMatchObject({ percent: 50, changedBy: null });
    one.flags.close();
  });

  it("a change that somebody else made after the one that harmed", async () => {
    const kept = createMemoryStore();
    const store = createFaultStore({ store: kept, seed: 1 });
    const one = await watched(store);
    await one.flags.set("cache", { ...half, by });
    store.setRates({ before: 1 });
    await load(one, { seconds: 5, failsOn: true });
    const other = await watched(kept);
    await other.flags.set("cache", { percent: 0, players: ["ada"], except: [], by: "admin:max" });
    store.setRates({});
    await load(one, { seconds: 3 });
    expect(one.flags.view().layers.cache).toMatchObject({ players: ["ada"], changedBy: "admin:max" });
    expect(one.flags.asks("cache")("ada")).toBe(true);
    for (const { flags } of [one, other]) flags.close();
  });
});

it("measures anew after each change, and no longer than something is partly rolled out", async () => {
  const one = await watched(createMemoryStore());
  expect(one.flags.isMeasuring()).toBe(false);
  await one.flags.set("cache", { ...half, isGuarded: false, by });
  await load(one, { seconds: 2, failsOn: true });
  await one.flags.set("cache", { ...half, percent: 60, by });
  expect(one.flags.view().layers.cache.arms?.on).toEqual({
    requests: 0,
    errors: 0,
    wrong: 0,
    p50Ms: null,
    p99Ms: null,
  });
  await one.flags.set("cache", { ...ON, by });
  expect(one.flags.isMeasuring()).toBe(false);
  expect(one.flags.view().layers.cache.arms).toBeNull();
  one.flags.close();
});

it("starts no timer once it is closed, though a look was under way or the configuration is read anew", async () => {
  const store = createMemoryStore();
  const one = await watched(store);
  const other = await watched(store);
  await other.flags.set("cache", { ...half, by });
  one.clock.advance(2_000);
  one.flags.close();
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  expect(one.flags.isMeasuring()).toBe(false);
  await one.flags.configure({ ...NOTHING_ON, batching: half });
  expect(one.flags.isMeasuring()).toBe(false);
  other.flags.close();
});
