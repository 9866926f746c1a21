/** Whether players who come back find their record in the cache: with and without warming on start, and prefetching ahead of them. */
import { performance } from "node:perf_hooks";
import {
  createHabits,
  createPrefetcher,
  createRecentPlayers,
  type Habits,
  type Prefetcher,
  type PrefetchStats,
  warmUp,
} from "@mainspring/engine/cache/prefetch";
import { cached, createCache } from "@mainspring/engine/cache";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createManualClock, type ManualClock } from "@mainspring/engine/testing";
import { DAY_MS, drawCrowd, MINUTE_MS, seededRandom, type Visit } from "../fixtures/crowd.js";
import { formatNumber } from "../format.js";
import type { Finding, Row } from "../row.js";

const SEED = 4;
const START_MS = Date.UTC(2026, 0, 5);

interface Load {
  readonly playerCount: number;
  readonly weeks: number;
}

const FULL: Load = { playerCount: 2_000, weeks: 6 };
const QUICK: Load = { playerCount: 100, weeks: 3 };

const POLL_MS = 30_000;
const RECORD_BYTES = 600;
const TICK_MS = 10_000;
const TICKS_PER_PREFETCH = 6;
/** Each day the process starts anew, when many are there. */
const RESTART_TIME_MS = 20.25 * 60 * MINUTE_MS;
/** A start is over after so long: who comes later doesn't notice. */
const START_WINDOW_MS = 60_000;
/** Of all players, so many are read on start. */
const WARMED_SHARE = 0.1;

interface Way {
  readonly name: string;
  /** How long `activeQueue` keeps a record; and so what is prefetched. */
  readonly ttlSeconds: number;
  /** Warmed on start, and prefetching. */
  readonly looksAhead: boolean;
}

const WAYS: readonly Way[] = [
  { name: "records kept 5 minutes", ttlSeconds: 300, looksAhead: false },
  { name: "the same with warming and prediction", ttlSeconds: 300, looksAhead: true },
  { name: "records kept 30 minutes", ttlSeconds: 1_800, looksAhead: false },
  { name: "the same with warming and prediction", ttlSeconds: 1_800, looksAhead: true },
];

interface Tally {
  asked: number;
  hits: number;
}

interface Outcome {
  /** First requests of visits, those of the last two weeks. */
  readonly returns: Tally;
  /** First requests after a start, of players who were there before it. */
  readonly starts: Tally;
  /** All of them, of six weeks. */
  readonly databaseReads: number;
  readonly warmReads: number;
  readonly stats: PrefetchStats;
  /** Prefetches when it switched itself off first; `null`: it never did. */
  readonly fetchedUntilOff: number | null;
  readonly timesOff: number;
  readonly slowestTickMs: number;
}

export const returningCrowd: Row = async ({ isQuick }) => {
  const load = isQuick ? QUICK : FULL;
  const findings: Finding[] = [];
  for (const hasHabits of [true, false]) {
    const visits = drawCrowd({
      playerCount: load.playerCount,
      days: load.weeks * 7,
      startMs: START_MS,
      random: seededRandom(SEED),
      hasHabits,
    });
    for (const way of WAYS) {
      findings.push(findingOf(way, { outcome: await play(visits, { way, load }), load, hasHabits }));
    }
  }
  return findings;
};

/** What happens at an instant, earliest first. */
interface Happening {
  readonly atMs: number;
  readonly player: number;
  readonly isFirst: boolean;
}

async function play(
  visits: readonly Visit[],
  { way, load }: { readonly way: Way; readonly load: Load },
): Promise<Outcome> {
  const clock = createManualClock(START_MS);
  const world = await createWorld(clock, { way, load });
  const lastWeeksMs = START_MS + (load.weeks - 2) * 7 * DAY_MS;
  const returns: Tally = { asked: 0, hits: 0 };
  let nextTickMs = START_MS;
  let nextRestartMs = START_MS + RESTART_TIME_MS;
  for (const { atMs, player, isFirst } of requestsOf(visits)) {
    while (nextTickMs <= atMs || nextRestartMs <= atMs) {
      clock.set(Math.min(nextTickMs, nextRestartMs));
      if (nextRestartMs <= nextTickMs) {
        await world.restart();
        nextRestartMs += DAY_MS;
      } else {
        await world.tick();
        nextTickMs += TICK_MS;
      }
    }
    clock.set(atMs);
    const isHit = await world.read(player);
    if (!isFirst || atMs < lastWeeksMs) continue;
    returns.asked += 1;
    if (isHit) returns.hits += 1;
  }
  return { returns, ...world.outcome() };
}

/** A visit asks at once and then regularly. In the order of time. */
function* requestsOf(visits: readonly Visit[]): Generator<Happening> {
  let present: { readonly visit: Visit; nextAtMs: number }[] = [];
  let [index, nowMs] = [0, START_MS];
  while (index < visits.length || present.length > 0) {
    const due: Happening[] = [];
    nowMs += POLL_MS;
    for (const one of present) {
      if (one.nextAtMs >= nowMs) continue;
      due.push({ atMs: one.nextAtMs, player: one.visit.player, isFirst: false });
      one.nextAtMs += POLL_MS;
    }
    for (let visit = visits[index]; visit !== undefined && visit.startsAtMs < nowMs; visit = visits[index]) {
      due.push({ atMs: visit.startsAtMs, player: visit.player, isFirst: true });
      present.push({ visit, nextAtMs: visit.startsAtMs + POLL_MS });
      index += 1;
    }
    present = present.filter(({ visit, nextAtMs }) => nextAtMs < visit.startsAtMs + visit.lastsMs);
    yield* due.sort((one, other) => one.atMs - other.atMs);
  }
}

interface World {
  /** `true`: the record was in the cache. */
  read(player: number): Promise<boolean>;
  /** Each {@link TICK_MS}. */
  tick(): Promise<void>;
  restart(): Promise<void>;
  outcome(): Omit<Outcome, "returns">;
}

/** A process with a cache over its own store, and all that looks ahead for it. */
async function createWorld(
  clock: ManualClock,
  { way, load }: { readonly way: Way; readonly load: Load },
): Promise<World> {
  const cache = await createCountedCache(clock, { way, load });
  const starts = createStarts(clock);
  let habits = createHabits();
  const heldForMs = way.ttlSeconds * 1_000;
  const prefetcher = createPrefetcher({
    habits: { dueSoon: (nowMs, options) => habits.dueSoon(nowMs, options), size: () => habits.size() },
    fetch: async (ids) => cache.load(ids),
    heldForMs,
    isAllowed: () => way.looksAhead,
  });
  const watched = watchPrefetcher(prefetcher);
  const recentList = new Map<string, number>();
  const recent = createRecentPlayers({
    noteRecent: async (players) => {
      for (const { key, atMs } of players) recentList.set(key, atMs);
    },
  });
  let [warmReads, tickCount] = [0, 0];
  return {
    async read(player) {
      const id = `player-${player}`;
      const isHit = (await cache.load([id])).length === 0;
      habits.note(id, clock.nowMs());
      prefetcher.noteRead(id, isHit);
      recent.noteActive(id, clock.nowMs());
      starts.noteRead(id, isHit);
      return isHit;
    },
    async tick() {
      await recent.flush();
      tickCount += 1;
      if (tickCount % TICKS_PER_PREFETCH === 0) await watched.tick(clock.nowMs());
    },
    async restart() {
      starts.begin(cache.freshIds());
      cache.restart();
      habits = movedOver(habits, load.playerCount);
      if (!way.looksAhead) return;
      const sorted = [...recentList].sort(([, one], [, other]) => other - one).map(([id]) => id);
      const report = await warmUp({
        remote: { readRecent: async (limit) => sorted.slice(0, limit) },
        fetch: async (ids) => ({ found: (await cache.load(ids)).length, sizeBytes: 0 }),
        timers: clock,
        maxPlayers: Math.ceil(load.playerCount * WARMED_SHARE),
      });
      warmReads += report.found;
    },
    outcome: () => ({
      ...watched.outcome(),
      starts: starts.tally,
      databaseReads: cache.readCount(),
      warmReads,
      stats: prefetcher.stats(),
    }),
  };
}

/** The cache over a store that counts its reads. */
async function createCountedCache(
  clock: ManualClock,
  { way, load }: { readonly way: Way; readonly load: Load },
) {
  const playerIds = Array.from({ length: load.playerCount }, (_, player) => `player-${player}`);
  const database = createMemoryStore();
  await database.commit(
    playerIds.map((playerId) => ({
      expected: null,
      next: { playerId, incarnation: START_MS, version: 1, bytes: new Uint8Array(RECORD_BYTES) },
      events: [],
    })),
  );
  const random = seededRandom(SEED);
  const ttlSeconds = { activeQueue: way.ttlSeconds };
  const start = () =>
    cached(database, createCache({ isSoleWriter: true, clock, timers: clock, random, ttlSeconds }));
  let store = start();
  return {
    /** Reads those that are not at hand, and says which they were. */
    async load(ids: readonly string[]): Promise<readonly string[]> {
      const missing = ids.filter((id) => store.peek(id) === undefined);
      if (missing.length > 0) await store.read(missing, { consistency: "cached" });
      return missing;
    },
    freshIds: (): readonly string[] => playerIds.filter((id) => store.peek(id) !== undefined),
    restart() {
      store = start();
    },
    readCount: () => database.stats().reads,
  };
}

/** Those whose record was in the cache when the process ended, and what they find in the next one. */
function createStarts(clock: ManualClock) {
  const tally: Tally = { asked: 0, hits: 0 };
  let waiting = new Set<string>();
  let startedAtMs = -Infinity;
  return {
    tally,
    begin(ids: readonly string[]) {
      waiting = new Set(ids);
      startedAtMs = clock.nowMs();
    },
    noteRead(id: string, isHit: boolean) {
      if (!waiting.delete(id) || clock.nowMs() >= startedAtMs + START_WINDOW_MS) return;
      tally.asked += 1;
      if (isHit) tally.hits += 1;
    },
  };
}

function watchPrefetcher(prefetcher: Prefetcher) {
  let [slowestTickMs, timesOff] = [0, 0];
  let fetchedUntilOff: number | null = null;
  return {
    async tick(nowMs: number) {
      const wasOn = prefetcher.stats().isOn;
      const tickedAtMs = performance.now();
      await prefetcher.tick(nowMs);
      slowestTickMs = Math.max(slowestTickMs, performance.now() - tickedAtMs);
      const { isOn, fetched } = prefetcher.stats();
      if (!wasOn || isOn) return;
      timesOff += 1;
      fetchedUntilOff ??= fetched;
    },
    outcome: () => ({ fetchedUntilOff, timesOff, slowestTickMs }),
  };
}

/** What a restart keeps of habits: their bytes. */
function movedOver(habits: Habits, playerCount: number): Habits {
  const next = createHabits();
  for (let player = 0; player < playerCount; player += 1) {
    const bytes = habits.exportPlayer(`player-${player}`);
    if (bytes !== null) next.importPlayer(`player-${player}`, bytes);
  }
  return next;
}

function share({ asked, hits }: Tally): string {
  return asked === 0 ? "none" : `${((100 * hits) / asked).toFixed(1)} %`;
}

function findingOf(
  way: Way,
  {
    outcome,
    load,
    hasHabits,
  }: { readonly outcome: Outcome; readonly load: Load; readonly hasHabits: boolean },
): Finding {
  const { returns, starts, databaseReads, warmReads, stats } = outcome;
  const { fetched, used, wasted, precision, isOn } = stats;
  const told =
    outcome.fetchedUntilOff === null
      ? "never switched itself off"
      : `switched itself off after ${formatNumber(outcome.fetchedUntilOff)}, ${outcome.timesOff} times in all, and is ${isOn ? "on" : "off"} at the end`;
  return {
    what: `a crowd of ${formatNumber(load.playerCount)} that returns ${hasHabits ? "by habit" : "at random"}, ${load.weeks} weeks: ${way.name}`,
    measured: `${share(returns)} of first requests after an absence find the record in the cache; ${share(starts)} of those after a start`,
    budget: null,
    isMet: null,
    how: `${formatNumber(returns.asked)} returns in the last two weeks, ${formatNumber(starts.asked)} requests within a minute after a daily start; ${formatNumber(databaseReads)} database reads, of those ${formatNumber(warmReads)} to warm and ${formatNumber(fetched)} ahead: ${formatNumber(used)} used, ${formatNumber(wasted)} wasted, precision ${precision === null ? "none" : precision.toFixed(2)}; ${way.looksAhead ? told : "nothing was read ahead"}`,
    figures: {
      returns: returns.asked,
      returnHits: returns.hits,
      startRequests: starts.asked,
      startHits: starts.hits,
      databaseReads,
      warmReads,
      fetched,
      used,
      wasted,
      slowestTickMs: outcome.slowestTickMs,
    },
  };
}
