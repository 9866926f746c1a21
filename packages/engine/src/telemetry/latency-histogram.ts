/**
 * How long things took, in buckets on a logarithmic scale: what is counted costs an increment, and from the buckets come the median, the
 * 99th percentile, and what Prometheus asks for.
 */
import {
  bucketBeginMs,
  BUCKETS_PER_DOUBLING,
  HIGHEST_DOUBLING,
  LATENCY_BUCKET_COUNT,
  latencyBucketOf,
  LOWEST_DOUBLING,
  UNIT_MS,
} from "../latency-buckets.js";

/** The first bound that is told: below it lies what no alert is about. */
const FIRST_TOLD_DOUBLING = 4;

/** Percentiles are of the last minute: so many stretches of this length, and the one that is under way. */
const STRETCH_MS = 10_000;
const STRETCH_COUNT = 6;

/** The bounds of {@link LatencyStats.atMost}: 0.039 ms, and doubled up to 41 s; 10 ms is among them. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from(
  { length: HIGHEST_DOUBLING - FIRST_TOLD_DOUBLING + 1 },
  (_, index) => UNIT_MS * 2 ** (FIRST_TOLD_DOUBLING + index),
);

/** Counters since the start, and percentiles of the last minute. */
export interface LatencyStats {
  readonly count: number;
  /** Of all together. */
  readonly totalMs: number;
  /** Median of the last minute, off by an eighth at most; `null`: there was none. */
  readonly p50Ms: number | null;
  /** 99th percentile of the last minute; `null`: there was none. */
  readonly p99Ms: number | null;
  /** How many took at most so long, for each of `LATENCY_BOUNDS_MS`. */
  readonly atMost: readonly number[];
}

export interface LatencyHistogram {
  /** @param nowMs by a clock that never goes back */
  add(durationMs: number, nowMs: number): void;
  stats(nowMs: number): LatencyStats;
}

/** Holds about 5 KB. */
export function createLatencyHistogram(startedAtMs = 0): LatencyHistogram {
  const counts = new Float64Array(LATENCY_BUCKET_COUNT);
  // As they were at the ends of the last stretches, the oldest first.
  const past: Float64Array[] = [];
  let count = 0;
  let totalMs = 0;
  let stretchEndsAtMs = startedAtMs + STRETCH_MS;

  const turn = (nowMs: number): void => {
    const over = Math.min(STRETCH_COUNT, Math.floor((nowMs - stretchEndsAtMs) / STRETCH_MS) + 1);
    for (let turned = 0; turned < over; turned += 1) past.push(counts.slice());
    past.splice(0, past.length - STRETCH_COUNT);
    stretchEndsAtMs = nowMs - ((nowMs - stretchEndsAtMs) % STRETCH_MS) + STRETCH_MS;
  };
  return {
    add(durationMs, nowMs) {
      if (nowMs >= stretchEndsAtMs) turn(nowMs);
      const bucket = latencyBucketOf(durationMs);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      count += 1;
      totalMs += durationMs;
    },
    stats(nowMs) {
      if (nowMs >= stretchEndsAtMs) turn(nowMs);
      const oldest = past.length < STRETCH_COUNT ? undefined : past[0];
      const recent = counts.map((value, index) => value - (oldest?.[index] ?? 0));
      return {
        count,
        totalMs: rounded(totalMs),
        p50Ms: percentileOf(recent, 0.5),
        p99Ms: percentileOf(recent, 0.99),
        atMost: atMostOf(counts),
      };
    },
  };
}

function percentileOf(counts: Float64Array, share: number): number | null {
  const wanted = counts.reduce((sum, each) => sum + each, 0) * share;
  if (wanted === 0) return null;
  let before = 0;
  for (const [bucket, each] of counts.entries()) {
    if (before + each >= wanted) {
      const [beginMs, endMs] = [
        bucketBeginMs(bucket),
        bucketBeginMs(Math.min(bucket + 1, LATENCY_BUCKET_COUNT - 1)),
      ];
      return rounded(beginMs + (endMs - beginMs) * ((wanted - before) / each));
    }
    before += each;
  }
  return rounded(bucketBeginMs(LATENCY_BUCKET_COUNT - 1));
}

function atMostOf(counts: Float64Array): number[] {
  let sum = 0;
  let next = 0;
  return LATENCY_BOUNDS_MS.map((_, index) => {
    const end = 1 + (FIRST_TOLD_DOUBLING - LOWEST_DOUBLING + index) * BUCKETS_PER_DOUBLING;
    for (; next < end; next += 1) sum += counts[next] ?? 0;
    return sum;
  });
}

/** To the microsecond. */
function rounded(durationMs: number): number {
  return Math.round(durationMs * 1_000) / 1_000;
}
