/** Being seen: a request with the player's own token. It keeps the queue from pausing for absence. */
import type { Timeline } from "../catalog/timeline.js";
import type { EventSink } from "../player/events.js";
import type { PlayerState, VisibleState } from "../player/state.js";
import { SEEN_GRACE_MS } from "../settle/boundaries.js";
import { rolledOutcomes } from "../settle/rolled-outcomes.js";
import { closeRun, emit, openRun } from "../settle/run.js";
import { attemptStart } from "../settle/start.js";
import { liftPause } from "./queue-commands.js";

/**
 * From this instant (player time) on being seen must be written even if nothing else is: it lifts a pause (0: it would at once), or the
 * stored instant is old.
 */
export function sightDueMs(state: Pick<VisibleState, "lanes" | "lastSeenMs">): number {
  return state.lanes[0].paused?.reason === "AWAY" ? 0 : state.lastSeenMs + SEEN_GRACE_MS + 1;
}

/** True when being seen now must be written even if nothing else is. */
export function isSightDue(state: PlayerState, atMs: number): boolean {
  return atMs >= sightDueMs(state);
}

/**
 * The state of a player who is seen at an instant (player time) to which the state is settled. Lifts a pause for absence.
 * Returns the same object if the stored instant is not before `atMs`.
 */
export function markSeen(
  state: PlayerState,
  timeline: Timeline,
  atMs: number,
  emitEvent: EventSink,
): PlayerState {
  if (atMs <= state.lastSeenMs) return state;
  if (state.lanes[0].paused?.reason !== "AWAY") return { ...state, lastSeenMs: atMs };
  const run = openRun(state, timeline, rolledOutcomes(state.seed), emitEvent);
  run.lastSeenMs = atMs;
  run.settledAtMs = atMs;
  run.revision += 1;
  liftPause(run, atMs);
  emit(run, atMs, { type: "resumed" });
  attemptStart(run, atMs);
  return closeRun(run, state.seed);
}
