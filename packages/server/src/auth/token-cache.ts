/**
 * Verified tokens, remembered until they expire: to verify one costs more than the rest of a cached read. Found by their
 * SHA-256, so that neither a dump of the memory nor the time that a look-up takes tells a token.
 */
import { hash } from "node:crypto";
import type { Clock, MemoryBudget, MemoryTenant } from "@mainspring/engine";
import type { Caller } from "./authenticate.js";

/** An entry takes so much beside its caller's names: digest, instants, places in maps. Measured on Node.js 20. */
const ENTRY_BYTES = 300;

/** To verify a token once more takes so long: measured with HS256. */
const VERIFY_MS = 0.1;

/** Among so many that were used longest ago the largest is looked for. */
const OLDEST_LOOKED_AT = 16;

export interface TokenCache {
  find(token: string): Caller | undefined;
  /** It may be given up at once, where there is no room for it. */
  remember(token: string, caller: Caller, expiresAtMs: number): void;
  readonly size: number;
}

export interface TokenCacheOptions {
  readonly clock: Clock;
  readonly maxTokens: number;
  /** The bound that they share with other caches. Default: none but `maxTokens` */
  readonly budget?: MemoryBudget | undefined;
}

interface Entry {
  readonly caller: Caller;
  readonly expiresAtMs: number;
  readonly sizeBytes: number;
}

/**
 * Two generations: what is used moves to the young one, and when that holds half of what may be remembered it becomes the
 * old one, and the old one is forgotten. So what has not been used for longest goes, and a hit costs one look.
 */
export function createTokenCache({ clock, maxTokens, budget }: TokenCacheOptions): TokenCache {
  const maxYoung = Math.ceil(maxTokens / 2);
  let young = createGeneration();
  let old = createGeneration();
  const keyOf = (token: string): string => hash("sha256", token, "base64");
  const age = (): void => {
    old = young;
    young = createGeneration();
  };
  const put = (key: string, entry: Entry): void => {
    if (young.size() >= maxYoung) age();
    young.set(key, entry);
  };
  const tenant: MemoryTenant = {
    name: "tokens",
    entries: () => young.size() + old.size(),
    bytes: () => young.sizeBytes() + old.sizeBytes(),
    evictOne() {
      if (old.size() === 0) age();
      old.dropOldest();
    },
    dropExpired() {
      const nowMs = clock.nowMs();
      for (const generation of [old, young]) generation.dropExpired(nowMs);
    },
    leastValuable() {
      const generation = old.size() > 0 ? old : young;
      const largest = generation.largestOfOldest();
      if (largest === null) return null;
      const [key, { sizeBytes }] = largest;
      return { sizeBytes, reloadMs: VERIFY_MS, drop: () => generation.delete(key) };
    },
  };
  budget?.join(tenant);
  return {
    find(token) {
      const key = keyOf(token);
      const entry = young.get(key) ?? old.get(key);
      if (entry === undefined) return undefined;
      const hasExpired = clock.nowMs() >= entry.expiresAtMs;
      if (old.delete(key) && !hasExpired) put(key, entry);
      if (!hasExpired) return entry.caller;
      young.delete(key);
      return undefined;
    },
    remember(token, caller, expiresAtMs) {
      if (maxTokens === 0 || clock.nowMs() >= expiresAtMs) return;
      const sizeBytes = ENTRY_BYTES + caller.playerId.length + caller.actor.length;
      put(keyOf(token), { caller, expiresAtMs, sizeBytes });
      budget?.settle();
    },
    get size() {
      return tenant.entries();
    },
  };
}

interface Generation {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  delete(key: string): boolean;
  size(): number;
  sizeBytes(): number;
  /** Only of an old one, which takes nothing in any more. */
  dropOldest(): void;
  dropExpired(nowMs: number): void;
  largestOfOldest(): readonly [string, Entry] | null;
}

function createGeneration(): Generation {
  const entries = new Map<string, Entry>();
  let sizeBytes = 0;
  // One walk for all of them: to begin at the first one each time is to pass by all that went before.
  let oldestFirst: IterableIterator<string> | null = null;
  const drop = (key: string): boolean => {
    const entry = entries.get(key);
    if (entry === undefined) return false;
    sizeBytes -= entry.sizeBytes;
    return entries.delete(key);
  };
  return {
    get: (key) => entries.get(key),
    set(key, entry) {
      drop(key);
      entries.set(key, entry);
      sizeBytes += entry.sizeBytes;
    },
    delete: drop,
    size: () => entries.size,
    sizeBytes: () => sizeBytes,
    dropOldest() {
      oldestFirst ??= entries.keys();
      const next = oldestFirst.next();
      if (next.done !== true) drop(next.value);
    },
    dropExpired(nowMs) {
      for (const [key, { expiresAtMs }] of entries) if (nowMs >= expiresAtMs) drop(key);
    },
    largestOfOldest() {
      let largest: readonly [string, Entry] | null = null;
      let looked = 0;
      for (const entry of entries) {
        if (largest === null || entry[1].sizeBytes > largest[1].sizeBytes) largest = entry;
        looked += 1;
        if (looked === OLDEST_LOOKED_AT) break;
      }
      return largest;
    },
  };
}
