/**
 * Reading without waiting: the record is in the cache of this process, was decoded before, and nothing is due. Whatever can't be
 * shown by a few comparisons is left to the read that may wait.
 */
import { catalogOf, nextBoundaryMs, type PlayerState, sightDueMs, type Timeline } from "@mainspring/core";
import type { PlayerView, ReadOptions } from "../engine.js";
import type { Clock } from "../ports.js";
import { NOTED_AGAIN_MS } from "./active-queues.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import type { Decoded, DecodedPlayers, Glance } from "./decoded-players.js";
import { type CheckpointPlan, showsUnsaved } from "./checkpoint-plan.js";
import { CLOCK_SKEW_MS } from "./interval-checkpoints.js";
import { viewOfShown } from "./journey.js";
import type { PlayerRepository } from "./player-repository.js";

/** What a read would answer, or `null`: ask it. */
export type Peek = (playerId: string, options: ReadOptions) => PlayerView | null;

export interface PeekParts {
  readonly repository: PlayerRepository;
  readonly catalogs: CatalogRegistry;
  readonly clock: Clock;
  readonly decoded: DecodedPlayers;
  /** Show before saving; `null`: whatever is shown is saved. */
  readonly checkpoint: CheckpointPlan | null;
  /** Whether a command of the player is under way in this process. */
  readonly isBusy: (playerId: string) => boolean;
  /** Told whom a look showed, and whether the player's queue runs; not each time. */
  readonly note: (playerId: string, isRunning: boolean) => void;
}

export function createPeek(parts: PeekParts): Peek {
  const { repository, catalogs, clock, decoded, checkpoint, isBusy, note } = parts;

  const glanceOf = (known: Decoded, timeline: Timeline, isAhead: boolean): Glance => {
    const state = (isAhead ? known.ahead : null) ?? known.record.state;
    const { glance } = known;
    if (glance !== null && glance.state === state && glance.timeline === timeline) return glance;
    const made = makeGlance(state, { decoded, timeline });
    known.glance = made;
    return made;
  };

  /** Whether a look between interval checkpoints has to be left to a read. */
  const isForRead = (playerId: string, glance: Glance, { known, nowMs, everyMs }: Between): boolean => {
    if (isBusy(playerId) || nowMs - CLOCK_SKEW_MS >= glance.boundaryMs) return true;
    // Time to save what was shown.
    const saved = known.record.state;
    return glance.state !== saved && nowMs - saved.settledAtMs >= everyMs;
  };

  return (playerId, { asPlayer = false, consistency, atLeast }) => {
    if (consistency === "strong") return null;
    const known = repository.peek(playerId, atLeast);
    if (known === null) return null;
    const serverNowMs = clock.nowMs();
    const timeline = catalogs.recentFor(serverNowMs);
    if (timeline === null) return null;
    const isAhead = checkpoint !== null && showsUnsaved(checkpoint, playerId);
    const glance = glanceOf(known, timeline, isAhead);
    const nowMs = Math.max(serverNowMs + glance.clockOffsetMs, glance.fromMs);
    if (asPlayer && nowMs >= glance.sightDueMs) return null;
    // More was shown before: it has to be computed again, or to be saved now if it is saved before it is shown.
    if (known.shownMs > glance.state.settledAtMs) return null;
    const isLeft = isAhead
      ? isForRead(playerId, glance, { known, nowMs, everyMs: checkpoint.everyMs })
      : nowMs >= glance.boundaryMs;
    if (isLeft) return null;
    const noteAgeMs = serverNowMs - glance.notedAtMs;
    if (noteAgeMs >= NOTED_AGAIN_MS || noteAgeMs < 0) {
      glance.notedAtMs = serverNowMs;
      note(playerId, glance.isRunning);
    }
    const { incarnation, version } = known;
    return viewOfShown({ playerId, incarnation, version }, glance, nowMs);
  };
}

interface Between {
  readonly known: Decoded;
  readonly nowMs: number;
  readonly everyMs: number;
}

function makeGlance(
  state: PlayerState,
  { decoded, timeline }: { readonly decoded: DecodedPlayers; readonly timeline: Timeline },
): Glance {
  const [lane] = state.lanes;
  return {
    state,
    timeline,
    shown: decoded.show(state, timeline),
    catalog: catalogOf(timeline, state.catalog),
    clockOffsetMs: state.clockOffsetMs,
    fromMs: state.settledAtMs,
    boundaryMs: nextBoundaryMs(state, timeline),
    sightDueMs: sightDueMs(state),
    isRunning: lane.cycle !== null && lane.paused === null,
    notedAtMs: -Infinity,
  };
}
