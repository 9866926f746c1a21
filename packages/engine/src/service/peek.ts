/**
 * Reading without waiting: the record is in the cache of this process, was decoded before, and nothing is due. Whatever can't be
 * shown by a few comparisons is left to the read that may wait.
 */
import { isSightDue, nextBoundaryMs, type PlayerState, type Timeline } from "@mainspring/core";
import type { PlayerView, ReadOptions } from "../engine.js";
import type { Clock } from "../ports.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import type { DecodedPlayers } from "./decoded-players.js";
import { CLOCK_SKEW_MS } from "./interval-checkpoints.js";
import { playerNowMs, viewOf } from "./journey.js";
import type { PlayerRepository } from "./player-repository.js";

/** What a read would answer, or `null`: ask it. */
export type Peek = (playerId: string, options: ReadOptions) => PlayerView | null;

export interface PeekParts {
  readonly repository: PlayerRepository;
  readonly catalogs: CatalogRegistry;
  readonly clock: Clock;
  readonly decoded: DecodedPlayers;
  /** Show before saving, and save at most so often; `null`: whatever is shown is saved. */
  readonly checkpointEveryMs: number | null;
  /** Whether a command of the player is under way in this process. */
  readonly isBusy: (playerId: string) => boolean;
}

export function createPeek(parts: PeekParts): Peek {
  const { repository, catalogs, clock, decoded, checkpointEveryMs, isBusy } = parts;
  return (playerId, { asPlayer = false, consistency, atLeast }) => {
    if (consistency === "strong") return null;
    const loaded = repository.peek(playerId, atLeast);
    if (loaded === null) return null;
    const serverNowMs = clock.nowMs();
    const timeline = catalogs.recentFor(serverNowMs);
    if (timeline === null) return null;
    const saved = loaded.record.state;
    const state = checkpointEveryMs === null ? saved : (decoded.ahead(loaded) ?? saved);
    const nowMs = playerNowMs(loaded, state.settledAtMs, serverNowMs);
    if (asPlayer && isSightDue(state, nowMs)) return null;
    if (checkpointEveryMs === null) {
      if (isDue(state, timeline, nowMs)) return null;
    } else {
      if (isBusy(playerId) || isDue(state, timeline, nowMs - CLOCK_SKEW_MS)) return null;
      // Time to save what was shown.
      if (state !== saved && nowMs - saved.settledAtMs >= checkpointEveryMs) return null;
    }
    return viewOf({ timeline, nowMs }, loaded, { state, decoded });
  };
}

function isDue(state: PlayerState, timeline: Timeline, nowMs: number): boolean {
  return nowMs >= state.settledAtMs && nextBoundaryMs(state, timeline) <= nowMs;
}
