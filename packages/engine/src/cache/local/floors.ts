/** The newest stamps that this process knows of, by key: nothing older is taken in, or shown. */
import { LRUCache } from "lru-cache";
import type { Stamp } from "../../ports.js";
import { isOlder, NO_STAMP } from "../stamp.js";

/** So many keys are remembered. One that is forgotten makes everything from before it doubtful. */
export const MAX_FLOORS = 100_000;

/**
 * What was known for longer may be forgotten: by then the second tier has it too, even one that took the place of another; and while it
 * is away, nothing of it is served. 5 s.
 */
export const FLOOR_KEEP_MS = 5_000;

interface Floor {
  readonly stamp: Stamp;
  readonly atMs: number;
}

export interface Floors {
  of(key: string): Stamp;
  /** `false`: something newer is known. */
  raise(key: string, stamp: Stamp, nowMs: number): boolean;
  /** The store itself says that there is nothing newer than this. */
  lower(key: string, stamp: Stamp, nowMs: number): void;
}

/** @param onForgotten called when a floor is forgotten that is still needed */
export function createFloors(onForgotten: () => void, maxFloors = MAX_FLOORS): Floors {
  // The one raised longest ago goes first. Of a plain map the first one is found only past all that went before it.
  const floors = new LRUCache<string, Floor>({ maxSize: Number.MAX_SAFE_INTEGER });
  const put = (key: string, floor: Floor): void => {
    floors.set(key, floor, { size: 1 });
    if (floors.size <= maxFloors) return;
    const oldest = floors.pop();
    if (oldest !== undefined && floor.atMs - oldest.atMs < FLOOR_KEEP_MS) onForgotten();
  };
  return {
    of: (key) => floors.peek(key)?.stamp ?? NO_STAMP,
    raise(key, stamp, nowMs) {
      const known = floors.peek(key);
      if (known !== undefined && isOlder(stamp, known.stamp)) return false;
      put(key, { stamp, atMs: nowMs });
      return true;
    },
    lower: (key, stamp, nowMs) => put(key, { stamp, atMs: nowMs }),
  };
}
