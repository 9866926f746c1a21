/**
 * Reads records ahead of players who are likely to come. It has no timers: whoever has them calls `tick`. What becomes of each
 * prefetch is watched, and where too few are read it stops by itself.
 */
import type { PrefetchStats } from "../cache-stats.js";
import type { Habits } from "../habits/habits.js";
import { createPrefetchLedger } from "./prefetch-ledger.js";
import { createWorth, MIN_CHANCE, MIN_PRECISION } from "./worth.js";

/** Ids of one call of `fetch`. */
export const MAX_FETCH_BATCH = 100;

/** Default: ids of one tick. */
export const MAX_FETCHED_PER_TICK = 500;

/** Prefetches that are undecided at once. */
export const MAX_UNDECIDED = 10_000;

export interface PrefetcherOptions {
  readonly habits: Pick<Habits, "dueSoon" | "size">;
  /**
   * Reads records into the cache. Resolves to the ids that were read: those at hand already, and players that don't exist, are
   * none. What it throws ends the tick. It has to end: no tick does anything before the one before it has.
   */
  readonly fetch: (playerIds: readonly string[]) => Promise<readonly string[]>;
  /** How long what was fetched stays in the cache: nobody who comes later makes use of it. */
  readonly heldForMs: number;
  /** Who is fetched at all. Default: everybody */
  readonly isWanted?: (playerId: string) => boolean;
  /** `false`: nothing is fetched now; the store has more urgent things to do, or it is switched off. Default: always true */
  readonly isAllowed?: () => boolean;
  /** Of what is fetched, such a share has to be read. Default: {@link MIN_PRECISION} */
  readonly minPrecision?: number;
  /** Who is less likely to come in time is not fetched. Default: {@link MIN_CHANCE} */
  readonly minChance?: number;
  /** Default: {@link MAX_FETCHED_PER_TICK} */
  readonly maxPerTick?: number;
}

export interface Prefetcher {
  /** Fetches who is due. Never rejects. While one is under way another does nothing. */
  tick(nowMs: number): Promise<void>;
  /** A player's record was asked for. `isHit`: it was at hand. Cheap. */
  noteRead(playerId: string, isHit: boolean): void;
  stats(): PrefetchStats;
}

export function createPrefetcher(options: PrefetcherOptions): Prefetcher {
  const { habits, fetch, heldForMs, isWanted = () => true, isAllowed = () => true } = options;
  const { minPrecision = MIN_PRECISION, minChance = MIN_CHANCE, maxPerTick = MAX_FETCHED_PER_TICK } = options;
  const worth = createWorth({ minPrecision });
  const ledger = createPrefetchLedger((isUsed) => worth.noteDecided(isUsed));
  const choose = (nowMs: number): readonly string[] => {
    const undecided = ledger.undecidedCount();
    const limit = Math.min(maxPerTick, MAX_UNDECIDED - undecided, worth.allowance(nowMs, undecided));
    if (limit <= 0 || !isAllowed()) return [];
    // Those that were fetched already and have not come yet are due as well, and passed over.
    const due = habits.dueSoon(nowMs, {
      withinMs: heldForMs,
      limit: limit + undecided,
      minChance,
      isWanted,
    });
    return due.filter((playerId) => !ledger.isUndecided(playerId)).slice(0, limit);
  };
  const fetchBatch = async (playerIds: readonly string[], nowMs: number): Promise<boolean> => {
    ledger.begin(playerIds);
    try {
      ledger.end(await fetch(playerIds), nowMs + heldForMs);
      return true;
    } catch {
      // A record that is not here is read when somebody asks for it.
      ledger.end([], nowMs);
      return false;
    }
  };
  const fetchDue = async (nowMs: number): Promise<void> => {
    const chosen = choose(nowMs);
    for (let start = 0; start < chosen.length; start += MAX_FETCH_BATCH) {
      if (!isAllowed()) return;
      if (!(await fetchBatch(chosen.slice(start, start + MAX_FETCH_BATCH), nowMs))) return;
    }
  };
  let isTicking = false;
  return {
    async tick(nowMs) {
      if (isTicking) return;
      isTicking = true;
      try {
        ledger.pass(nowMs);
        await fetchDue(nowMs);
      } finally {
        isTicking = false;
      }
    },
    noteRead: (playerId, isHit) => ledger.noteRead(playerId, isHit),
    stats() {
      const { fetched, used, wasted } = ledger.counts();
      const decided = used + wasted;
      const precision = decided === 0 ? null : used / decided;
      return { isOn: worth.isOn(), fetched, used, wasted, precision, modelled: habits.size() };
    },
  };
}
