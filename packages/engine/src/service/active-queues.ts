/** How many players with a running queue were seen lately: a number for operators, kept without any timer. */
import type { Clock } from "../ports.js";

/** "Lately": five minutes. */
const ACTIVE_MS = 300_000;

/** Whoever is seen again so soon needs no new note. */
export const NOTED_AGAIN_MS = 1_000;

/** More players than this are not told apart; the oldest are forgotten. */
const MAX_COUNTED = 1_000_000;

export interface ActiveQueues {
  note(playerId: string, isRunning: boolean): void;
  count(): number;
}

export function createActiveQueues(clock: Clock): ActiveQueues {
  // Insertion order is the order of last sight, but for a second.
  const seenAtMs = new Map<string, number>();
  const forgetOld = (nowMs: number): void => {
    for (const [playerId, atMs] of seenAtMs) {
      if (nowMs - atMs <= ACTIVE_MS && seenAtMs.size <= MAX_COUNTED) return;
      seenAtMs.delete(playerId);
    }
  };
  return {
    note(playerId, isRunning) {
      const nowMs = clock.nowMs();
      const ageMs = nowMs - (seenAtMs.get(playerId) ?? -Infinity);
      if (isRunning && ageMs >= 0 && ageMs < NOTED_AGAIN_MS) return;
      seenAtMs.delete(playerId);
      if (isRunning) seenAtMs.set(playerId, nowMs);
      if (seenAtMs.size > MAX_COUNTED) forgetOld(nowMs);
    },
    count() {
      forgetOld(clock.nowMs());
      return seenAtMs.size;
    },
  };
}
