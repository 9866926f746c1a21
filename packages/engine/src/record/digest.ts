/** Digests of commands that carried an idempotency key: made, found, and added to a record within its bounds. */
import { createHash } from "node:crypto";
import { MainspringError } from "@mainspring/core";
import {
  ADJUST_DIGEST_MS,
  type Digest,
  DIGEST_BYTES,
  MAX_ADJUST_DIGESTS,
  MAX_OWN_DIGESTS,
  type PlayerRecord,
} from "./player-record.js";

/** The first 8 bytes of the SHA-256 of a text, a character for each. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("binary").slice(0, DIGEST_BYTES);
}

/** The newest digest with this key among the player's own and those of `adjust`, or `null`. */
export function findDigest(record: PlayerRecord, key: string): Digest | null {
  return findLast(record.ownDigests, key) ?? findLast(record.adjustDigests, key);
}

/** The record with one more digest of the player's own; the oldest makes room. */
export function addOwnDigest(record: PlayerRecord, digest: Digest): PlayerRecord {
  return { ...record, ownDigests: [...record.ownDigests.slice(1 - MAX_OWN_DIGESTS), digest] };
}

/**
 * The record with one more digest of an `adjust`. Those that were kept for as long as promised make room.
 *
 * @param nowMs by the same clock as the digests' `atMs`
 * @throws MainspringError `RATE_LIMITED` with `details.retryAfterMs` when it is full of younger ones: none is ever forgotten.
 */
export function addAdjustDigest(record: PlayerRecord, digest: Digest, nowMs: number): PlayerRecord {
  const kept = record.adjustDigests.filter(({ atMs }) => nowMs - atMs < ADJUST_DIGEST_MS);
  if (kept.length >= MAX_ADJUST_DIGESTS) {
    const oldestAtMs = kept.reduce((oldest, { atMs }) => Math.min(oldest, atMs), Infinity);
    throw new MainspringError(
      "RATE_LIMITED",
      `${MAX_ADJUST_DIGESTS} adjustments of this player are still remembered; try again when the oldest may be forgotten.`,
      { retryAfterMs: oldestAtMs + ADJUST_DIGEST_MS - nowMs },
    );
  }
  return { ...record, adjustDigests: [...kept, digest] };
}

function findLast(digests: readonly Digest[], key: string): Digest | null {
  for (let index = digests.length - 1; index >= 0; index -= 1) {
    const digest = digests[index];
    if (digest?.key === key) return digest;
  }
  return null;
}
