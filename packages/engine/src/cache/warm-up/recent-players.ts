/** Keeps the list of who was active last, for the next start. Collects in memory; whoever has timers calls `flush`, each ten seconds or so. */
import type { Remote } from "../remote.js";

/** Players that wait to be told. Beyond it those who were active first are left out. */
export const MAX_WAITING = 10_000;

/** Players of one call. */
export const RECENT_BATCH = 1_000;

/** Who was active again so soon is not noted anew: the list needs no better order. */
export const RECENT_STEP_MS = 10_000;

export interface RecentPlayers {
  /** A request of a player. Cheap. */
  noteActive(playerId: string, atMs: number): void;
  /** Tells the second tier. What it doesn't take is kept for the next time. Never rejects; `false`: something was not taken. */
  flush(): Promise<boolean>;
  /** Players that wait to be told. */
  size(): number;
}

export function createRecentPlayers(remote: Pick<Remote, "noteRecent">): RecentPlayers {
  // In the order in which they were noted.
  let waiting = new Map<string, number>();
  let isFlushing = false;
  const dropFirst = (): void => {
    for (const [playerId] of waiting) {
      if (waiting.size <= MAX_WAITING) return;
      waiting.delete(playerId);
    }
  };
  const putBack = (untold: readonly (readonly [string, number])[]): void => {
    const newer = waiting;
    waiting = new Map(untold.filter(([playerId]) => !newer.has(playerId)));
    for (const [playerId, atMs] of newer) waiting.set(playerId, atMs);
    dropFirst();
  };
  return {
    noteActive(playerId, atMs) {
      const notedAtMs = waiting.get(playerId);
      if (notedAtMs !== undefined && atMs - notedAtMs < RECENT_STEP_MS) return;
      waiting.delete(playerId);
      waiting.set(playerId, atMs);
      dropFirst();
    },
    async flush() {
      if (isFlushing || waiting.size === 0) return !isFlushing;
      isFlushing = true;
      const players = [...waiting];
      waiting = new Map();
      let toldCount = 0;
      try {
        while (toldCount < players.length) {
          const batch = players.slice(toldCount, toldCount + RECENT_BATCH);
          await remote.noteRecent(batch.map(([key, atMs]) => ({ key, atMs })));
          toldCount += batch.length;
        }
        return true;
      } catch {
        putBack(players.slice(toldCount));
        return false;
      } finally {
        isFlushing = false;
      }
    },
    size: () => waiting.size,
  };
}
