/**
 * What `GET /v1/admin/performance` answers, as far as the page reads it. Written by hand, since the page sees nothing of the engine; a
 * test holds it against the engine's own type. What an older or a smaller server may lack is optional.
 */

import type { Change } from "./flags.js";

type Counts = Readonly<Record<string, number>>;

export interface Performance {
  readonly uptimeMs: number;
  readonly activeQueues: number;
  readonly serviceStats: ServiceNumbers;
  readonly memoryStats: MemoryNumbers;
  readonly storeStats: StoreNumbers;
  readonly batchStats: BatchNumbers;
  readonly cacheStats: Readonly<Record<string, CacheNumbers>>;
  readonly cacheHealth?: CacheHealth | null;
  readonly overloadStats?: OverloadNumbers | null;
  readonly poolStats?: PoolNumbers | null;
  readonly processStats?: ProcessNumbers;
  readonly httpStats?: HttpNumbers | null;
  readonly flagStats?: FlagNumbers | null;
}

export interface ServiceNumbers {
  readonly reads: number;
  readonly commands: number;
  readonly replays: number;
  readonly commits: number;
  readonly conflicts: number;
  readonly checkpoints: number;
  readonly errors: Counts;
  readonly quarantined: number;
  readonly inFlight: number;
  readonly inBackground: number;
}

export interface MemoryNumbers {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly rssBytes: number;
  readonly externalBytes: number;
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs?: number;
  readonly governor?: GovernorNumbers | null;
}

export interface GovernorNumbers {
  /** It may be there and switched off. */
  readonly isOn: boolean;
  readonly level: number;
  readonly by: string | null;
  readonly liveBytes: number | null;
  readonly thresholdBytes: number;
  readonly residentBytes: number;
  readonly residentLimitBytes: number;
  readonly heapLimitBytes: number;
  readonly cacheBytes: number;
  readonly cacheEntries: number;
  readonly tenants: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
  readonly collections: {
    readonly isOn: boolean;
    readonly count: number;
    readonly freedBytes: number;
    readonly pauseMs: number;
    readonly inVain: number;
  };
  readonly alarm: { readonly bytesPerMinute: number; readonly reachesThresholdInMs: number } | null;
}

export interface ProcessNumbers {
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly eventLoopBusyMs: number;
  readonly collections: Readonly<Record<string, { readonly count: number; readonly pauseMs: number }>>;
}

/** Percentiles of the last minute. */
interface LatencyNumbers {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface StoreNumbers {
  readonly kind: string;
  readonly reads: number;
  readonly writes: number;
  readonly conflicts: number;
  readonly batches: number;
  readonly pending: number;
  readonly database?: {
    readonly readUnits: number;
    readonly writeUnits: number;
    readonly retries: number;
    readonly throttles: number;
    readonly unsavedEvents: number;
  };
  readonly calls?: {
    readonly read: LatencyNumbers & { readonly count: number };
    readonly commit: LatencyNumbers & { readonly count: number };
    readonly errors: Counts;
  };
}

export interface BatchNumbers {
  readonly batches: number;
  readonly operations: number;
  readonly pending: number;
  /** Only where a batcher lies over the store. */
  readonly inFlightBatches?: number;
  readonly waiting?: readonly [number, number, number];
  readonly refused?: number;
  readonly retried?: number;
  readonly coalesced?: number;
  readonly longestWaitMs?: number;
}

export interface CacheNumbers {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly loads: number;
  readonly failedLoads: number;
  readonly loadMs: number;
  readonly graces: number;
  readonly entries: number;
  readonly bytes: number;
}

export interface CacheHealth {
  readonly trust: {
    readonly breaker: string;
    readonly breakerOpenings: number;
    readonly isTrusted: boolean;
    readonly isGroupComplete: boolean;
    readonly members: number;
    readonly unconfirmed: number;
    readonly breaks: number;
  };
  readonly prefetch: {
    readonly isOn: boolean;
    readonly fetched: number;
    readonly used: number;
    readonly wasted: number;
    readonly precision: number | null;
  };
}

export interface OverloadNumbers {
  /** It may be there and switched off for everybody. */
  readonly isOn: boolean;
  readonly step: number;
  readonly limit: number;
  readonly inFlight: number;
  readonly byPriority: Readonly<
    Record<"command" | "read" | "low", { readonly admitted: number; readonly refused: number }>
  >;
  readonly refusedForLoad: number;
  readonly refusedForMemory: number;
}

export interface PoolNumbers {
  readonly minConnections: number;
  readonly maxConnections: number;
  readonly connections: {
    readonly open: number;
    readonly busy: number;
    readonly idle: number;
    readonly checking: number;
    readonly connecting: number;
  };
  readonly maxWaiting: number;
  readonly waiting: number;
  readonly waits: { readonly meanMs: number; readonly maxMs: number };
  readonly requests: number;
  readonly failures: Counts;
  readonly timeouts: number;
  readonly opened: number;
}

export interface RouteNumbers extends LatencyNumbers {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

export interface HttpNumbers {
  /** By method and template: `GET /v1/players/:id/queue`. */
  readonly byRoute: Readonly<Record<string, RouteNumbers>>;
  readonly cachedReads: LatencyNumbers & { readonly requests: number };
  readonly connections: { readonly open: number; readonly accepted: number };
}

/** What the performance says of the switches: no ids of players. */
export interface FlagNumbers {
  readonly reverts: number;
  readonly history: readonly Change[];
}

/** Whether an answer can be read at all: a proxy may answer with anything. */
export function isPerformance(value: unknown): value is Performance {
  return (
    isObject(value) &&
    typeof value["uptimeMs"] === "number" &&
    ["serviceStats", "memoryStats", "storeStats", "batchStats", "cacheStats"].every((name) =>
      isObject(value[name]),
    )
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
