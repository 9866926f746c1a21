/** For each alert series that raise it, and series that come near and don't. In Prometheus's own notation: one value a minute. */
import type { AlertName } from "../../src/thresholds.js";

export interface AlertCase {
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked. */
  readonly at: string;
}

export interface RaisedCase extends AlertCase {
  /** As its annotation `value` says. */
  readonly value: string;
}

interface Cases {
  readonly raised: RaisedCase;
  readonly quiet: readonly AlertCase[];
}

const requests = (status: string, route = "/v1/players/:id/queue") =>
  `mainspring_http_requests_total{instance="one",method="GET",route="${route}",status="${status}"}`;

const cachedReads = (le: string) =>
  `mainspring_http_cached_read_duration_seconds_bucket{instance="one",le="${le}"}`;

const records = (what: "hits" | "misses", tier: string) =>
  `mainspring_cache_${what}_total{instance="one",namespace="activeQueue",tier="${tier}"}`;

const busy = 'mainspring_pool_connections{instance="one",state="busy"}';
const idle = 'mainspring_pool_connections{instance="one",state="idle"}';
const maxConnections = 'mainspring_pool_max_connections{instance="one"}';
const poolWaiting = 'mainspring_pool_waiting{instance="one"}';
const memoryLevel = 'mainspring_memory_level{instance="one"}';
const growthAlarm = 'mainspring_memory_growth_alarm{instance="one"}';
const storeErrors = 'mainspring_store_errors_total{instance="one",code="STORE_UNAVAILABLE"}';
const storeCalls = 'mainspring_store_call_duration_seconds_count{instance="one",call="read"}';
const backlog = 'mainspring_batch_backlog{instance="one"}';
const delay = 'mainspring_event_loop_delay_seconds{instance="one",of="p99"}';
const longestDelay = 'mainspring_event_loop_delay_seconds{instance="one",of="max"}';
const step = 'mainspring_overload_step{instance="one"}';
const reverts = 'mainspring_layer_reverts_total{instance="one", layer="cache", cause="slowness"}';
const quarantined = 'mainspring_quarantined_records_total{instance="one"}';
const breakerOpen = 'mainspring_cache_breaker_open{instance="one"}';

const always = (value: number) => `${value}x60`;
const perMinute = (value: number) => `0+${value}x60`;

export const ALERT_CASES: Readonly<Record<AlertName, Cases>> = {
  MainspringTaskFailures: {
    raised: {
      series: { [requests("2xx")]: perMinute(900), [requests("5xx")]: perMinute(100) },
      at: "12m",
      value: "10% of all requests",
    },
    quiet: [
      { series: { [requests("2xx")]: perMinute(960), [requests("5xx")]: perMinute(40) }, at: "30m" },
      // Players who ask for what can't be are no failure of ours, nor is a probe, nor what is refused for load.
      {
        series: {
          [requests("2xx")]: perMinute(10),
          [requests("4xx")]: perMinute(900),
          [requests("5xx", "/readyz")]: perMinute(900),
          [requests("5xx", "(refused)")]: perMinute(900),
        },
        at: "30m",
      },
      // Two failures where hardly anybody plays.
      { series: { [requests("2xx")]: perMinute(2), [requests("5xx")]: perMinute(1) }, at: "30m" },
      // Not for long enough.
      { series: { [requests("2xx")]: perMinute(900), [requests("5xx")]: "0x20 0+100x3 300x37" }, at: "23m" },
    ],
  },
  MainspringCachedReadsSlow: {
    raised: {
      series: {
        [cachedReads("0.01")]: perMinute(900),
        [cachedReads("0.02")]: perMinute(1_000),
        [cachedReads("+Inf")]: perMinute(1_000),
      },
      at: "12m",
      value: "19ms for the slowest of a hundred",
    },
    quiet: [
      {
        series: {
          [cachedReads("0.01")]: perMinute(995),
          [cachedReads("0.02")]: perMinute(1_000),
          [cachedReads("+Inf")]: perMinute(1_000),
        },
        at: "30m",
      },
      // One late read in a minute is no tail.
      {
        series: {
          [cachedReads("0.01")]: perMinute(5),
          [cachedReads("0.02")]: perMinute(6),
          [cachedReads("+Inf")]: perMinute(6),
        },
        at: "30m",
      },
    ],
  },
  MainspringCacheHitRateLow: {
    raised: {
      series: {
        [records("hits", "local")]: perMinute(1_000),
        [records("misses", "local")]: perMinute(3_000),
        [records("hits", "redis")]: perMinute(600),
      },
      at: "30m",
      value: "40% were in a cache",
    },
    quiet: [
      // What Redis has is as good.
      {
        series: {
          [records("hits", "local")]: perMinute(1_000),
          [records("misses", "local")]: perMinute(3_000),
          [records("hits", "redis")]: perMinute(2_000),
        },
        at: "50m",
      },
      // At night a few players come, of whom nothing is known.
      {
        series: { [records("hits", "local")]: perMinute(10), [records("misses", "local")]: perMinute(100) },
        at: "50m",
      },
    ],
  },
  MainspringBatchBacklog: {
    raised: { series: { [backlog]: always(1_500) }, at: "5m", value: "1.5k operations" },
    quiet: [
      { series: { [backlog]: always(1_000) }, at: "30m" },
      { series: { [backlog]: "0x10 5000x1 0x40" }, at: "12m" },
    ],
  },
  MainspringPoolSaturated: {
    raised: {
      series: {
        [busy]: always(10),
        [idle]: always(0),
        [maxConnections]: always(10),
        [poolWaiting]: always(3),
      },
      at: "10m",
      value: "100% of the connections are busy",
    },
    quiet: [
      // All are of use, and nobody waits.
      { series: { [busy]: always(10), [maxConnections]: always(10), [poolWaiting]: always(0) }, at: "30m" },
      { series: { [busy]: always(9), [maxConnections]: always(10), [poolWaiting]: always(3) }, at: "30m" },
    ],
  },
  MainspringMemoryShort: {
    raised: { series: { [memoryLevel]: always(2) }, at: "10m", value: "level 2" },
    quiet: [{ series: { [memoryLevel]: always(1) }, at: "30m" }],
  },
  MainspringMemoryEmergency: {
    raised: { series: { [memoryLevel]: always(3) }, at: "3m", value: "level 3" },
    quiet: [{ series: { [memoryLevel]: always(2) }, at: "30m" }],
  },
  MainspringMemoryGrows: {
    raised: { series: { [growthAlarm]: always(1) }, at: "1m", value: "1" },
    quiet: [{ series: { [growthAlarm]: always(0) }, at: "30m" }],
  },
  MainspringStoreErrors: {
    raised: {
      series: { [storeErrors]: perMinute(20), [storeCalls]: perMinute(1_000) },
      at: "12m",
      value: "2% of the store's calls",
    },
    quiet: [
      { series: { [storeErrors]: perMinute(9), [storeCalls]: perMinute(1_000) }, at: "30m" },
      { series: { [storeErrors]: perMinute(1), [storeCalls]: perMinute(10) }, at: "30m" },
    ],
  },
  MainspringEventLoopLate: {
    raised: { series: { [delay]: always(0.3) }, at: "10m", value: "300ms in the worst ten seconds" },
    quiet: [{ series: { [delay]: always(0.2), [longestDelay]: always(3) }, at: "30m" }],
  },
  MainspringOverloaded: {
    raised: { series: { [step]: always(1) }, at: "10m", value: "step 1" },
    quiet: [
      { series: { [step]: always(0) }, at: "30m" },
      { series: { [step]: "0x10 2x3 0x40" }, at: "13m" },
    ],
  },
  MainspringRolloutReverted: {
    raised: { series: { [reverts]: "0x10 1x40" }, at: "16m", value: "cache, for slowness: 1 in 15 minutes" },
    quiet: [
      { series: { [reverts]: always(3) }, at: "30m" },
      // It was long ago.
      { series: { [reverts]: "0x5 1x40" }, at: "30m" },
    ],
  },
  MainspringRecordsQuarantined: {
    raised: { series: { [quarantined]: "0x10 2x40" }, at: "30m", value: "2 in an hour" },
    quiet: [{ series: { [quarantined]: always(7) }, at: "50m" }],
  },
  MainspringRedisAway: {
    raised: { series: { [breakerOpen]: always(1) }, at: "10m", value: "1" },
    quiet: [{ series: { [breakerOpen]: "0x10 1x3 0x40" }, at: "13m" }],
  },
};
