/** The lanes of a group that may be sent, in the order of their ranks, and whether they make up a batch. */
import type { GroupLimits } from "./batcher.js";
import type { Lane } from "./lane.js";
import { createLaneHeap } from "./lane-heap.js";

export interface ReadyLanes<Op, Outcome> {
  first(): Lane<Op, Outcome> | undefined;
  enter(lane: Lane<Op, Outcome>): void;
  /** Takes the first one out. */
  shift(): void;
  /** Every change to a lane happens in here, so that the counts stay right. It may move the lane up, but not down. */
  change(lane: Lane<Op, Outcome>, change: () => void): void;
  /** Whether they fill a batch, or have something that does not linger. */
  isPressing(): boolean;
}

export function createReadyLanes<Op, Outcome>({
  maxOperations,
  maxBytes,
  repeatsKeys = false,
}: GroupLimits): ReadyLanes<Op, Outcome> {
  const heap = createLaneHeap<Lane<Op, Outcome>>(isBefore);
  /** Of each lane all entries, or, where a batch has one of each, the first. */
  let entryCount = 0;
  let sizeBytes = 0;
  let eagerLanes = 0;
  const count = (lane: Lane<Op, Outcome>, sign: 1 | -1): void => {
    entryCount += sign * (repeatsKeys ? lane.entries.size : 1);
    sizeBytes += sign * (repeatsKeys ? lane.sizeBytes : (lane.entries.first?.value.sizeBytes ?? 0));
    if (lane.eagerCount > 0) eagerLanes += sign;
  };
  return {
    first: () => heap.first(),
    enter(lane) {
      count(lane, 1);
      heap.push(lane);
    },
    shift() {
      const lane = heap.shift();
      if (lane !== undefined) count(lane, -1);
    },
    change(lane, change) {
      const isIn = lane.heapIndex >= 0;
      if (isIn) count(lane, -1);
      change();
      if (!isIn) return;
      count(lane, 1);
      heap.raise(lane);
    },
    isPressing: () => eagerLanes > 0 || entryCount >= maxOperations || sizeBytes >= maxBytes,
  };
}

function isBefore<Op, Outcome>(one: Lane<Op, Outcome>, other: Lane<Op, Outcome>): boolean {
  const mine = one.entries.first?.value;
  const its = other.entries.first?.value;
  if (mine === undefined || its === undefined) throw new Error("A lane in the heap is empty.");
  return mine.rank < its.rank || (mine.rank === its.rank && mine.number < its.number);
}
