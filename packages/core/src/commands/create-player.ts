/** A new player's state: what the catalog gives a newcomer. */
import { catalogOf, entryAt, type Timeline } from "../catalog/timeline.js";
import type { PlayerState } from "../player/state.js";
import type { Seed } from "../player/seed.js";
import { rolledOutcomes } from "../settle/rolled-outcomes.js";
import { closeRun, openRun } from "../settle/run.js";
import { storeOrStash } from "../settle/storage.js";

export interface CreatePlayerOptions {
  readonly nowMs: number;
  /** From 16 random bytes; see `createSeed`. */
  readonly seed: Seed;
}

/** A player who is seen for the first time, under the catalog that is active now. What doesn't fit goes to the stash. */
export function createPlayer(timeline: Timeline, { nowMs, seed }: CreatePlayerOptions): PlayerState {
  const entry = entryAt(timeline, nowMs);
  const { newPlayer } = catalogOf(timeline, entry.hash);
  const empty: PlayerState = {
    catalog: entry.hash,
    catalogAtMs: entry.atMs,
    clockOffsetMs: 0,
    settledAtMs: nowMs,
    lastSeenMs: nowMs,
    revision: 0,
    eventCount: 0,
    nextTask: 1,
    items: new Map(),
    stash: new Map(),
    xp: new Map(newPlayer.xp),
    equipped: new Map(newPlayer.equipped),
    effects: [],
    lanes: [{ tasks: [], cycle: null, paused: null, blocked: null }],
    totals: new Map(),
    seed,
  };
  const run = openRun(empty, timeline, rolledOutcomes(seed), () => undefined);
  for (const [id, amount] of newPlayer.items) storeOrStash(run, nowMs, id, amount);
  return closeRun(run, seed);
}
