/**
 * From where on a number is worth a word, by the alert that says it to Prometheus: `mainspring doctor` goes by the same ones. Why they lie
 * there is in `ops/prometheus/alerts.yml`.
 */
export const THRESHOLDS = {
  /** Share of the requests to `/v1` that end with an error that is ours. */
  MainspringTaskFailures: 0.05,
  /** 99th percentile of cached reads. Seconds. */
  MainspringCachedReadsSlow: 0.01,
  /** Share of the records asked for that are in a cache: less is worth a word. */
  MainspringCacheHitRateLow: 0.5,
  /** Operations given and not answered. */
  MainspringBatchBacklog: 1_000,
  /** Share of the connections that are busy while requests wait for one. */
  MainspringPoolSaturated: 0.9,
  /** Levels of the memory governor. */
  MainspringMemoryShort: 2,
  MainspringMemoryEmergency: 3,
  /** 1: the growth alarm is raised. */
  MainspringMemoryGrows: 1,
  /** Share of the bare store's calls that fail. */
  MainspringStoreErrors: 0.01,
  /** 99th percentile of the event loop's delay. Seconds. */
  MainspringEventLoopLate: 0.2,
  /** Step of the overload limit. */
  MainspringOverloaded: 1,
  /** Switches that were taken back: one is worth a word. */
  MainspringRolloutReverted: 0,
  /** Records in quarantine: one is worth a word. */
  MainspringRecordsQuarantined: 0,
  /** 1: the breaker of the second tier is open. */
  MainspringRedisAway: 1,
} as const;

export type AlertName = keyof typeof THRESHOLDS;
