/** For each alert the doctor has a finding, from the same threshold on. */
import type { GovernorStats, PoolStats } from "@mainspring/engine";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { findingsOf } from "../../src/cli/doctor-server.js";
import { createHttpNumbers } from "../../src/http/numbers/http-numbers.js";
import type { RouteStats, ServerStats } from "../../src/http/numbers/http-stats.js";
import type { AlertName } from "../../src/thresholds.js";
import { openLayeredEngine } from "../support/layered-engine.js";

/** A server on which nothing is odd. */
async function well(): Promise<ServerStats> {
  const engine = await openLayeredEngine();
  const stats = engine.performance();
  const memoryStats = { ...stats.memoryStats, eventLoopDelayP99Ms: 1, rssBytes: 1 };
  const httpStats = createHttpNumbers(createManualClock()).stats();
  return { ...stats, memoryStats, httpStats, uptimeMs: 1_000_000 };
}

type Change = (stats: ServerStats) => Partial<ServerStats>;

const route = (requests: number, serverErrors: number) => ({ requests, serverErrors }) as RouteStats;

const failures =
  (serverErrors: number): Change =>
  ({ httpStats, serviceStats }) => ({
    serviceStats: { ...serviceStats, errors: { VERSION_CONFLICT: 2, RECORD_TOO_LARGE: 9 } },
    httpStats: {
      ...httpStats,
      byRoute: { "GET /v1/catalog": route(1_000, serverErrors), "GET /readyz": route(9, 9) },
    },
  });

const cachedReads =
  (p99Ms: number): Change =>
  ({ httpStats }) => ({ httpStats: { ...httpStats, cachedReads: { ...httpStats.cachedReads, p99Ms } } });

const hits =
  (count: number): Change =>
  ({ cacheStats }) => {
    const { "activeQueue.local": local } = cacheStats;
    if (local === undefined) throw new Error("There is no cache.");
    return { cacheStats: { "activeQueue.local": { ...local, hits: count, misses: 5_000 } } };
  };

const memory =
  (changed: Partial<GovernorStats>): Change =>
  ({ memoryStats }) => {
    if (memoryStats.governor === null) throw new Error("There is no governor.");
    return { memoryStats: { ...memoryStats, governor: { ...memoryStats.governor, ...changed } } };
  };

const pool =
  (busy: number, waiting: number): Change =>
  () => ({ poolStats: { connections: { busy }, maxConnections: 10, waiting } as PoolStats });

const storeErrors =
  (failed: number): Change =>
  ({ storeStats }) => {
    if (storeStats.calls === undefined) throw new Error("The store isn't measured.");
    const { read, commit } = storeStats.calls;
    const calls = {
      read: { ...read, count: 600 },
      commit: { ...commit, count: 400 },
      errors: { STORE_UNAVAILABLE: failed },
    };
    return { storeStats: { ...storeStats, calls } };
  };

const delay =
  (eventLoopDelayP99Ms: number): Change =>
  ({ memoryStats }) => ({ memoryStats: { ...memoryStats, eventLoopDelayP99Ms } });

const overload =
  (step: 0 | 1): Change =>
  ({ overloadStats }) => ({ overloadStats: overloadStats && { ...overloadStats, step } });

const reverts =
  (count: number): Change =>
  ({ flagStats }) => ({
    flagStats: flagStats && {
      ...flagStats,
      reverts: count,
      history: [
        {
          atMs: 1,
          layer: "cache",
          by: "guard",
          reason: "p99 48 ms against 9 ms",
          from: { percent: 10, playerCount: 0, exceptCount: 0 },
          to: { percent: 0, playerCount: 0, exceptCount: 0 },
        },
      ],
    },
  });

const quarantined =
  (count: number): Change =>
  ({ serviceStats }) => ({ serviceStats: { ...serviceStats, quarantined: count } });

const breaker =
  (state: "open" | "closed"): Change =>
  ({ cacheHealth }) => ({
    cacheHealth: cacheHealth && {
      ...cacheHealth,
      trust: { ...cacheHealth.trust, breaker: state, members: 2, isTrusted: true },
    },
  });

const backlog =
  (pending: number): Change =>
  ({ batchStats }) => ({ batchStats: { ...batchStats, pending } });

const alarm = {
  bytesPerMinute: 1,
  lowBytesPerMinute: 1,
  highBytesPerMinute: 1,
  samples: 40,
  windowMs: 1,
  reachesThresholdInMs: 1,
};

/** What is just odd enough, what isn't, and what the finding says. */
const CASES: Readonly<Record<AlertName, readonly [odd: Change, fine: Change, what: string, remedy: string]>> =
  {
    MainspringTaskFailures: [
      failures(51),
      failures(50),
      "5.1 % of all requests",
      "most errors were RECORD_TOO_LARGE",
    ],
    MainspringCachedReadsSlow: [cachedReads(10.1), cachedReads(10), "one in a hundred took 10.1 ms", "."],
    MainspringCacheHitRateLow: [
      hits(4_990),
      hits(5_000),
      "49.9 % are in the cache",
      "requests of one player to one server",
    ],
    MainspringBatchBacklog: [
      backlog(1_001),
      backlog(1_000),
      "1001 operations wait",
      "batch.maxConcurrentBatches",
    ],
    MainspringPoolSaturated: [pool(10, 3), pool(9, 3), "10 of 10 connections", "database.maxConnections"],
    MainspringMemoryShort: [
      memory({ level: 2, by: "live" }),
      memory({ level: 1, by: "live" }),
      "level 2",
      "memory",
    ],
    MainspringMemoryEmergency: [
      memory({ level: 3, by: "heap" }),
      memory({ level: 1, by: "heap" }),
      "level 3",
      "max-old-space-size",
    ],
    MainspringMemoryGrows: [memory({ alarm }), memory({ alarm: null }), "Memory grows", "heap snapshot"],
    MainspringStoreErrors: [
      storeErrors(11),
      storeErrors(10),
      "1.1 % of the store's calls failed, most with STORE_UNAVAILABLE",
      "disk",
    ],
    MainspringEventLoopLate: [delay(201), delay(200), "waited 201 ms", "blocks it now and then"],
    MainspringOverloaded: [overload(1), overload(0), "at its limit (step 1", "more servers"],
    MainspringRolloutReverted: [
      reverts(1),
      reverts(0),
      "the last time cache: p99 48 ms against 9 ms",
      "mainspring flags",
    ],
    MainspringRecordsQuarantined: [quarantined(1), quarantined(0), "1 damaged records", "restore"],
    MainspringRedisAway: [breaker("open"), breaker("closed"), "Redis doesn't answer", "Look at Redis"],
  };

describe.each(Object.entries(CASES))("where Prometheus raises %s", (_alert, [odd, fine, what, remedy]) => {
  it("the doctor has a finding with what helps, and none just before", async () => {
    const stats = await well();
    expect(findingsOf({ ...stats, ...odd(stats) })).toEqual([
      {
        state: expect.stringMatching(/^(?:warn|fail)$/) as string,
        what: expect.stringContaining(what) as string,
        remedy: expect.stringContaining(remedy) as string,
      },
    ]);
    expect(findingsOf({ ...stats, ...fine(stats) })).toMatchObject([{ state: "ok" }]);
  });
});

describe("a late server's likely cause", () => {
  const none = { count: 0, pauseMs: 0 };
  const quiet = {
    cpuUserMs: 9_000,
    cpuSystemMs: 1_000,
    eventLoopBusyMs: 10_000,
    collections: { minor: none, major: none, incremental: none, weak: none },
  };
  it.each([
    [
      "collections",
      { collections: { ...quiet.collections, major: { count: 9, pauseMs: 150_000 } } },
      "Collections take 15 % of the time",
    ],
    ["neighbours", { eventLoopBusyMs: 500_000, cpuUserMs: 100_000 }, "doesn't get the processor"],
    [
      "too much to do",
      { eventLoopBusyMs: 900_000, cpuUserMs: 850_000 },
      "something to do for 90 % of the time",
    ],
    ["something that blocks", {}, "blocks it now and then"],
  ] as const)("is told: %s", async (_cause, burden, remedy) => {
    const stats = await well();
    const late = { ...stats, ...delay(900)(stats), processStats: { ...quiet, ...burden } };
    expect(findingsOf(late)).toMatchObject([{ remedy: expect.stringContaining(remedy) as string }]);
  });
});
