/** What the doctor makes of a server's numbers, and of Node.js. */
import {
  createEngine,
  type GovernorStats,
  type GrowthAlarm,
  type OverloadStats,
  type PerformanceStats,
  type WholeCacheStats,
} from "@mainspring/engine";
import { cached, createCache } from "@mainspring/engine/cache";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { createHttpNumbers } from "../../src/http/numbers/http-numbers.js";
import type { ServerStats } from "../../src/http/numbers/http-stats.js";
import { checkNode } from "../../src/cli/doctor-machine.js";
import { findingsOf } from "../../src/cli/doctor-server.js";
import { testCatalog } from "../support/test-catalog.js";

async function numbers(): Promise<ServerStats> {
  const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
  const stats = engine.performance();
  await engine.close();
  const memoryStats = { ...stats.memoryStats, eventLoopDelayP99Ms: 1, rssBytes: 1 };
  return { ...stats, memoryStats, httpStats: createHttpNumbers(createManualClock()).stats() };
}

/** As the engine tells what a cache has counted. */
function rated(namespaces: WholeCacheStats["namespaces"]): PerformanceStats["cacheStats"] {
  return Object.fromEntries(
    Object.entries(namespaces).map(([name, stats]) => [name, { ...stats, hitRate: null }]),
  );
}

/** How an instance stands to the others when all is well. */
const WELL = {
  breaker: "closed",
  breakerOpenings: 0,
  isTrusted: true,
  isGroupComplete: true,
  members: 2,
  breaks: 0,
  unconfirmed: 3,
  announcements: 1_000,
} as const;

const MIB = 1_048_576;
const RELIEF = { entered: 1, left: 1, entries: 10, bytes: 1_000, expiredEntries: 4 };

const GOVERNED: GovernorStats = {
  isOn: true,
  level: 0,
  by: null,
  liveBytes: 80 * MIB,
  thresholdBytes: 100 * MIB,
  residentBytes: 120 * MIB,
  residentLimitBytes: 4_000 * MIB,
  heapLimitBytes: 4_000 * MIB,
  cacheBytes: 10 * MIB,
  cacheEntries: 5_000,
  tenants: {},
  relief: { 1: RELIEF, 2: RELIEF, 3: RELIEF },
  collections: { isOn: true, count: 1, freedBytes: 1_000, pauseMs: 40, last: null, inVain: 0 },
  alarm: null,
};

const ALARM: GrowthAlarm = {
  bytesPerMinute: MIB,
  lowBytesPerMinute: 0.9 * MIB,
  highBytesPerMinute: 1.1 * MIB,
  samples: 40,
  windowMs: 600_000,
  reachesThresholdInMs: 9_000_000,
};

const ADMITTED = { admitted: 1_000, refused: 10, inFlight: 2, withoutQueueMs: 1.5 };

const UNHURRIED: OverloadStats = {
  isOn: true,
  step: 0,
  limit: 100,
  inFlight: 6,
  byPriority: { command: ADMITTED, read: ADMITTED, low: ADMITTED },
  refusedForLoad: 30,
  refusedForMemory: 0,
  stepsEntered: { 1: 1, 2: 0, 3: 0 },
};

describe("the doctor", () => {
  it("is content with numbers as they should be", async () => {
    expect(findingsOf(await numbers())).toEqual([
      { state: "ok", what: "The server's numbers are as they should be." },
    ]);
  });

  it("names each number that is odd, and what helps", async () => {
    const stats = await numbers();
    const findings = findingsOf({
      ...stats,
      memoryStats: { ...stats.memoryStats, eventLoopDelayP99Ms: 900, rssBytes: 1e18 },
      batchStats: { ...stats.batchStats, pending: 5_000 },
      serviceStats: {
        ...stats.serviceStats,
        commits: 100,
        conflicts: 50,
        quarantined: 2,
        errors: { OVERLOADED: 3, QUEUE_FULL: 9 },
      },
    });
    expect(findings.map(({ state }) => state)).toEqual(["warn", "warn", "warn", "warn", "warn", "fail"]);
    for (const { remedy } of findings) expect(remedy).toMatch(/\S/);
    expect(findings.map(({ what }) => what).join("\n")).toContain("3 requests ended with OVERLOADED.");
  });

  it("has nothing to say of a cache that is well, with Redis or without", async () => {
    const stats = await numbers();
    const alone = createCache({ isSoleWriter: true });
    const { namespaces, ...cacheHealth } = alone.stats();
    const ok = [{ state: "ok", what: "The server's numbers are as they should be." }];
    expect(findingsOf({ ...stats, cacheHealth, cacheStats: rated(namespaces) })).toEqual(ok);
    expect(findingsOf({ ...stats, cacheHealth: { ...cacheHealth, trust: WELL } })).toEqual(ok);
    // Just started, it can't have heard of anybody yet.
    const starting = { ...WELL, isTrusted: false };
    expect(findingsOf({ ...stats, uptimeMs: 500, cacheHealth: { ...cacheHealth, trust: starting } })).toEqual(
      ok,
    );
    await alone.close();
  });

  it("has nothing to say of memory and load that are well", async () => {
    const stats = await numbers();
    // At level 1 caches make room, which is their business.
    const memoryStats = { ...stats.memoryStats, governor: { ...GOVERNED, level: 1 as const } };
    expect(findingsOf({ ...stats, memoryStats, overloadStats: UNHURRIED })).toEqual([
      { state: "ok", what: "The server's numbers are as they should be." },
    ]);
  });

  it.each([
    [
      { level: 2, cacheBytes: 60 * MIB },
      "warn",
      "level 2: caches are at their floor, statistics are refused",
      "maxCacheSize",
    ],
    [{ level: 2 }, "warn", "80 MiB of 100 MiB are live, 10 MiB of it in caches", "memoryThreshold"],
    [{ level: 3, liveBytes: null }, "fail", "only commands are served", "memoryThreshold"],
    [
      { level: 2, by: "resident", residentBytes: 3_500 * MIB },
      "warn",
      "3500 MiB are resident of 4000 MiB that the process may have",
      "Give the container or the machine more memory",
    ],
    [{ level: 2, by: "heap" }, "warn", "near V8's own limit of 4000 MiB", "--max-old-space-size"],
    [
      { alarm: ALARM },
      "fail",
      "grows by 60 MiB an hour although the caches don't: at this rate it is full in 2.5 hours",
      "heap snapshot",
    ],
  ] as const)("says what is odd about memory: %j", async (odd, state, what, remedy) => {
    const stats = await numbers();
    const memoryStats = { ...stats.memoryStats, governor: { ...GOVERNED, ...odd } };
    expect(findingsOf({ ...stats, memoryStats })).toEqual([
      {
        state,
        what: expect.stringContaining(what) as string,
        remedy: expect.stringContaining(remedy) as string,
      },
    ]);
  });

  it.each([
    [{ step: 2 }, "step 2: reads are refused as well"],
    [{ refusedForLoad: 31 }, "31 requests were refused for load, beside 3000 that were let in"],
  ] as const)("says what was refused: %j", async (odd, what) => {
    const stats = await numbers();
    expect(findingsOf({ ...stats, overloadStats: { ...UNHURRIED, ...odd } })).toEqual([
      {
        state: "warn",
        what: expect.stringContaining(what) as string,
        remedy: expect.stringMatching(/\S/) as string,
      },
    ]);
  });

  it.each([
    [{ members: 0, breaker: "open", isTrusted: false }, "fail", "The server has never reached Redis"],
    [{ breaker: "open", isTrusted: false, unconfirmed: 7 }, "warn", "with 7 changes to tell when it is back"],
    [{ breaker: "half-open", isTrusted: false }, "warn", "Redis doesn't answer"],
    [{ isTrusted: false, isGroupComplete: false }, "warn", "Redis is new"],
    [{ isTrusted: false, breaks: 3 }, "warn", "the channel broke 3 times"],
    [{ unconfirmed: 4_000 }, "warn", "4000 changes wait for Redis"],
  ] as const)("says what is odd about a cache: %j", async (odd, state, what) => {
    const stats = await numbers();
    const cache = createCache({ isSoleWriter: true });
    const { namespaces: _, ...health } = cache.stats();
    await cache.close();
    const cacheHealth = { ...health, trust: { ...WELL, ...odd } };
    const findings = findingsOf({ ...stats, uptimeMs: 60_000, cacheHealth });
    expect(findings).toEqual([
      {
        state,
        what: expect.stringContaining(what) as string,
        remedy: expect.stringMatching(/\S/) as string,
      },
    ]);
  });

  it("says when the cache is small for the players who are there", async () => {
    const stats = await numbers();
    const cache = createCache({ isSoleWriter: true });
    cached(createMemoryStore(), cache);
    const { "activeQueue.local": empty } = cache.stats().namespaces;
    await cache.close();
    if (empty === undefined) throw new Error("The cache has no such namespace.");
    const findingsWith = (evictions: number, hits: number) =>
      findingsOf({
        ...stats,
        cacheStats: { "activeQueue.local": { ...empty, evictions, hits, hitRate: null } },
      });
    expect(findingsWith(5_000, 20_000)).toMatchObject([
      { state: "warn", what: "The cache is small: 5000 entries had to go for 20000 that were asked for." },
    ]);
    for (const [evictions, hits] of [
      [5_000, 60_000],
      [50, 100],
    ] as const) {
      expect(findingsWith(evictions, hits)).toMatchObject([{ state: "ok" }]);
    }
  });

  it("asks for a Node.js that is new enough", () => {
    expect(["18.20.0", "20.18.3", "20.19.0", "22.1.0"].map((version) => checkNode(version).state)).toEqual([
      "fail",
      "fail",
      "ok",
      "ok",
    ]);
  });
});
