/** How much of what is asked for is at hand. */
import type { CacheNumbers, Performance } from "../api/performance.js";
import type { Panel, Section, Series } from "../readings/panel.js";
import { gauge, perSecond, ratio, type Step } from "../readings/step.js";
import { above, act, below, byState, fine, noRule, watch } from "../readings/verdict.js";

const withoutCache = ({ cacheHealth }: Performance): string | null =>
  cacheHealth === null || cacheHealth === undefined
    ? "No cache is in use on this server: each read asks the store."
    : null;

/** A series for each namespace and tier. */
function byNamespace(
  prefix: string,
  of: (step: Step, stats: (now: Performance) => CacheNumbers | undefined) => number | null,
  isShown: (name: string) => boolean = () => true,
): (now: Performance) => Series[] {
  return ({ cacheStats }) =>
    Object.keys(cacheStats)
      .filter(isShown)
      .map((name) => ({
        id: `${prefix} ${name}`,
        label: labelOf(name),
        of: (step) => of(step, (now) => now.cacheStats[name]),
      }));
}

/** `activeQueue.local` is easier to read apart. */
function labelOf(name: string): string {
  return name.replace(".", " · ");
}

const isLocal = (name: string): boolean => name.endsWith(".local");

const POOR_HITS = 0.8;
const BAD_HITS = 0.5;
const MANY_LOADS = 10;

export const hitRates: Panel = {
  id: "hit-rates",
  title: "Hit rate",
  unit: "share",
  seriesOf: byNamespace("hits", (step, stats) =>
    ratio(
      step,
      (now) => stats(now)?.hits,
      (now) => {
        const found = stats(now);
        return found === undefined ? undefined : found.hits + found.misses;
      },
    ),
  ),
  absentBecause: withoutCache,
  rule: below({
    unit: "share",
    watch: POOR_HITS,
    act: BAD_HITS,
    of: (id) => id === "hits activeQueue.local",
    once: {
      id: "loads activeQueue.local",
      over: MANY_LOADS,
      text: "while over 10 records a second are loaded",
    },
  }),
  meaning:
    "Of the values that were asked for, how many were there, by namespace and tier: local is this process, redis is shared. What isn't in the first is asked for in the second. Judged are players' records in the first tier.",
  advice:
    "Low after a start, a deploy or a switch: wait some minutes. Low for long with evictions: raise memory.maxCacheSize or cache.maxBytes. Low without: players' requests go to ever other servers, so send a player to one.",
};

export const loads: Panel = {
  id: "cache-loads",
  title: "Loads from the store",
  unit: "per-second",
  seriesOf: byNamespace("loads", (step, stats) => perSecond(step, (now) => stats(now)?.loads), isLocal),
  absentBecause: withoutCache,
  rule: noRule,
  meaning: "What the cache had to fetch from below it, since it didn't have it or had it too old.",
  advice:
    "If it grows faster than requests do, the cache is too small or isn't trusted; see the next panels.",
};

const SLOW_LOAD_MS = 50;
const VERY_SLOW_LOAD_MS = 250;

export const loadTimes: Panel = {
  id: "cache-load-times",
  title: "Time of a load",
  unit: "ms",
  seriesOf: byNamespace(
    "load-ms",
    (step, stats) =>
      ratio(
        step,
        (now) => stats(now)?.loadMs,
        (now) => stats(now)?.loads,
      ),
    isLocal,
  ),
  absentBecause: withoutCache,
  rule: above({ unit: "ms", watch: SLOW_LOAD_MS, act: VERY_SLOW_LOAD_MS }),
  meaning: "How long a player waits, on average, for what wasn't at hand.",
  advice:
    "This is the store's speed as players feel it. If it is slow, look at “Store”: backlog, connections, throttles.",
};

const EVICTIONS_TO_WATCH = 10;

export const evictions: Panel = {
  id: "evictions",
  title: "Evictions",
  unit: "per-second",
  seriesOf: byNamespace(
    "evictions",
    (step, stats) => perSecond(step, (now) => stats(now)?.evictions),
    isLocal,
  ),
  absentBecause: withoutCache,
  rule: above({ unit: "per-second", watch: EVICTIONS_TO_WATCH }),
  meaning: "Entries that had to go for want of room, the least valuable first.",
  advice:
    "Many, together with a poor hit rate: raise memory.maxCacheSize or cache.maxBytes. Many with a good one: all is well.",
};

export const cacheBytes: Panel = {
  id: "cache-bytes",
  title: "What the cache keeps",
  unit: "bytes",
  seriesOf: byNamespace("cache-bytes", (step, stats) => gauge(step, (now) => stats(now)?.bytes), isLocal),
  absentBecause: withoutCache,
  rule: noRule,
  meaning: "The first tier, by its own count of bytes. What Redis holds isn't known here.",
  advice: "It grows to its bound and stays there. It shrinks when memory is short: then look at “Memory”.",
};

const MANY_UNCONFIRMED = 1_000;
const SETTLED_MS = 10_000;

export const trust: Panel = {
  id: "cache-trust",
  title: "Changes waiting for Redis",
  unit: "count",
  seriesOf: () => [
    {
      id: "unconfirmed",
      label: "not confirmed",
      of: (step) => gauge(step, (now) => now.cacheHealth?.trust.unconfirmed),
    },
    { id: "members", label: "instances", of: (step) => gauge(step, (now) => now.cacheHealth?.trust.members) },
  ],
  absentBecause: (now) =>
    withoutCache(now) ??
    (now.cacheHealth?.trust.breaker === "none"
      ? "The cache has one tier: nothing is shared through Redis."
      : null),
  rule: byState(
    "Watch: changes of other instances can't be heard, Redis is new, or over 1,000 wait. Act: Redis doesn't answer.",
    ({ cacheHealth, uptimeMs }) => {
      if (cacheHealth === null || cacheHealth === undefined || cacheHealth.trust.breaker === "none")
        return null;
      const { breaker, isTrusted, isGroupComplete, unconfirmed } = cacheHealth.trust;
      if (breaker !== "closed") return act("Redis doesn't answer");
      if (unconfirmed > MANY_UNCONFIRMED) return watch("Redis doesn't keep up");
      if (!isGroupComplete) return watch("Redis is new: five minutes of more reads");
      return isTrusted || uptimeMs < SETTLED_MS ? fine : watch("Others' changes can't be heard");
    },
  ),
  meaning:
    "Each change of a player is told to the other instances through Redis. While it can't be, the cache shows nothing older than two seconds and asks the store more often: slower, never wrong.",
  advice: "Look at Redis and the network to it. Nothing has to be repaired here: it recovers by itself.",
};

export const cache: Section = {
  id: "cache",
  title: "Cache",
  about: "How much of what is asked for is at hand, and what the rest costs.",
  panels: [hitRates, loads, loadTimes, evictions, cacheBytes, trust],
};
