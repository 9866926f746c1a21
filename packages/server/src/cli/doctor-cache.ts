/** What the numbers of a running server's cache say. */
import type { PerformanceStats } from "@mainspring/engine";
import { THRESHOLDS } from "../thresholds.js";
import { percent } from "./doctor-causes.js";
import type { Finding } from "./finding.js";

/** Changes that Redis hasn't confirmed: some are always on their way. */
const MANY_UNCONFIRMED = 1_000;

/** After so long the channel is open, if it can be. */
const SETTLED_MS = 10_000;

/** One that had to go for so many that were asked for is no accident. */
const LOOKS_PER_EVICTION = 10;

/** Fewer say nothing. */
const FEW_EVICTIONS = 100;

/** A cache that has just begun has missed fewer. */
const MANY_MISSES = 1_000;

type CacheNumbers = Pick<PerformanceStats, "cacheHealth" | "cacheStats" | "uptimeMs">;

/** Nothing where there is no cache. */
export function cacheFindings(stats: CacheNumbers): Finding[] {
  return [...redisFindings(stats), ...evictionFindings(stats), ...hitRateFindings(stats)];
}

/** Of the records, as the alert counts: what Redis has is as good as what is here. */
function hitRateFindings({ cacheStats }: CacheNumbers): Finding[] {
  const { "activeQueue.local": local, "activeQueue.redis": redis } = cacheStats;
  if (local === undefined || local.misses < MANY_MISSES) return [];
  const hitRate = (local.hits + (redis?.hits ?? 0)) / (local.hits + local.misses);
  if (hitRate >= THRESHOLDS.MainspringCacheHitRateLow) return [];
  return [
    {
      state: "warn",
      what: `Of the records that are asked for, ${percent(hitRate)} are in the cache.`,
      remedy:
        local.evictions > FEW_EVICTIONS
          ? "It is too small: raise memory.maxCacheSize or cache.maxBytes."
          : "Nothing had to go for want of room: send the requests of one player to one server, or is nobody asking twice?",
    },
  ];
}

function redisFindings({ cacheHealth, uptimeMs }: CacheNumbers): Finding[] {
  if (cacheHealth === null || cacheHealth.trust.breaker === "none") return [];
  const { breaker, members, isTrusted, isGroupComplete, unconfirmed, breaks } = cacheHealth.trust;
  if (members === 0) {
    return [
      {
        state: "fail",
        what: "The server has never reached Redis: others may show for minutes what was before its commits.",
        remedy: "Look at its log, and at redis.*, REDIS_ENDPOINT and REDIS_PASSWORD.",
      },
    ];
  }
  if (breaker !== "closed") {
    return [
      {
        state: "warn",
        what: `Redis doesn't answer: the cache goes on without it, with ${unconfirmed} changes to tell when it is back.`,
        remedy: "Look at Redis, and at the server's log.",
      },
    ];
  }
  const findings: Finding[] = [];
  if (!isGroupComplete) {
    findings.push({
      state: "warn",
      what: "Redis is new, or was flushed, restarted or failed over: for five minutes nothing in it is trusted, and the store is asked more often.",
      remedy: "Nothing to do. If it comes back: who flushes Redis, or starts it anew?",
    });
  } else if (!isTrusted && uptimeMs > SETTLED_MS) {
    findings.push({
      state: "warn",
      what: `The server can't be sure to hear of others' changes (the channel broke ${breaks} times): it asks the store more often.`,
      remedy:
        "If it stays so: is an instance, or Redis, slow or cut off? See the table at the end of docs/cache.md.",
    });
  }
  if (unconfirmed > MANY_UNCONFIRMED) {
    findings.push({
      state: "warn",
      what: `${unconfirmed} changes wait for Redis to confirm them.`,
      remedy: "Redis doesn't keep up: give it more, or look for what makes it slow.",
    });
  }
  return findings;
}

function evictionFindings({ cacheStats }: CacheNumbers): Finding[] {
  const local = Object.entries(cacheStats).filter(([name]) => name.endsWith(".local"));
  let [evictions, looks] = [0, 0];
  for (const [, stats] of local) {
    evictions += stats.evictions;
    looks += stats.hits + stats.misses;
  }
  if (evictions < FEW_EVICTIONS || evictions * LOOKS_PER_EVICTION < looks) return [];
  return [
    {
      state: "warn",
      what: `The cache is small: ${evictions} entries had to go for ${looks} that were asked for.`,
      remedy: "Raise memory.maxCacheSize or cache.maxBytes.",
    },
  ];
}
