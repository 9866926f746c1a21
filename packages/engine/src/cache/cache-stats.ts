/** What the cache counts. */

/** One namespace in one tier. Counters since the start. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  /** Entries that went for want of room. */
  readonly evictions: number;
  /** Entries found too old to be shown. */
  readonly expired: number;
  /** Values refused as older than what is known. */
  readonly refused: number;
  /** Loads from what lies below the cache, and how long they took altogether. */
  readonly loads: number;
  readonly failedLoads: number;
  readonly loadMs: number;
  /** Requests that waited for a load of somebody else. */
  readonly shared: number;
  /** Answers from a last good value past its time. */
  readonly graces: number;
  /** Entries and bytes now. Of Redis: not known, 0. */
  readonly entries: number;
  readonly bytes: number;
  /** How old the values of hits were since they were known to be current: mean and greatest. */
  readonly meanAgeAtHitMs: number;
  readonly maxAgeAtHitMs: number;
}

/** `closed`: asked as usual. `open`: not asked. `half-open`: one call finds out. `none`: there is no second tier. */
export type BreakerState = "closed" | "open" | "half-open" | "none";

/** How the instance stands to the others. */
export interface CacheTrustStats {
  readonly breaker: BreakerState;
  /** How often the second tier was given up. */
  readonly breakerOpenings: number;
  /** Whether changes by others are heard of at once; else nothing older than `localMaxAgeMs` is shown. */
  readonly isTrusted: boolean;
  /**
   * Whoever may live is known. Not so for five minutes after the second tier was new, flushed, restarted or failed over: an instance that it
   * never heard of may be out of its reach, and nothing is trusted.
   */
  readonly isGroupComplete: boolean;
  readonly members: number;
  /** How often what was heard had a hole, or the channel was lost. */
  readonly breaks: number;
  /** Changes that the second tier hasn't confirmed yet. */
  readonly unconfirmed: number;
  readonly announcements: number;
}

export interface PrefetchStats {
  readonly isOn: boolean;
  readonly fetched: number;
  /** Of those: read before they went, and never read. */
  readonly used: number;
  readonly wasted: number;
  /** Used of those that are decided; `null` before any is. */
  readonly precision: number | null;
  /** Players whose habits are known. */
  readonly modelled: number;
}

/** A key that is asked for often, with about how often (never too low a count; too high by at most `maxError`). */
export interface HotKey {
  readonly key: string;
  readonly count: number;
  readonly maxError: number;
}

export interface WholeCacheStats {
  /** By namespace and tier: `activeQueue.local`, `activeQueue.redis`. */
  readonly namespaces: Readonly<Record<string, CacheStats>>;
  readonly trust: CacheTrustStats;
  readonly prefetch: PrefetchStats;
  /** By namespace, the hottest first. Sampled. */
  readonly hottest: Readonly<Record<string, readonly HotKey[]>>;
}
