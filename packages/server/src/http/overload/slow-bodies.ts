/**
 * Requests whose body is slow to come. They wait for their client and for nothing of ours: if they counted for as long as that takes,
 * clients that send half a body could fill the limit, even without a token, and everybody else would be refused.
 */
import type { IncomingMessage } from "node:http";
import type { Timers } from "@mainspring/engine/ports";

/** A body that isn't there after so long is slow. Most come with their head, or one way through the network later. */
export const SLOW_BODY_MS = 500;

/** How often it is looked, while there are requests with a body. */
export const LOOK_FOR_SLOW_BODIES_MS = 250;

export interface SlowBodies {
  /** Runs something once the body is slow. As many are watched as are under way. @returns how to call it off */
  watch(request: IncomingMessage, run: () => void): () => void;
}

interface Watched {
  readonly request: IncomingMessage;
  readonly sinceMs: number;
  readonly run: () => void;
}

export function createSlowBodies(timers: Timers): SlowBodies {
  /** The oldest first. */
  const watched = new Set<Watched>();
  let isLooking = false;
  const look = (): void => {
    isLooking = false;
    const nowMs = timers.nowMs();
    for (const each of watched) {
      if (nowMs - each.sinceMs < SLOW_BODY_MS) break;
      watched.delete(each);
      if (!each.request.complete) each.run();
    }
    lookLater();
  };
  const lookLater = (): void => {
    if (isLooking || watched.size === 0) return;
    isLooking = true;
    timers.after(LOOK_FOR_SLOW_BODIES_MS, look);
  };
  return {
    watch(request, run) {
      const each = { request, sinceMs: timers.nowMs(), run };
      watched.add(each);
      lookLater();
      return () => void watched.delete(each);
    },
  };
}
