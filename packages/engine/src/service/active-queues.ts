/**
 * How many players with a running queue were seen lately: a number for operators, kept without any timer and in little memory. Up to
 * so many players it is exact. Once there were more, one in 2, 4, 8 … of them is noted, picked by a hash of the id, and counts for as many
 * (adaptive sampling, after Wegman): off by about 2 % at most with 95 % confidence, until they are so few that all can be noted again.
 */
import type { Clock } from "../ports.js";

/** "Lately": five minutes. */
const ACTIVE_MS = 300_000;

/** Whoever is seen again so soon needs no new note. */
export const NOTED_AGAIN_MS = 1_000;

/** So many are noted. About 5 MB. */
const MAX_NOTED = 50_000;

/** Full, at least such a share is cleared away, so that it isn't full again at once. */
const CLEARED_SHARE = 1 / 8;

/** A sample so small may be finer again. */
const FINER_BELOW_SHARE = 1 / 4;

const HASH_BITS = 32;

export interface ActiveQueues {
  note(playerId: string, isRunning: boolean): void;
  count(): number;
}

/** @param maxNoted for tests. Default: 50,000 */
export function createActiveQueues(clock: Clock, maxNoted = MAX_NOTED): ActiveQueues {
  // Insertion order is the order of last sight, but for a second.
  const seenAtMs = new Map<string, number>();
  // One in 2 ** halvings is noted. The count goes by the coarser one of before until all of the finer one had time to be seen.
  let halvings = 0;
  let countedHalvings = 0;
  let finerSinceMs = -Infinity;
  const forgetOld = (nowMs: number): void => {
    for (const [playerId, atMs] of seenAtMs) {
      if (nowMs - atMs <= ACTIVE_MS) return;
      seenAtMs.delete(playerId);
    }
  };
  const makeRoom = (nowMs: number): void => {
    forgetOld(nowMs);
    while (seenAtMs.size > maxNoted * (1 - CLEARED_SHARE) && halvings < HASH_BITS) {
      halvings += 1;
      countedHalvings = Math.max(countedHalvings, halvings);
      for (const playerId of seenAtMs.keys()) if (!isPicked(playerId, halvings)) seenAtMs.delete(playerId);
    }
  };
  const refine = (nowMs: number): void => {
    if (nowMs - finerSinceMs <= ACTIVE_MS && nowMs >= finerSinceMs) return;
    countedHalvings = halvings;
    if (halvings === 0 || seenAtMs.size >= maxNoted * FINER_BELOW_SHARE) return;
    halvings -= 1;
    finerSinceMs = nowMs;
  };
  return {
    note(playerId, isRunning) {
      if (!isPicked(playerId, halvings)) return;
      const nowMs = clock.nowMs();
      const ageMs = nowMs - (seenAtMs.get(playerId) ?? -Infinity);
      if (isRunning && ageMs >= 0 && ageMs < NOTED_AGAIN_MS) return;
      seenAtMs.delete(playerId);
      if (isRunning) seenAtMs.set(playerId, nowMs);
      if (seenAtMs.size > maxNoted) makeRoom(nowMs);
    },
    count() {
      const nowMs = clock.nowMs();
      forgetOld(nowMs);
      refine(nowMs);
      if (countedHalvings === halvings) return seenAtMs.size * 2 ** halvings;
      let picked = 0;
      for (const playerId of seenAtMs.keys()) if (isPicked(playerId, countedHalvings)) picked += 1;
      return picked * 2 ** countedHalvings;
    },
  };
}

/** One in 2 ** halvings is; whoever is of the smaller sample is of every larger one, too. */
function isPicked(playerId: string, halvings: number): boolean {
  return halvings === 0 || hashOf(playerId) < 2 ** (HASH_BITS - halvings);
}

/** FNV-1a, and at the end MurmurHash3's mixer, without which ids that differ in their last letters alone would fall together. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
