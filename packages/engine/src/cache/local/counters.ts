/** Counters of one namespace in one tier. */
import type { CacheStats } from "../cache-stats.js";

export type Counters = {
  -readonly [Name in keyof Omit<CacheStats, "entries" | "bytes" | "meanAgeAtHitMs">]: number;
} & {
  /** Sum over the hits. */
  agesMs: number;
};

export function createCounters(): Counters {
  return {
    hits: 0,
    misses: 0,
    evictions: 0,
    expired: 0,
    refused: 0,
    loads: 0,
    failedLoads: 0,
    loadMs: 0,
    shared: 0,
    graces: 0,
    maxAgeAtHitMs: 0,
    agesMs: 0,
  };
}

export function countHit(counters: Counters, ageMs: number): void {
  counters.hits += 1;
  counters.agesMs += ageMs;
  if (ageMs > counters.maxAgeAtHitMs) counters.maxAgeAtHitMs = ageMs;
}

export function statsOf(
  counters: Counters,
  size: { readonly entries: number; readonly bytes: number },
): CacheStats {
  const { agesMs, ...rest } = counters;
  return { ...rest, ...size, meanAgeAtHitMs: rest.hits === 0 ? 0 : agesMs / rest.hits };
}
