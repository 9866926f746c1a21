/** Settling without hogging the process: very long absences are settled in slices, and others run in between. */
import { nextBoundaryMs, type PlayerEvent, type PlayerState, settle, type Timeline } from "@mainspring/core";

/**
 * The state at an instant (player time); events go to `emit` in order. Returns the same object if nothing was due. Usually one slice of
 * a few milliseconds at most.
 */
export async function settleInSlices(
  state: PlayerState,
  timeline: Timeline,
  nowMs: number,
  emit: (event: PlayerEvent) => void,
): Promise<PlayerState> {
  let settled = settle(state, timeline, nowMs, { emit });
  if (settled === state) return state;
  while (settled.settledAtMs <= nowMs && nextBoundaryMs(settled, timeline) <= nowMs) {
    await new Promise(setImmediate);
    settled = settle(settled, timeline, nowMs, { emit });
  }
  return settled;
}
