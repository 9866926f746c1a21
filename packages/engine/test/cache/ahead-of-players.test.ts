/** Records that are there before their players: those who were active last, and those who are likely to come. */
import { describe, expect, it } from "vitest";
import { cached, createCache, type CacheOptions } from "../../src/cache/index.js";
import type { Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { pass } from "./passing-time.js";

const incarnation = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

async function storeOf(
  playerIds: readonly string[],
  clock: ManualClock,
): Promise<{ store: Store; reads: () => number }> {
  const below = createMemoryStore({ clock });
  await below.commit(
    playerIds.map((playerId) => ({
      expected: null,
      next: { playerId, incarnation, version: 1, bytes: Uint8Array.of(1, 2, 3) },
      events: [],
    })),
  );
  let reads = 0;
  const store: Store = {
    ...below,
    async read(ids, options) {
      reads += ids.length;
      return below.read(ids, options);
    },
    close: async () => undefined,
  };
  return { store, reads: () => reads };
}

const CACHED = { consistency: "cached" } as const;

describe("a start", () => {
  it("reads the players who were active last, in bulk, before they ask", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    void beginGroup(server.connect());
    const players = Array.from({ length: 250 }, (_, index) => `player-${index}`);
    const { store, reads } = await storeOf([...players, "long gone"], clock);
    const open = () =>
      cached(store, createCache({ remote: server.connect(), clock, timers: clock, random: () => 0.5 }));
    const before = open();
    await pass(clock, 1_000, 100);
    for (const playerId of players) await before.read([playerId], CACHED);
    await pass(clock, 11_000, 500);
    await before.close();
    await pass(clock, 600_000, 60_000);
    const readsBefore = reads();
    const after = open();
    await pass(clock, 2_000, 100);
    expect(reads() - readsBefore).toBe(players.length);
    for (const playerId of players) expect(after.peek(playerId)?.version).toBe(1);
    expect(after.peek("long gone")).toBeUndefined();
    await after.close();
  });
});

describe("a player with a habit", () => {
  async function live(
    options: CacheOptions,
    { dayCount = 21, onDay = (_day: number): void => undefined } = {},
  ) {
    const clock = createManualClock(Date.UTC(2026, 0, 5, 19, 0));
    const { store } = await storeOf(["ada"], clock);
    const cache = createCache({ isSoleWriter: true, clock, timers: clock, random: () => 0.5, ...options });
    const game = cached(store, cache);
    let isThere = false;
    const fetchedByDay: number[] = [];
    for (let day = 0; day < dayCount; day += 1) {
      onDay(day);
      await pass(clock, 60 * MINUTE_MS, MINUTE_MS);
      isThere = game.peek("ada") !== undefined;
      await game.read(["ada"], CACHED);
      await pass(clock, DAY_MS - 60 * MINUTE_MS, MINUTE_MS);
      fetchedByDay.push(cache.stats().prefetch.fetched);
    }
    const { prefetch } = cache.stats();
    await game.close();
    return { isThere, prefetch, fetchedByDay };
  }

  it("finds the record there in the third week, if the cache looks ahead", async () => {
    const { isThere, prefetch } = await live({ isPredicting: true });
    expect(isThere).toBe(true);
    expect(prefetch).toMatchObject({ isOn: true, modelled: 1 });
    expect(prefetch.used).toBeGreaterThan(0);
  });

  it("doesn't while nothing may be fetched ahead, and does from then on", async () => {
    let isAllowed = false;
    const { isThere, fetchedByDay } = await live(
      { isPredicting: true, mayPrefetch: () => isAllowed },
      {
        dayCount: 23,
        onDay: (day) => {
          isAllowed = day >= 21;
        },
      },
    );
    expect(fetchedByDay[20]).toBe(0);
    expect(fetchedByDay[22]).toBeGreaterThan(0);
    expect(isThere).toBe(true);
  });

  it("isn't looked ahead for while prediction is off for the player, and is from then on that it is on", async () => {
    const switched = { isOn: false };
    const { isThere, prefetch, fetchedByDay } = await live(
      { isPredicting: () => switched.isOn },
      {
        dayCount: 42,
        onDay: (day) => {
          switched.isOn = day >= 21;
        },
      },
    );
    expect(fetchedByDay[20]).toBe(0);
    expect(prefetch.modelled).toBe(1);
    expect(isThere).toBe(true);
  });

  it("isn't fetched any more once prediction, or the cache, is off for the player", async () => {
    for (const layer of ["isPredicting", "isOn"] as const) {
      const switched = { isOn: true };
      const { prefetch, fetchedByDay } = await live(
        { isPredicting: true, [layer]: () => switched.isOn },
        {
          dayCount: 28,
          onDay: (day) => {
            switched.isOn = day < 24;
          },
        },
      );
      expect(fetchedByDay[23]).toBeGreaterThan(0);
      expect(prefetch.fetched).toBe(fetchedByDay[23]);
    }
  });

  it("doesn't, if it doesn't", async () => {
    const { isThere, prefetch } = await live({});
    expect(isThere).toBe(false);
    expect(prefetch).toMatchObject({ isOn: false, fetched: 0 });
  });
});

describe("what is asked for most", () => {
  it("is told by namespace", async () => {
    const clock = createManualClock();
    const { store } = await storeOf(["ada", "bob"], clock);
    const cache = createCache({ isSoleWriter: true, clock, timers: clock, random: () => 0.5 });
    const game = cached(store, cache);
    for (let index = 0; index < 10_000; index += 1) {
      if (game.peek("ada") === undefined) await game.read(["ada"], CACHED);
      if (index % 10 === 0) await game.read(["bob"], CACHED);
    }
    const { activeQueue = [] } = cache.stats().hottest;
    expect(activeQueue.map(({ key }) => key)).toEqual(["ada", "bob"]);
    const [ada] = activeQueue;
    expect((ada?.count ?? 0) / 10_000).toBeCloseTo(1, 0);
  });
});
