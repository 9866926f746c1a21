/** The first tier: values of one namespace in this process, each with its stamp and what vouches for it. */
import { LRUCache } from "lru-cache";
import type { MemoryBudget, Stamp } from "../../ports.js";
import type { CacheStats } from "../cache-stats.js";
import { createHotKeys, type HotKeys } from "../hot-keys.js";
import type { LocalEntry } from "./local-entry.js";
import { createTenancy, entryBytes } from "./tenancy.js";
import { compareStamps, isOlder } from "../stamp.js";
import { type Counters, countHit, createCounters, statsOf } from "./counters.js";

/** What vouches for entries now. */
export interface Vouching {
  /** The channel vouches for entries from this instant on; infinite: for none. */
  trustedSinceMs(nowMs: number): number;
  /** Without the channel nothing is shown that was known to be current longer ago. */
  readonly maxAgeMs: number;
}

/** Whether an entry does for whoever asks. */
export type Does<V> = (entry: LocalEntry<V>) => boolean;

export interface LocalTier<V> {
  /**
   * The entry, if it may be shown now, is as new as asked for, and does for whoever asks. Counts hits; what was asked for in vain is counted
   * by whoever goes on to ask elsewhere, with `countMiss`.
   */
  find(key: string, nowMs: number, wanted?: Stamp | Does<V>): LocalEntry<V> | undefined;
  countMiss(key: string, nowMs: number): void;
  /** Whether it may be shown now. Counts nothing. */
  isAtHand(key: string, nowMs: number): boolean;
  /** What is there, whatever it is worth now. Counts nothing. */
  look(key: string): LocalEntry<V> | undefined;
  /** Takes it in, unless something newer is there. */
  put(key: string, entry: LocalEntry<V>): void;
  /** Takes away what is older than this; `null`: whatever is there. Returns its stamp, if it went. */
  dropOlder(key: string, stamp: Stamp | null): Stamp | null;
  readonly counters: Counters;
  /** What is asked for most. */
  readonly hotKeys: HotKeys;
  stats(): CacheStats;
}

export interface LocalTierOptions {
  readonly namespace: string;
  readonly budget: MemoryBudget;
  readonly vouching: Vouching;
  readonly nowMs: () => number;
  /** For samples. */
  readonly random: () => number;
  /** It was given up for others. */
  readonly onEvicted: (key: string, stamp: Stamp) => void;
}

export function createLocalTier<V>(options: LocalTierOptions): LocalTier<V> {
  const { namespace, budget, vouching, random, onEvicted } = options;
  const counters = createCounters();
  const hotKeys = createHotKeys({ random });
  const entries = new LRUCache<string, LocalEntry<V>>({
    max: budget.maxEntries,
    maxSize: budget.maxBytes,
    dispose: (entry, key, reason) => {
      if (reason !== "evict") return;
      counters.evictions += 1;
      onEvicted(key, entry.stamp);
    },
  });
  const mayBeShown = (entry: LocalEntry<V>, nowMs: number): boolean => {
    if (nowMs >= entry.expiresAtMs) return false;
    return (
      entry.trustedFromMs >= vouching.trustedSinceMs(nowMs) || nowMs - entry.knownAtMs <= vouching.maxAgeMs
    );
  };
  const isExpired = (entry: LocalEntry<V>): boolean => !mayBeShown(entry, options.nowMs());
  const tenancy = { namespace, entries, counters, isExpired, onEvicted };
  budget.join(createTenancy(tenancy));
  return {
    find(key, nowMs, wanted) {
      hotKeys.note(key);
      const entry = entries.get(key);
      if (entry === undefined || !mayBeShown(entry, nowMs)) return undefined;
      if (
        typeof wanted === "function" ? !wanted(entry) : wanted !== undefined && isOlder(entry.stamp, wanted)
      )
        return undefined;
      countHit(counters, nowMs - entry.knownAtMs);
      return entry;
    },
    countMiss(key, nowMs) {
      counters.misses += 1;
      const entry = entries.peek(key);
      if (entry !== undefined && !mayBeShown(entry, nowMs)) counters.expired += 1;
    },
    isAtHand(key, nowMs) {
      const entry = entries.peek(key);
      return entry !== undefined && mayBeShown(entry, nowMs);
    },
    look: (key) => entries.peek(key),
    put(key, entry) {
      const known = entries.peek(key);
      if (known !== undefined && isOlder(entry.stamp, known.stamp)) {
        counters.refused += 1;
        return;
      }
      const isSame = known !== undefined && compareStamps(entry.stamp, known.stamp) === 0;
      const next = isSame ? vouchedForByBoth(known, entry) : entry;
      // A newer value of one that is read all the time.
      next.notedAtMs = known?.notedAtMs ?? next.notedAtMs;
      entries.set(key, next, { size: entryBytes(key, next) });
      budget.settle();
    },
    dropOlder(key, stamp) {
      const known = entries.peek(key);
      if (known === undefined || (stamp !== null && !isOlder(known.stamp, stamp))) return null;
      entries.delete(key);
      return known.stamp;
    },
    counters,
    hotKeys,
    stats: () => statsOf(counters, { entries: entries.size, bytes: entries.calculatedSize }),
  };
}

/** The same content, twice: what either says of it holds. */
function vouchedForByBoth<V>(one: LocalEntry<V>, other: LocalEntry<V>): LocalEntry<V> {
  const later = one.knownAtMs > other.knownAtMs ? one : other;
  return { ...later, trustedFromMs: Math.max(one.trustedFromMs, other.trustedFromMs) };
}
