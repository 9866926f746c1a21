/** What becomes of each prefetch: used when its player comes and finds it; wasted when it has gone by then, or nobody comes. */

export interface PrefetchLedger {
  /** A fetch begins for these players. One at a time. */
  begin(playerIds: readonly string[]): void;
  /** It has ended; these were read. */
  end(playerIds: readonly string[], untilMs: number): void;
  noteRead(playerId: string, isHit: boolean): void;
  /** Decides those whose time is over. */
  pass(nowMs: number): void;
  isUndecided(playerId: string): boolean;
  undecidedCount(): number;
  counts(): { readonly fetched: number; readonly used: number; readonly wasted: number };
}

export function createPrefetchLedger(onDecided: (isUsed: boolean) => void): PrefetchLedger {
  // Until when each is of use, in the order of those instants.
  const undecided = new Map<string, number>();
  // Those of the fetch under way; and those of them who came before it ended, with whether it was in time.
  let underWay: ReadonlySet<string> = new Set();
  const overtaken = new Map<string, boolean>();
  let [fetched, used, wasted] = [0, 0, 0];
  const decide = (playerId: string, isUsed: boolean): void => {
    undecided.delete(playerId);
    if (isUsed) used += 1;
    else wasted += 1;
    onDecided(isUsed);
  };
  return {
    begin(playerIds) {
      underWay = new Set(playerIds);
    },
    end(playerIds, untilMs) {
      for (const playerId of playerIds) {
        fetched += 1;
        undecided.set(playerId, untilMs);
        const isHit = overtaken.get(playerId);
        if (isHit !== undefined) decide(playerId, isHit);
      }
      underWay = new Set();
      overtaken.clear();
    },
    noteRead(playerId, isHit) {
      if (undecided.size > 0 && undecided.has(playerId)) decide(playerId, isHit);
      else if (underWay.has(playerId) && !overtaken.has(playerId)) overtaken.set(playerId, isHit);
    },
    pass(nowMs) {
      for (const [playerId, untilMs] of undecided) {
        if (untilMs > nowMs) return;
        decide(playerId, false);
      }
    },
    isUndecided: (playerId) => undecided.has(playerId),
    undecidedCount: () => undecided.size,
    counts: () => ({ fetched, used, wasted }),
  };
}
