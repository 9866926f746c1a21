/** Settling in as many slices as it takes. */
import type { Timeline } from "../../src/catalog/timeline.js";
import type { PlayerEvent } from "../../src/player/events.js";
import type { PlayerState } from "../../src/player/state.js";
import type { Core } from "./core-api.js";
import { LawBroken } from "./law-broken.js";

/** So many slices in a row that change neither the instant nor the number of events: settling makes no headway. */
const MAX_IDLE_SLICES = 20;

export interface Settling {
  readonly state: PlayerState;
  readonly timeline: Timeline;
  readonly nowMs: number;
  readonly maxCost?: number;
}

export interface Settled {
  readonly state: PlayerState;
  readonly events: PlayerEvent[];
}

export function settleWhole(core: Core, { state, timeline, nowMs, maxCost }: Settling): Settled {
  const events: PlayerEvent[] = [];
  const options = {
    emit: (event: PlayerEvent) => void events.push(event),
    ...(maxCost === undefined ? {} : { maxCost }),
  };
  let now = core.settle(state, timeline, nowMs, options);
  for (let idle = 0; core.nextBoundaryMs(now, timeline) <= nowMs; ) {
    const next = core.settle(now, timeline, nowMs, options);
    idle = next.settledAtMs === now.settledAtMs && next.eventCount === now.eventCount ? idle + 1 : 0;
    if (idle > MAX_IDLE_SLICES) throw new LawBroken("settling makes no headway");
    now = next;
  }
  return { state: now, events };
}
