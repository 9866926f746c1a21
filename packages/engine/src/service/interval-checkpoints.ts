/**
 * Interval checkpoints: what merely time has brought is shown before it is saved, and saved at most once in an interval.
 *
 * What was shown can't change: whoever settles the same record to the same instant gets the same. So nothing is kept for it,
 * no timer runs, and a player who is gone costs nothing; a read that finds the last save too old starts the next. Only what
 * clocks can disagree on is held back: outcomes younger than the allowed skew between instances.
 */
import { isSightDue, type PlayerEvent } from "@mainspring/core";
import type { PlayerView, ReadOptions } from "../engine.js";
import type { Background } from "./background.js";
import type { DecodedPlayers } from "./decoded-players.js";
import { type createStart, type Journey, type Start, travel, viewOf } from "./journey.js";
import type { LoadedPlayer } from "./player-repository.js";
import type { Save, SaveParts } from "./save.js";
import { settleInSlices } from "./settle-in-slices.js";

/** By so much may the clocks of two instances differ. 500 ms. */
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
  /** Runs the work when nothing else changes the player. */
  readonly alone: <T>(playerId: string, work: () => Promise<T>) => Promise<T>;
}

function dropEvent(_event: PlayerEvent): void {
  // They are made again when they are saved.
}

export function createIntervalCheckpoints(parts: CheckpointParts): IntervalCheckpoints {
  const { everyMs, start, save, decoded, background, count, alone } = parts;
  const underWay = new Set<string>();

  const checkpoint = async (loaded: LoadedPlayer, begun: Start | null): Promise<void> => {
    const { playerId } = loaded;
    // A command that came before has saved it along.
    if (decoded.isNewer(playerId, loaded)) return;
    const journey: Journey = await travel(begun ?? (await start(playerId, {})), CLOCK_SKEW_MS);
    if (journey.state === journey.loaded.record.state) return;
    const record = { ...journey.loaded.record, state: journey.state };
    const saved = await save(journey, { record, urgency: "bulk" });
    count(saved === null ? "conflicts" : "checkpoints");
  };

  const schedule = (loaded: LoadedPlayer, begun: Start | null): void => {
    const { playerId } = loaded;
    if (underWay.has(playerId)) return;
    underWay.add(playerId);
    background.run("checkpoint", () =>
      alone(playerId, () => checkpoint(loaded, begun)).finally(() => underWay.delete(playerId)),
    );
  };

  return {
    async look(playerId, options) {
      const begun = await start(playerId, options);
      const { loaded, timeline, nowMs } = begun;
      if (loaded.version === 0) return null;
      const saved = loaded.record.state;
      const known = decoded.ahead(loaded) ?? saved;
      const state = await settleInSlices(known, timeline, nowMs - CLOCK_SKEW_MS, dropEvent);
      const isDue = options.asPlayer === true && isSightDue(state, nowMs);
      if (isDue || state.revision !== saved.revision) return null;
      if (state !== saved) {
        decoded.setAhead(loaded, state);
        // A record that may be old is not what a commit starts from.
        if (nowMs - saved.settledAtMs >= everyMs)
          schedule(loaded, options.consistency === "eventual" ? null : begun);
      }
      return viewOf(begun, { ...loaded, record: { ...loaded.record, state } }, decoded);
    },
  };
}
