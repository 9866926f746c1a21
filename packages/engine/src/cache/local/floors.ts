/** The newest stamps that this process knows of, by key: nothing older is taken in, or shown. */
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
  // The one raised longest ago comes first.
  const floors = new Map<string, Floor>();
  const put = (key: string, floor: Floor): void => {
    floors.delete(key);
    floors.set(key, floor);
    if (floors.size <= maxFloors) return;
    for (const [oldest, { atMs }] of floors) {
      floors.delete(oldest);
      if (floor.atMs - atMs < FLOOR_KEEP_MS) onForgotten();
      break;
    }
  };
  return {
    of: (key) => floors.get(key)?.stamp ?? NO_STAMP,
    raise(key, stamp, nowMs) {
      const known = floors.get(key);
      if (known !== undefined && isOlder(stamp, known.stamp)) return false;
      put(key, { stamp, atMs: nowMs });
      return true;
    },
    lower: (key, stamp, nowMs) => put(key, { stamp, atMs: nowMs }),
  };
}
