/** Buckets of durations on a logarithmic scale, for whoever counts how long things take. */

/** Of 10 ms, so that this is a bound: it is where several budgets lie. About 2.4 µs. */
export const UNIT_MS = 10 / 4_096;

/** Each doubling has so many buckets: a percentile is off by an eighth at most. */
export const BUCKETS_PER_DOUBLING = 4;

/** The first bucket ends at 4 units (9.8 µs), the last but one at 2²⁴ (41 s). */
export const LOWEST_DOUBLING = 2;
export const HIGHEST_DOUBLING = 24;
const LIMIT_UNITS = 2 ** HIGHEST_DOUBLING;
export const LATENCY_BUCKET_COUNT = (HIGHEST_DOUBLING - LOWEST_DOUBLING) * BUCKETS_PER_DOUBLING + 2;

/** Cheap. */
export function latencyBucketOf(durationMs: number): number {
  const units = durationMs / UNIT_MS;
  if (!(units >= BUCKETS_PER_DOUBLING)) return 0;
  if (units >= LIMIT_UNITS) return LATENCY_BUCKET_COUNT - 1;
  // Its doubling is where its highest bit is; the two bits below say in which quarter of that it lies.
  const above = 29 - Math.clz32(units);
  return 1 + above * BUCKETS_PER_DOUBLING + ((units >> above) & 3);
}

/** Where a bucket begins, and the one before ends. */
export function bucketBeginMs(bucket: number): number {
  if (bucket === 0) return 0;
  const above = Math.floor((bucket - 1) / BUCKETS_PER_DOUBLING);
  return UNIT_MS * (BUCKETS_PER_DOUBLING + ((bucket - 1) % BUCKETS_PER_DOUBLING)) * 2 ** above;
}
