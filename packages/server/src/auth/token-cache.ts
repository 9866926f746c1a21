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

/** Forgets what has not been used for longest when it is full. */
export function createTokenCache({ clock, maxTokens }: { clock: Clock; maxTokens: number }): TokenCache {
  // A map keeps the order of insertion: what was used is inserted anew.
  const entries = new Map<string, Entry>();
  const keyOf = (token: string): string => hash("sha256", token, "base64");
  return {
    find(token) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (clock.nowMs() >= entry.expiresAtMs) return undefined;
      entries.set(key, entry);
      return entry.caller;
    },
    remember(token, caller, expiresAtMs) {
      if (maxTokens <= 0 || clock.nowMs() >= expiresAtMs) return;
      for (const oldest of entries.keys()) {
        if (entries.size < maxTokens) break;
        entries.delete(oldest);
      }
      entries.set(keyOf(token), { caller, expiresAtMs });
    },
    get size() {
      return entries.size;
    },
  };
}
