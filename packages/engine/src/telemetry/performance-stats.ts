/** `PerformanceStats`: the one source of numbers for the API, the metrics and the command line. */
import { monitorEventLoopDelay } from "node:perf_hooks";
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

export interface MemoryStats {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly rssBytes: number;
  readonly externalBytes: number;
  /** How late the event loop was since the start: median and 99th percentile. */
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
}

type StoreBatchStats = Pick<BatcherStats, "batches" | "operations" | "meanBatchSize" | "pending">;

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
  readonly cacheStats: Readonly<Record<string, CacheStats>>;
  /** How the cache stands to the other instances, what it fetched ahead, and what is asked for most; `null` without one. */
  readonly cacheHealth: Omit<WholeCacheStats, "namespaces"> | null;
  readonly memoryStats: MemoryStats & {
    /** How short memory is, and what was done about it; `null` without a governor. */
    readonly governor: GovernorStats | null;
  };
  /** Which layers are on for how many players; `null` without switches. */
  readonly flagStats: FlagStats | null;
  /** Requests let in and refused; `null` without a limit. */
  readonly overloadStats: OverloadStats | null;
  readonly batchStats: BatchStats;
  /** Connections to the store; `null` for stores without any. */
  readonly poolStats: PoolStats | null;
  readonly storeStats: StoreStats;
  readonly serviceStats: ServiceStats;
  readonly uptimeMs: number;
}

/** What the cache says of itself. */
export function cacheStatsOf(
  stats: WholeCacheStats | undefined,
): Pick<PerformanceStats, "cacheStats" | "cacheHealth"> {
  if (stats === undefined) return { cacheStats: {}, cacheHealth: null };
  const { namespaces, ...cacheHealth } = stats;
  return { cacheStats: namespaces, cacheHealth };
}

/** The batches of a store. */
export function batchStatsOf({ batches, writes, pending, batcher }: StoreStats): BatchStats {
  return (
    batcher ?? { batches, operations: writes, meanBatchSize: batches === 0 ? 0 : writes / batches, pending }
  );
}

/** How often the event loop is asked; what it measures includes the wait. */
const RESOLUTION_MS = 20;

/** Starts measuring the event loop's delay. `stop` when done: it holds a timer (that keeps no process alive). */
export function startMemoryMonitor(): { read(): MemoryStats; stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const toMs = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, Math.round(nanoseconds / 10_000) / 100 - RESOLUTION_MS) : 0;
  return {
    read() {
      const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
      return {
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        rssBytes: rss,
        externalBytes: external,
        eventLoopDelayP50Ms: toMs(delay.percentile(50)),
        eventLoopDelayP99Ms: toMs(delay.percentile(99)),
      };
    },
    stop() {
      delay.disable();
    },
  };
}
