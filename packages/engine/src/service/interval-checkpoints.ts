/**
 * Interval checkpoints: what merely time has brought is shown before it is saved, and saved at most once in an interval.
 *
 * Whoever settles the same record to the same instant gets the same. So nothing is kept for it, no timer runs, and a player
 * who is gone costs nothing; a read that finds the last save too old starts the next. Only a command of an earlier instant
 * could undo what was shown: so what is younger than the allowed distance is held back, and while a command of the player is
 * under way in this process nothing is shown that isn't saved.
 */
import { isSightDue, type PlayerEvent, type PlayerState } from "@mainspring/core";
import type { PlayerView, ReadOptions } from "../engine.js";
import type { Background } from "./background.js";
import type { DecodedPlayers } from "./decoded-players.js";
import { type createStart, type Journey, type Start, travel, viewOf } from "./journey.js";
import type { Save, SaveParts } from "./save.js";
import { settleInSlices } from "./settle-in-slices.js";

/** By so much may the clocks of two instances differ, together with the time that a command takes to be saved. 500 ms. */
export const CLOCK_SKEW_MS = 500;

export interface IntervalCheckpoints {
  /** The player as of {@link CLOCK_SKEW_MS} ago, or `null` if something must be saved before it is shown. */
  look(playerId: string, options: ReadOptions): Promise<PlayerView | null>;
}

export interface CheckpointParts {
  /** A save that is older than this is followed by the next one. */
  readonly everyMs: number;
  readonly start: ReturnType<typeof createStart>;
  readonly save: Save;
  readonly decoded: DecodedPlayers;
  readonly background: Background;
  readonly count: SaveParts["count"];
  /** Whether a command of the player is under way in this process. */
  readonly isBusy: (playerId: string) => boolean;
}

function dropEvent(_event: PlayerEvent): void {
  // They are made again when they are saved.
}

export function createIntervalCheckpoints(parts: CheckpointParts): IntervalCheckpoints {
  const { everyMs, start, save, decoded, background, count, isBusy } = parts;
  const underWay = new Set<string>();

  // Not in the player's turn: it may wait for others to travel with, and a command that comes meanwhile only tries again.
  const checkpoint = async (begun: Start): Promise<void> => {
    const journey: Journey = await travel(begun, CLOCK_SKEW_MS);
    const { loaded, state } = journey;
    if (state === loaded.record.state || decoded.isNewer(loaded.playerId, loaded)) return;
    const saved = await save(journey, { record: { ...loaded.record, state }, urgency: "bulk" });
    count(saved === null ? "conflicts" : "checkpoints");
  };

  const schedule = (begun: Start): void => {
    const { playerId } = begun.loaded;
    if (underWay.has(playerId)) return;
    const isStarted = background.run("checkpoint", () =>
      checkpoint(begun).finally(() => underWay.delete(playerId)),
    );
    if (isStarted) underWay.add(playerId);
  };

  // Of what was shown and has been given up since, nothing is taken back, though the clock may have been.
  const settleUnsaved = async (
    { loaded, timeline, nowMs }: Start,
    known: PlayerState,
  ): Promise<PlayerState> =>
    settleInSlices(known, timeline, Math.max(nowMs - CLOCK_SKEW_MS, decoded.shownMs(loaded)), dropEvent);

  /** Saved, or shown already. */
  const knownOf = ({ loaded }: Start): PlayerState => decoded.ahead(loaded) ?? loaded.record.state;

  return {
    async look(playerId, options) {
      if (isBusy(playerId)) return null;
      let begun = await start(playerId, options);
      if (begun.loaded.version === 0) return null;
      const known = knownOf(begun);
      let state = await settleUnsaved(begun, known);
      if (!begun.isCertain && state !== known) {
        // From a record that lacks the last command something could come that never does. What was shown already was certain.
        begun = await start(playerId, { ...options, consistency: "strong" });
        if (begun.loaded.version === 0) return null;
        state = await settleUnsaved(begun, knownOf(begun));
      }
      const { loaded, nowMs } = begun;
      const saved = loaded.record.state;
      const isDue = options.asPlayer === true && isSightDue(state, nowMs);
      if (isDue || state.revision !== saved.revision) return null;
      if (state !== saved) {
        decoded.setAhead(loaded, state);
        if (nowMs - saved.settledAtMs >= everyMs) schedule(begun);
      }
      return viewOf(begun, loaded, { state, decoded });
    },
  };
}
