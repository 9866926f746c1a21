/** The process: processor, memory, event loop, collections. */
import { counter, counters, type Family, gauge, gauges, seconds } from "./family.js";
import type { ServerStats } from "../numbers/http-stats.js";

const governorOf = ({ memoryStats }: ServerStats) => memoryStats.governor;

export const processFamilies: readonly Family[] = [
  counters(["cpu_seconds", "mode"], "Processor time of all threads.", ({ processStats }) => ({
    user: seconds(processStats.cpuUserMs),
    system: seconds(processStats.cpuSystemMs),
  })),
  counter("event_loop_busy_seconds", "So long the event loop had something to do.", ({ processStats }) =>
    seconds(processStats.eventLoopBusyMs),
  ),
  gauges(
    ["event_loop_delay_seconds", "of"],
    "How late the event loop was in the worst ten seconds of the last minute: p50, p99, max.",
    ({ memoryStats }) => ({
      p50: seconds(memoryStats.eventLoopDelayP50Ms),
      p99: seconds(memoryStats.eventLoopDelayP99Ms),
      max: seconds(memoryStats.eventLoopDelayMaxMs),
    }),
  ),
  counters(["collections", "kind"], "V8's collections.", (numbers) => byKind(numbers, ({ count }) => count)),
  counters(
    ["collection_pause_seconds", "kind"],
    "So long V8's collections held up everything else.",
    (numbers) => byKind(numbers, ({ pauseMs }) => seconds(pauseMs)),
  ),
  gauge(
    "resident_memory_bytes",
    "Resident memory of the process.",
    ({ memoryStats }) => memoryStats.rssBytes,
  ),
  gauge(
    "heap_used_bytes",
    "V8's heap in use, garbage included.",
    ({ memoryStats }) => memoryStats.heapUsedBytes,
  ),
  gauge("heap_total_bytes", "V8's heap.", ({ memoryStats }) => memoryStats.heapTotalBytes),
  gauge(
    "external_memory_bytes",
    "Buffers outside of the heap.",
    ({ memoryStats }) => memoryStats.externalBytes,
  ),
  gauge(
    "memory_level",
    "How short memory is: 0 enough to 3 emergency.",
    (numbers) => governorOf(numbers)?.level,
  ),
  gauge(
    "memory_live_bytes",
    "Heap and external memory after the last full collection.",
    (numbers) => governorOf(numbers)?.liveBytes,
  ),
  gauge(
    "memory_threshold_bytes",
    "memory.memoryThreshold.",
    (numbers) => governorOf(numbers)?.thresholdBytes,
  ),
  gauge(
    "memory_resident_limit_bytes",
    "What the process may have.",
    (numbers) => governorOf(numbers)?.residentLimitBytes,
  ),
  gauge("memory_heap_limit_bytes", "Where V8 gives up.", (numbers) => governorOf(numbers)?.heapLimitBytes),
  gauge("memory_growth_alarm", "1: memory grows although the caches don't.", (numbers) => {
    const governor = governorOf(numbers);
    return governor && (governor.alarm === null ? 0 : 1);
  }),
  counters(["memory_levels_entered", "level"], "How often each level was entered from below.", (numbers) => {
    const relief = governorOf(numbers)?.relief;
    return relief && { 1: relief[1].entered, 2: relief[2].entered, 3: relief[3].entered };
  }),
  gauges(["local_cache_bytes", "cache"], "Of each local cache, about.", (numbers) =>
    ofTenants(numbers, "bytes"),
  ),
  gauges(["local_cache_entries", "cache"], "Of each local cache.", (numbers) =>
    ofTenants(numbers, "entries"),
  ),
];

function byKind(
  { processStats }: ServerStats,
  value: (of: { readonly count: number; readonly pauseMs: number }) => number,
) {
  const { minor, major, incremental, weak } = processStats.collections;
  return { minor: value(minor), major: value(major), incremental: value(incremental), weak: value(weak) };
}

function ofTenants(numbers: ServerStats, what: "bytes" | "entries") {
  const tenants = Object.entries(governorOf(numbers)?.tenants ?? {});
  return Object.fromEntries(tenants.map(([name, tenant]) => [name, tenant[what]]));
}
