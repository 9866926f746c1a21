/** Numbers of a server that has nothing to do, to be changed where a test looks. */
import type { Performance } from "../../src/api/performance.js";

export function idleNumbers(changed: Partial<Performance> = {}): Performance {
  return {
    uptimeMs: 60_000,
    activeQueues: 0,
    serviceStats: {
      reads: 0,
      commands: 0,
      replays: 0,
      commits: 0,
      conflicts: 0,
      checkpoints: 0,
      errors: {},
      quarantined: 0,
      inFlight: 0,
      inBackground: 0,
    },
    memoryStats: {
      heapUsedBytes: 0,
      heapTotalBytes: 0,
      rssBytes: 0,
      externalBytes: 0,
      eventLoopDelayP50Ms: 0,
      eventLoopDelayP99Ms: 0,
    },
    storeStats: { kind: "memory", reads: 0, writes: 0, conflicts: 0, batches: 0, pending: 0 },
    batchStats: { batches: 0, operations: 0, pending: 0 },
    cacheStats: {},
    ...changed,
  };
}

/** The service's counters among them. */
export function withService(
  changed: Partial<Performance["serviceStats"]>,
  rest: Partial<Performance> = {},
): Performance {
  const idle = idleNumbers(rest);
  return { ...idle, serviceStats: { ...idle.serviceStats, ...changed } };
}
