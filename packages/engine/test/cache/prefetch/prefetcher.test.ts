/** Reading ahead of players: who is fetched, what is counted, and when it stops. */
import { describe, expect, it } from "vitest";
import type { DueOptions } from "../../../src/cache/habits/habits.js";
import {
  createPrefetcher,
  MAX_FETCH_BATCH,
  type PrefetcherOptions,
} from "../../../src/cache/prefetch/prefetcher.js";
import { MIN_DECIDED, MIN_CHANCE, RETRY_AFTER_MS, SAMPLE_SIZE } from "../../../src/cache/prefetch/worth.js";

const HELD_FOR_MS = 300_000;

function players(count: number, prefix = "player"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** A prefetcher for which those in `due` are due, and which fetches whatever it asks for. */
function setUp(options: Partial<PrefetcherOptions> = {}) {
  const world = { due: [] as readonly string[], isAllowed: true };
  const asked: DueOptions[] = [];
  const batches: (readonly string[])[] = [];
  const prefetcher = createPrefetcher({
    habits: {
      dueSoon: (_, due) => {
        asked.push(due);
        return world.due.slice(0, due.limit);
      },
      size: () => 7,
    },
    fetch: async (playerIds) => {
      batches.push(playerIds);
      return playerIds;
    },
    heldForMs: HELD_FOR_MS,
    isAllowed: () => world.isAllowed,
    ...options,
  });
  return { prefetcher, world, asked, batches };
}

describe("a tick", () => {
  it("fetches who is likely to come while it is of use", async () => {
    const { prefetcher, world, asked, batches } = setUp();
    world.due = ["ada", "bob"];
    await prefetcher.tick(0);
    expect(batches).toEqual([["ada", "bob"]]);
    expect(asked).toMatchObject([{ withinMs: HELD_FOR_MS, minChance: MIN_CHANCE }]);
    expect(prefetcher.stats()).toEqual({
      isOn: true,
      fetched: 2,
      used: 0,
      wasted: 0,
      precision: null,
      modelled: 7,
    });
  });

  it("fetches nobody again before it is known what became of the last time", async () => {
    const { prefetcher, world, batches } = setUp();
    world.due = ["ada", "bob"];
    await prefetcher.tick(0);
    world.due = ["ada", "bob", "cyd"];
    await prefetcher.tick(HELD_FOR_MS - 1);
    expect(batches.at(-1)).toEqual(["cyd"]);
    await prefetcher.tick(HELD_FOR_MS);
    expect(batches.at(-1)).toEqual(["ada", "bob"]);
  });

  it("fetches in batches, and no more than so many", async () => {
    const { prefetcher, world, batches } = setUp({ maxPerTick: 250 });
    world.due = players(1_000);
    await prefetcher.tick(0);
    expect(batches.map(({ length }) => length)).toEqual([MAX_FETCH_BATCH, MAX_FETCH_BATCH, 50]);
    expect(batches.flat()).toEqual(players(250));
  });

  it("fetches nothing while it is not allowed to, and stops between batches", async () => {
    const { prefetcher, world, batches } = setUp({
      fetch: async (playerIds) => {
        batches.push(playerIds);
        world.isAllowed = false;
        return playerIds;
      },
    });
    world.due = players(250);
    world.isAllowed = false;
    await prefetcher.tick(0);
    expect(batches).toEqual([]);
    world.isAllowed = true;
    await prefetcher.tick(0);
    expect(batches).toHaveLength(1);
  });

  it("ends with a fetch that fails, counts nothing of it, and tries the same the next time", async () => {
    const asked: (readonly string[])[] = [];
    const { prefetcher, world } = setUp({
      fetch: async (playerIds) => {
        asked.push(playerIds);
        if (asked.length === 1) throw new Error("away");
        return playerIds;
      },
    });
    world.due = players(250);
    await prefetcher.tick(0);
    expect(asked).toHaveLength(1);
    expect(prefetcher.stats()).toMatchObject({ fetched: 0 });
    await prefetcher.tick(60_000);
    expect(asked.slice(1).flat()).toEqual(players(250));
    expect(prefetcher.stats()).toMatchObject({ fetched: 250 });
  });

  it("does nothing while another is under way", async () => {
    let answer: (playerIds: readonly string[]) => void = () => {};
    const { prefetcher, world, asked } = setUp({
      fetch: async () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    world.due = ["ada"];
    const first = prefetcher.tick(0);
    await prefetcher.tick(60_000);
    expect(asked).toHaveLength(1);
    answer(["ada"]);
    await first;
    await prefetcher.tick(120_000);
    expect(asked).toHaveLength(2);
  });
});

describe("a prefetch", () => {
  it("is used when its player comes and finds it, once", async () => {
    const { prefetcher, world } = setUp();
    world.due = ["ada", "bob"];
    await prefetcher.tick(0);
    prefetcher.noteRead("ada", true);
    prefetcher.noteRead("ada", true);
    prefetcher.noteRead("cyd", true);
    expect(prefetcher.stats()).toMatchObject({ fetched: 2, used: 1, wasted: 0, precision: 1 });
  });

  it("is wasted when it had gone by the time its player came, or nobody came", async () => {
    const { prefetcher, world } = setUp();
    world.due = ["ada", "bob"];
    await prefetcher.tick(0);
    prefetcher.noteRead("ada", false);
    expect(prefetcher.stats()).toMatchObject({ used: 0, wasted: 1 });
    world.due = [];
    await prefetcher.tick(HELD_FOR_MS);
    expect(prefetcher.stats()).toMatchObject({ fetched: 2, used: 0, wasted: 2, precision: 0 });
  });

  it("is none where nothing had to be read", async () => {
    const { prefetcher, world } = setUp({ fetch: async () => ["bob"] });
    world.due = ["ada", "bob"];
    await prefetcher.tick(0);
    prefetcher.noteRead("ada", true);
    expect(prefetcher.stats()).toMatchObject({ fetched: 1, used: 0 });
  });

  it("that its player overtook is wasted if they had to wait", async () => {
    let answer: (playerIds: readonly string[]) => void = () => {};
    const { prefetcher, world } = setUp({
      fetch: async () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    world.due = ["ada", "bob"];
    const tick = prefetcher.tick(0);
    prefetcher.noteRead("ada", false);
    prefetcher.noteRead("ada", true);
    prefetcher.noteRead("bob", true);
    answer(["ada", "bob"]);
    await tick;
    expect(prefetcher.stats()).toMatchObject({ fetched: 2, used: 1, wasted: 1 });
  });
});

describe("prefetching that doesn't pay", () => {
  /** So many have been fetched, and nobody came. */
  async function waste() {
    const set = setUp({ maxPerTick: MIN_DECIDED });
    set.world.due = players(MIN_DECIDED);
    await set.prefetcher.tick(0);
    set.world.due = players(1_000, "other");
    await set.prefetcher.tick(HELD_FOR_MS);
    return set;
  }

  it("switches itself off, and says so", async () => {
    const { prefetcher, batches } = await waste();
    expect(batches.flat()).toHaveLength(MIN_DECIDED);
    expect(prefetcher.stats()).toMatchObject({ isOn: false, fetched: MIN_DECIDED, wasted: MIN_DECIDED });
    await prefetcher.tick(HELD_FOR_MS + RETRY_AFTER_MS - 1);
    expect(batches.flat()).toHaveLength(MIN_DECIDED);
  });

  it("is tried again with a small sample, which has to pay", async () => {
    const { prefetcher, batches } = await waste();
    const atMs = HELD_FOR_MS + RETRY_AFTER_MS;
    await prefetcher.tick(atMs);
    await prefetcher.tick(atMs + 60_000);
    const sample = batches.flat().slice(MIN_DECIDED);
    expect(sample).toHaveLength(SAMPLE_SIZE);
    for (const playerId of sample) prefetcher.noteRead(playerId, true);
    await prefetcher.tick(atMs + 120_000);
    expect(batches.flat().length).toBeGreaterThan(MIN_DECIDED + SAMPLE_SIZE);
    expect(prefetcher.stats().isOn).toBe(true);
  });
});
