/** The cache: by namespace and tier, and how it stands to the other instances. */
import type { NamespaceStats } from "@mainspring/engine";
import { counter, counters, type Family, gauge, seconds } from "./family.js";
import type { ServerStats } from "../numbers/http-stats.js";

export const cacheFamilies: readonly Family[] = [
  ofNamespaces("cache_hits_total", "What was asked for and was there.", ({ hits }) => hits),
  ofNamespaces("cache_misses_total", "What was asked for and wasn't there.", ({ misses }) => misses),
  ofNamespaces("cache_evictions_total", "Entries that went for want of room.", ({ evictions }) => evictions),
  ofNamespaces("cache_expired_total", "Entries found too old to be shown.", ({ expired }) => expired),
  ofNamespaces(
    "cache_refused_total",
    "Values refused as older than what is known.",
    ({ refused }) => refused,
  ),
  ofNamespaces("cache_loads_total", "Loads from below the cache.", ({ loads }) => loads),
  ofNamespaces("cache_failed_loads_total", "Loads that failed.", ({ failedLoads }) => failedLoads),
  ofNamespaces("cache_load_seconds_total", "How long loads took altogether.", ({ loadMs }) =>
    seconds(loadMs),
  ),
  ofNamespaces(
    "cache_shared_loads_total",
    "Requests that waited for a load of somebody else.",
    ({ shared }) => shared,
  ),
  ofNamespaces("cache_graces_total", "Answers from a last good value past its time.", ({ graces }) => graces),
  ofNamespaces("cache_entries", "Entries; of Redis not known, 0.", ({ entries }) => entries),
  ofNamespaces("cache_bytes", "Bytes; of Redis not known, 0.", ({ bytes }) => bytes),
  gauge(
    "cache_trusted",
    "1: changes by other instances are heard of at once.",
    ({ cacheHealth }) => cacheHealth && Number(cacheHealth.trust.isTrusted),
  ),
  gauge(
    "cache_breaker_open",
    "1: Redis isn't asked, or only to find out whether it is back.",
    ({ cacheHealth }) => cacheHealth && Number(["open", "half-open"].includes(cacheHealth.trust.breaker)),
  ),
  counter(
    "cache_breaker_openings",
    "How often Redis was given up.",
    ({ cacheHealth }) => cacheHealth?.trust.breakerOpenings,
  ),
  counter(
    "cache_channel_breaks",
    "How often what was heard from the others had a hole.",
    ({ cacheHealth }) => cacheHealth?.trust.breaks,
  ),
  counter(
    "cache_announcements",
    "Changes told to the others.",
    ({ cacheHealth }) => cacheHealth?.trust.announcements,
  ),
  gauge(
    "cache_members",
    "Instances that hear of each other.",
    ({ cacheHealth }) => cacheHealth?.trust.members,
  ),
  gauge(
    "cache_unconfirmed_changes",
    "Changes that Redis hasn't confirmed yet.",
    ({ cacheHealth }) => cacheHealth?.trust.unconfirmed,
  ),
  counters(
    ["cache_prefetches", "fate"],
    "Players fetched ahead: how many, and of these read or not before they went.",
    ({ cacheHealth }) => {
      if (cacheHealth === null) return null;
      const { fetched, used, wasted } = cacheHealth.prefetch;
      return { fetched, used, wasted };
    },
  ),
];

function ofNamespaces(name: string, help: string, value: (stats: NamespaceStats) => number): Family {
  return {
    name: `mainspring_${name}`,
    help: `${help} By namespace and tier.`,
    type: name.endsWith("_total") ? "counter" : "gauge",
    samples: ({ cacheStats }: ServerStats) =>
      Object.entries(cacheStats).map(([place, stats]) => {
        const [namespace = "", tier = ""] = place.split(".");
        return { labels: { namespace, tier }, value: value(stats) };
      }),
  };
}
