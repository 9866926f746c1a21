/** The face of the memory governor: how short memory is, and what was done about it. */
import type { MemoryBudget } from "./tenant.js";

/**
 * How short memory is. 0: there is enough. 1: expired and least valuable entries of the caches go, and they don't grow. 2: caches shrink to
 * a floor, nothing is fetched ahead, low-priority requests are refused. 3, emergency: caches are empty, only commands and health are served.
 */
export type MemoryLevel = 0 | 1 | 2 | 3;

/** What says how short memory is: what is live against the threshold, resident memory or the heap against what the process may have. */
export type MemoryYardstick = "live" | "resident" | "heap";

/** What was given up when memory was short, since the start. */
export interface Relief {
  /** How often the level was entered from below, also on the way to a higher one, and left again. */
  readonly entered: number;
  readonly left: number;
  readonly entries: number;
  /** Of the entries: those that could not be shown any more. */
  readonly expiredEntries: number;
  /** As the caches count them. */
  readonly bytes: number;
}

/** Collections that the governor asked for. */
export interface CollectionStats {
  /** `false`: the process doesn't allow it, it is switched off, or it was found not to help, and is tried again later. */
  readonly isOn: boolean;
  readonly count: number;
  /** What they took away from heap and external memory together, and how long they held up everything else. */
  readonly freedBytes: number;
  readonly pauseMs: number;
  /** Of the last one; `null` before the first. */
  readonly last: { readonly freedBytes: number; readonly pauseMs: number } | null;
  /** Those that gained too little to be worth their pause. */
  readonly inVain: number;
}

/** Memory that grows although the caches don't. */
export interface GrowthAlarm {
  /** Of what is live besides the caches: the slope, and the interval that it lies in with 95 % confidence. */
  readonly bytesPerMinute: number;
  readonly lowBytesPerMinute: number;
  readonly highBytesPerMinute: number;
  /** From so many collections in so long. */
  readonly samples: number;
  readonly windowMs: number;
  /** At this rate the threshold is reached after so long. */
  readonly reachesThresholdInMs: number;
}

export interface GovernorStats {
  /** Whether it is switched on. While it is off nothing that it would do is done. */
  readonly isOn: boolean;
  readonly level: MemoryLevel;
  /** What calls for the level; `null` at level 0. */
  readonly by: MemoryYardstick | null;
  /**
   * Heap and external memory after the last full collection, or now if that is less. `null`: not known, before the first one, and when a
   * level hangs on one that is long past.
   */
  readonly liveBytes: number | null;
  readonly thresholdBytes: number;
  /** Of the process and not backed by a file, where the system tells; and what it may have. */
  readonly residentBytes: number;
  readonly residentLimitBytes: number;
  /** Where V8 gives up. */
  readonly heapLimitBytes: number;
  /** All local caches together, by their own count, and by name. */
  readonly cacheBytes: number;
  readonly cacheEntries: number;
  readonly tenants: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
  /** By level: what entering it, and being in it, did. */
  readonly relief: Readonly<Record<"1" | "2" | "3", Relief>>;
  readonly collections: CollectionStats;
  readonly alarm: GrowthAlarm | null;
}

export interface MemoryGovernor {
  /** What it rules over: caches join it. */
  readonly budget: MemoryBudget;
  level(): MemoryLevel;
  /** Told of each change of the level, after what has to go is gone. Returns how to stop. */
  onLevel(listener: (level: MemoryLevel, before: MemoryLevel) => void): () => void;
  stats(): GovernorStats;
  /** Stops watching: the level is 0 from then on. */
  close(): void;
}
