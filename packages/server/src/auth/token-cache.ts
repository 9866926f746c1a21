/**
 * Verified tokens, remembered until they expire: to verify one costs more than the rest of a cached read. Found by their
 * SHA-256, so that neither a dump of the memory nor the time that a look-up takes tells a token.
 */
import { hash } from "node:crypto";
import { type Clock, createLruTenant, createMemoryBudget, type MemoryBudget } from "@mainspring/engine";
import type { Caller } from "./authenticate.js";

/** An entry takes so much beside its caller's names: digest, instants, places in lists. Measured on Node.js 20. */
const ENTRY_BYTES = 300;

/** To verify a token once more takes so long: measured with HS256. */
const VERIFY_MS = 0.1;

export interface TokenCache {
  find(token: string): Caller | undefined;
  /** It may be given up at once, where there is no room for it. */
  remember(token: string, caller: Caller, expiresAtMs: number): void;
  readonly size: number;
}

export interface TokenCacheOptions {
  readonly clock: Clock;
  readonly maxTokens: number;
  /** The bound that they share with other caches. Default: one of their own */
  readonly budget?: MemoryBudget | undefined;
}

interface Entry {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

export function createTokenCache({
  clock,
  maxTokens,
  budget = createMemoryBudget({ maxEntries: Math.max(1, maxTokens), maxBytes: Number.MAX_SAFE_INTEGER }),
}: TokenCacheOptions): TokenCache {
  const hasExpired = ({ expiresAtMs }: Entry): boolean => clock.nowMs() >= expiresAtMs;
  const { entries } = createLruTenant<Entry>({
    budget,
    name: "tokens",
    isExpired: hasExpired,
    reloadMs: () => VERIFY_MS,
    onGivenUp: () => undefined,
  });
  const keyOf = (token: string): string => hash("sha256", token, "base64");
  return {
    find(token) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (!hasExpired(entry)) return entry.caller;
      entries.delete(key);
      return undefined;
    },
    remember(token, caller, expiresAtMs) {
      const entry = { caller, expiresAtMs };
      if (maxTokens === 0 || hasExpired(entry)) return;
      const size = ENTRY_BYTES + caller.playerId.length + caller.actor.length;
      entries.set(keyOf(token), entry, { size });
      if (entries.size > maxTokens) entries.pop();
      budget.settle();
    },
    get size() {
      return entries.size;
    },
  };
}
