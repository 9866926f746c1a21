/**
 * Verified tokens, remembered until they expire: to verify one costs more than the rest of a cached read. Found by their
 * SHA-256, so that neither a dump of the memory nor the time that a look-up takes tells a token.
 */
import { hash } from "node:crypto";
import type { Clock } from "@mainspring/engine";
import type { Caller } from "./authenticate.js";

export interface TokenCache {
  find(token: string): Caller | undefined;
  remember(token: string, caller: Caller, expiresAtMs: number): void;
  readonly size: number;
}

interface Entry {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

/**
 * Two generations: what is used moves to the young one, and when that holds half of what may be remembered it becomes the
 * old one, and the old one is forgotten. So what has not been used for longest goes, and a hit costs one look.
 */
export function createTokenCache({ clock, maxTokens }: { clock: Clock; maxTokens: number }): TokenCache {
  const maxYoung = Math.ceil(maxTokens / 2);
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  const keyOf = (token: string): string => hash("sha256", token, "base64");
  const put = (key: string, entry: Entry): void => {
    if (young.size >= maxYoung) {
      old = young;
      young = new Map();
    }
    young.set(key, entry);
  };
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
      if (maxTokens > 0 && clock.nowMs() < expiresAtMs) put(keyOf(token), { caller, expiresAtMs });
    },
    get size() {
      return young.size + old.size;
    },
  };
}
