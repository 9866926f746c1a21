/** The first tier: values of one namespace in this process, each with its stamp and what vouches for it. */
import { createLruTenant } from "../../memory/lru-tenant.js";
import type { MemoryBudget, Stamp } from "../../ports.js";
import type { CacheStats } from "../cache-stats.js";
import { createHotKeys, type HotKeys } from "../hot-keys.js";
import type { LocalEntry } from "./local-entry.js";
import { compareStamps, isOlder } from "../stamp.js";
import { type Counters, countHit, createCounters, statsOf } from "./counters.js";

/** What a load takes before any was measured: about what a database does. */
const UNKNOWN_LOAD_MS = 5;

/** An entry takes so much beside its value: key, stamp, instants, places in lists. Measured on Node.js 20 (`entry-sizes.test.ts`). */
const ENTRY_BYTES = 260;

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
  /** Takes it in, unless something newer is there. It may be given up at once, where there is no room for it. */
  put(key: string, entry: LocalEntry<V>): void;
  /** Takes away what is older than this; `null`: whatever is there. Returns its stamp, if it went. */
  dropOlder(key: string, stamp: Stamp | null): Stamp | null;
  readonly counters: Counters;
  /** What is asked for most. */
  readonly hotKeys: HotKeys;
  stats(): CacheStats;
  /** Gives everything up, takes nothing in any more, and no longer counts as one of those who share the bound. */
  close(): void;
}

export interface LocalTierOptions {
  readonly namespace: string;
  readonly budget: MemoryBudget;
  readonly vouching: Vouching;
  /** Past its end a value may still be shown for so long, where nothing newer can be had. Default: 0 */
  readonly graceMs?: number;
  readonly nowMs: () => number;
  /** For samples. */
  readonly random: () => number;
  /** It was given up for others. */
  readonly onEvicted: (key: string, stamp: Stamp) => void;
}

export function createLocalTier<V>(options: LocalTierOptions): LocalTier<V> {
  const { namespace, budget, vouching, graceMs = 0, onEvicted } = options;
  const counters = createCounters();
  const hotKeys = createHotKeys(options);
  let isClosed = false;
  const mayBeShown = (entry: LocalEntry<V>, nowMs: number): boolean => {
    if (nowMs >= entry.expiresAtMs) return false;
    return (
      entry.trustedFromMs >= vouching.trustedSinceMs(nowMs) || nowMs - entry.knownAtMs <= vouching.maxAgeMs
    );
  };
  const isLastGood = ({ expiresAtMs }: LocalEntry<V>, nowMs: number): boolean =>
    graceMs > 0 && nowMs < expiresAtMs + graceMs;
  const { entries, leave } = createLruTenant<LocalEntry<V>>({
    budget,
    name: namespace,
    isExpired: (entry) => !mayBeShown(entry, options.nowMs()) && !isLastGood(entry, options.nowMs()),
    // All of a namespace cost about the same.
    reloadMs: () => (counters.loads === 0 ? UNKNOWN_LOAD_MS : counters.loadMs / counters.loads),
    onGivenUp(key, { stamp }) {
      counters.evictions += 1;
      onEvicted(key, stamp);
    },
  });
  return {
    find(key, nowMs, wanted) {
      hotKeys.note(key);
      const entry = entries.get(key);
      if (entry === undefined || !mayBeShown(entry, nowMs)) return undefined;
      if (wanted !== undefined && !does(entry, wanted)) return undefined;
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
      if (isClosed) return;
      const known = entries.peek(key);
      if (known !== undefined && isOlder(entry.stamp, known.stamp)) {
        counters.refused += 1;
        return;
      }
      const isSame = known !== undefined && compareStamps(entry.stamp, known.stamp) === 0;
      const next = isSame ? vouchedForByBoth(known, entry) : entry;
      // A newer value of one that is read all the time.
      next.notedAtMs = known?.notedAtMs ?? next.notedAtMs;
      entries.set(key, next, { size: ENTRY_BYTES + key.length + next.sizeBytes });
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
    close() {
      isClosed = true;
      leave();
    },
  };
}

function does<V>(entry: LocalEntry<V>, wanted: Stamp | Does<V>): boolean {
  return typeof wanted === "function" ? wanted(entry) : !isOlder(entry.stamp, wanted);
}

/** The same content, twice: what either says of it holds. */
function vouchedForByBoth<V>(one: LocalEntry<V>, other: LocalEntry<V>): LocalEntry<V> {
  const later = one.knownAtMs > other.knownAtMs ? one : other;
  return { ...later, trustedFromMs: Math.max(one.trustedFromMs, other.trustedFromMs) };
}
