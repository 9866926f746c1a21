/** Puts the counters of a pool's parts together. */
import type { ConnectionCounts } from "./connection-set.js";
import { type PoolCounters, timeoutsOf } from "./pool-counters.js";
import type { PoolSettings } from "./pool-options.js";
import type { ConnectionUsage, PoolStats, WaitStats } from "./pool-stats.js";

export interface PoolParts {
  readonly settings: PoolSettings;
  readonly line: { size(): number; most(): number };
  readonly counters: PoolCounters;
  /** `undefined` before the first connection. */
  readonly counts: ConnectionCounts | undefined;
  readonly waits: WaitStats | undefined;
  readonly usage: readonly ConnectionUsage[];
}

const NO_COUNTS: ConnectionCounts = {
  busy: 0,
  idle: 0,
  checking: 0,
  connecting: 0,
  opened: 0,
  openingFailures: 0,
  closed: { idle: 0, dead: 0, shrunk: 0, frozen: 0, abandoned: 0, shutdown: 0 },
  checks: 0,
  freezes: 0,
};

export function poolStatsOf({ settings, line, counters, counts, waits, usage }: PoolParts): PoolStats {
  const { busy, idle, checking, connecting, ...totals } = counts ?? NO_COUNTS;
  return {
    minConnections: settings.minConnections,
    maxConnections: settings.maxConnections,
    connections: { open: busy + idle + checking, busy, idle, checking, connecting },
    maxWaiting: settings.maxWaiting,
    waiting: line.size(),
    mostWaiting: line.most(),
    waits: waits ?? { meanMs: 0, maxMs: 0, requests: 0 },
    requests: counters.requests,
    answers: counters.answers,
    failures: { ...counters.failures },
    refused: counters.failures.overloaded,
    timeouts: timeoutsOf(counters),
    moved: counters.moved,
    ...totals,
    periodMs: settings.usagePeriodMs,
    usage,
  };
}
