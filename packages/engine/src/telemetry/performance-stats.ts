/** `PerformanceStats`: the one source of numbers for the API, the metrics and the command line. */
import type {
  BatcherStats,
  CacheStats,
  FlagStats,
  GovernorStats,
  OverloadStats,
  PoolStats,
  StoreStats,
  WholeCacheStats,
} from "../ports.js";
import type { ProcessMemory, ProcessStats } from "./process-monitor.js";

export type { LatencyStats } from "./latency-histogram.js";
export type { CollectionKind, ProcessMemory, ProcessStats } from "./process-monitor.js";

export interface MemoryStats extends ProcessMemory {
  /** How short memory is, and what was done about it; `null` without a governor. */
  readonly governor: GovernorStats | null;
}

type StoreBatchStats = Pick<BatcherStats, "batches" | "operations" | "meanBatchSize" | "pending">;

/** What the cache counts of a namespace in a tier, and what that comes to. */
export interface NamespaceStats extends CacheStats {
  /** Hits of all that were asked for, since the start; `null`: nothing was. */
  readonly hitRate: number | null;
}

/** Writes that travelled together; where a batcher lies over the store, all that it carried, and what waits there. */
export type BatchStats = StoreBatchStats | BatcherStats;

export interface ServiceStats {
  readonly reads: number;
  readonly commands: number;
  /** Commands whose key was known. */
  readonly replays: number;
  readonly commits: number;
  /** Commits that found another version and were tried again. */
  readonly conflicts: number;
  /** Of the commits: those of interval checkpoints. */
  readonly checkpoints: number;
  /** Requests answered with an error, by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly quarantined: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** Work that no request waits for: checkpoints and snapshots. */
  readonly inBackground: number;
}

export interface PerformanceStats {
  /** Players with a running queue seen in the last five minutes, by this process. Exact up to 50,000, off by about 2 % beyond. */
  readonly activeQueues: number;
  /** By namespace and tier, `activeQueue.local` for example. Empty while no cache is on. */
  readonly cacheStats: Readonly<Record<string, NamespaceStats>>;
  /** How the cache stands to the other instances, what it fetched ahead, and what is asked for most; `null` without one. */
  readonly cacheHealth: Omit<WholeCacheStats, "namespaces"> | null;
  readonly memoryStats: MemoryStats;
  /** Processor time, the event loop, V8's collections. */
  readonly processStats: ProcessStats;
  /** Which layers are on for how many players; `null` without switches. */
  readonly flagStats: FlagStats | null;
  /** Requests let in and refused; `null` without a limit. */
  readonly overloadStats: OverloadStats | null;
  readonly batchStats: BatchStats;
  /** Connections to the store; `null` for stores without any. */
  readonly poolStats: PoolStats | null;
  readonly storeStats: StoreStats;
  readonly serviceStats: ServiceStats;
  /** The bounds of every `atMost` in here. */
  readonly latencyBoundsMs: readonly number[];
  readonly uptimeMs: number;
}

/** What the cache says of itself. */
export function cacheStatsOf(
  stats: WholeCacheStats | undefined,
): Pick<PerformanceStats, "cacheStats" | "cacheHealth"> {
  if (stats === undefined) return { cacheStats: {}, cacheHealth: null };
  const { namespaces, ...cacheHealth } = stats;
  const cacheStats = Object.entries(namespaces).map(([name, counted]): [string, NamespaceStats] => [
    name,
    { ...counted, hitRate: shareOf(counted.hits, counted.hits + counted.misses) },
  ]);
  return { cacheStats: Object.fromEntries(cacheStats), cacheHealth };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The batches of a store. */
export function batchStatsOf({ batches, writes, pending, batcher }: StoreStats): BatchStats {
  return (
    batcher ?? { batches, operations: writes, meanBatchSize: batches === 0 ? 0 : writes / batches, pending }
  );
}
