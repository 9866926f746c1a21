/** When something happens next. Between boundaries a state does not change. */
import type { Catalog } from "../catalog/catalog.js";
import { catalogOf, entryAfter, type Timeline } from "../catalog/timeline.js";
import type { Lane, VisibleState } from "../player/state.js";

/** A player counts as seen for so long after the stored instant: it is written only when older than this. 12 hours. */
export const SEEN_GRACE_MS = 43_200_000;

type Outside = Pick<VisibleState, "effects" | "catalogAtMs" | "clockOffsetMs">;

/** The instant of the next boundary of a state (player time); `Infinity` if nothing will ever happen by itself. */
export function nextBoundaryMs(state: VisibleState, timeline: Timeline): number {
  return boundaryMs(state.lanes[0], state, catalogOf(timeline, state.catalog), timeline);
}

/** The same from the parts of a state or a run. */
export function boundaryMs(
  lane: Lane,
  moment: Outside & Pick<VisibleState, "settledAtMs" | "lastSeenMs">,
  catalog: Catalog,
  timeline: Timeline,
): number {
  let next = nextOutsideLaneMs(moment, timeline);
  if (lane.tasks.length > 0 && lane.paused === null) {
    if (lane.cycle !== null) next = Math.min(next, lane.cycle.startedAtMs + lane.cycle.durationMs);
    else if (lane.blocked !== null && lane.blocked.retryAtMs !== null)
      next = Math.min(next, lane.blocked.retryAtMs);
    next = Math.min(next, awayLimitMs(moment.lastSeenMs, catalog.settings.away.maxMs));
  }
  return Math.max(moment.settledAtMs, next);
}

/** The same without the lane: ends of effects and the next catalog. */
export function nextOutsideLaneMs(moment: Outside, timeline: Timeline): number {
  let next = Infinity;
  for (const effect of moment.effects) next = Math.min(next, effect.untilMs);
  const entry = entryAfter(timeline, moment.catalogAtMs);
  return entry === null ? next : Math.min(next, entry.atMs + moment.clockOffsetMs);
}

/** When a queue pauses because its player was not seen. */
export function awayLimitMs(lastSeenMs: number, awayMaxMs: number): number {
  return lastSeenMs + SEEN_GRACE_MS + awayMaxMs;
}
