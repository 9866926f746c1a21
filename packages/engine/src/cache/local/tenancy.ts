/** A namespace in this process, as one of the local caches that share a bound: what of it goes first when memory is short. */
import type { LRUCache } from "lru-cache";
import type { MemoryTenant, Stamp } from "../../ports.js";
import type { Counters } from "./counters.js";
import type { LocalEntry } from "./local-entry.js";

/** Among so many that were used longest ago the least valuable is looked for. */
const OLDEST_LOOKED_AT = 16;

/** What a load takes before any was measured: about what a database does. */
const UNKNOWN_LOAD_MS = 5;

/** An entry takes so much beside its value: key, stamp, instants, places in lists. */
const ENTRY_BYTES = 256;

export interface Tenancy<V> {
  readonly namespace: string;
  readonly entries: LRUCache<string, LocalEntry<V>>;
  readonly counters: Counters;
  readonly isExpired: (entry: LocalEntry<V>) => boolean;
  /** It was given up for others. */
  readonly onEvicted: (key: string, stamp: Stamp) => void;
}

/** What an entry takes, about. */
export function entryBytes(key: string, { sizeBytes }: { readonly sizeBytes: number }): number {
  return ENTRY_BYTES + key.length + sizeBytes;
}

export function createTenancy<V>(tenancy: Tenancy<V>): MemoryTenant {
  const { namespace, entries, counters, isExpired, onEvicted } = tenancy;
  const giveUp = (key: string, { stamp }: LocalEntry<V>): void => {
    entries.delete(key);
    counters.evictions += 1;
    onEvicted(key, stamp);
  };
  return {
    name: namespace,
    entries: () => entries.size,
    bytes: () => entries.calculatedSize,
    evictOne: () => void entries.pop(),
    dropExpired() {
      for (const [key, entry] of entries) if (isExpired(entry)) giveUp(key, entry);
    },
    leastValuable() {
      const largest = largestOfOldest(entries);
      if (largest === null) return null;
      const { key, entry } = largest;
      return {
        sizeBytes: entryBytes(key, entry),
        reloadMs: meanLoadMs(counters),
        drop: () => giveUp(key, entry),
      };
    },
  };
}

interface Found<V> {
  readonly key: string;
  readonly entry: LocalEntry<V>;
}

/** All of a namespace cost about the same to load: what frees most is the largest. */
function largestOfOldest<V>(entries: Tenancy<V>["entries"]): Found<V> | null {
  let found: Found<V> | null = null;
  let looked = 0;
  for (const key of entries.rkeys()) {
    const entry = entries.peek(key);
    if (entry !== undefined && (found === null || entry.sizeBytes > found.entry.sizeBytes))
      found = { key, entry };
    looked += 1;
    if (looked === OLDEST_LOOKED_AT) break;
  }
  return found;
}

function meanLoadMs({ loads, loadMs }: Counters): number {
  return loads === 0 ? UNKNOWN_LOAD_MS : loadMs / loads;
}
