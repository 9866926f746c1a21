/** A local cache whose least recently used entries go first, and which shares the bound of all of them. */
import { LRUCache } from "lru-cache";
import type { MemoryBudget, MemoryTenant } from "../ports.js";

/** Among so many that were used longest ago the least valuable is looked for. */
const OLDEST_LOOKED_AT = 16;

export interface LruTenantOptions<V extends object> extends Pick<MemoryTenant, "name" | "isSecondForm"> {
  readonly budget: MemoryBudget;
  /** Whether an entry could not be shown any more. Default: none expires */
  readonly isExpired?: (value: V) => boolean;
  readonly reloadMs: (value: V) => number;
  /** An entry was given up for others. */
  readonly onGivenUp: (key: string, value: V) => void;
}

export interface LruTenant<V extends object> {
  /** What is set has a size. It may be given up with the next `settle` of the budget, which is up to whoever set it. */
  readonly entries: LRUCache<string, V>;
  /** Gives everything up, and no longer counts. */
  readonly leave: () => void;
}

/** A cache for whoever has none yet: it joins the bound, and gives up what the bound or the governor asks for. */
export function createLruTenant<V extends object>(options: LruTenantOptions<V>): LruTenant<V> {
  const { budget, name, isSecondForm = false, isExpired, reloadMs, onGivenUp } = options;
  const entries = new LRUCache<string, V>({
    // How much may be here is said by the budget alone: what the library refuses as too large goes without a word.
    maxSize: Number.MAX_SAFE_INTEGER,
    dispose: (value, key, reason) => {
      if (reason === "evict") onGivenUp(key, value);
    },
  });
  const giveUp = (key: string, value: V): void => {
    entries.delete(key);
    onGivenUp(key, value);
  };
  const leave = budget.join({
    name,
    isSecondForm,
    entries: () => entries.size,
    bytes: () => entries.calculatedSize,
    evictOne: () => void entries.pop(),
    dropExpired() {
      if (isExpired === undefined) return;
      // Found first: a walk while entries go is nothing that the library promises to survive.
      const expired = [...entries.entries()].filter(([, value]) => isExpired(value));
      for (const [key, value] of expired) giveUp(key, value);
    },
    leastValuable() {
      const largest = largestOfOldest(entries);
      if (largest === null) return null;
      const { key, value, sizeBytes } = largest;
      return { sizeBytes, reloadMs: reloadMs(value), drop: () => giveUp(key, value) };
    },
  });
  return {
    entries,
    leave() {
      leave();
      entries.clear();
    },
  };
}

interface Found<V> {
  readonly key: string;
  readonly value: V;
  readonly sizeBytes: number;
}

/** All of a tenant cost about the same to have again, or as much as they are large: what frees most for the least is the largest. */
function largestOfOldest<V extends object>(entries: LRUCache<string, V>): Found<V> | null {
  let found: Found<V> | null = null;
  let looked = 0;
  for (const key of entries.rkeys()) {
    const info = entries.info(key);
    const sizeBytes = info?.size ?? 0;
    if (info !== undefined && (found === null || sizeBytes > found.sizeBytes))
      found = { key, value: info.value, sizeBytes };
    looked += 1;
    if (looked === OLDEST_LOOKED_AT) break;
  }
  return found;
}
