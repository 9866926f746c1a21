/**
 * What is stored of a player: the state, and the digests that tell a repeated command from a new one. Or, once the player
 * was erased, a tombstone.
 */
import type { PlayerState } from "@mainspring/core";

/** Bytes of a digest's `key` and of its `request`. */
export const DIGEST_BYTES = 8;

/** A record keeps the digests of so many of the player's own last commands. */
export const MAX_OWN_DIGESTS = 12;

/** A record keeps at most so many digests of `adjust`. */
export const MAX_ADJUST_DIGESTS = 256;

/** A digest of `adjust` is kept for at least so long. 24 hours. */
export const ADJUST_DIGEST_MS = 86_400_000;

/** Remembers a command that carried an idempotency key. */
export interface Digest {
  /** The first 8 bytes of the SHA-256 of the key, a character for each: kept as bytes they would take ten times the memory. */
  readonly key: string;
  /** The same of the request. */
  readonly request: string;
  /** The player's revision after the command. */
  readonly revision: number;
  /** The number of the command's event, which holds the answer. */
  readonly eventNumber: number;
  readonly atMs: number;
}

/** What a player's record holds. */
export interface PlayerRecord {
  readonly state: PlayerState;
  /** Of the player's own commands. Newest last, at most {@link MAX_OWN_DIGESTS}. */
  readonly ownDigests: readonly Digest[];
  /** Of `adjust`. Newest last, at most {@link MAX_ADJUST_DIGESTS}. */
  readonly adjustDigests: readonly Digest[];
}

/** What is left of a player who was erased. */
export interface Tombstone {
  readonly erasedAtMs: number;
}
