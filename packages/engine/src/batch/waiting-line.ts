/**
 * What waits in one group: a lane for each key, and the lanes that may be sent in the order of their ranks.
 *
 * An operation's rank is the instant at which it came plus `ageingMs` for each priority that it stands below the
 * highest. To age is to move towards the front at one pace, so the order by rank never changes while all wait: nothing
 * has to be looked at again as time goes by. A later operation of a key that ranks before earlier ones lends them its
 * rank, so that it pulls them along instead of overtaking them, and ranks never fall within a lane.
 *
 * A lane is ready while it has entries of which none is under way or rests before it is sent again.
 */
import type { GroupLimits } from "./batcher.js";
import type { Priority } from "./batcher-stats.js";
import { type Entry, hurry, type Lane, lendRank, takeFirst } from "./lane.js";
import { append, emptyList, type LinkedList, prepend } from "./linked-list.js";
import { createReadyLanes, type ReadyLanes } from "./ready-lanes.js";

export type Arrival<Op, Outcome> = Omit<Entry<Op, Outcome>, "lane" | "lingering" | "attempts"> & {
  readonly key: string | undefined;
  readonly lingers: boolean;
};

/** What makes two entries one. */
export interface Amendment<Op> {
  readonly value: Op;
  readonly sizeBytes: number;
  readonly priority: Priority;
  /** Of the later one. */
  readonly rank: number;
  readonly lingers: boolean;
}

export interface WaitingLine<Op, Outcome> {
  readonly name: string;
  readonly limits: GroupLimits;
  /** The last entry of a key, if it waits to be sent for the first time. */
  lastOf(key: string): Entry<Op, Outcome> | undefined;
  add(arrival: Arrival<Op, Outcome>): void;
  /** Changes the last entry of a lane. */
  amend(entry: Entry<Op, Outcome>, by: Amendment<Op>): void;
  /** The rank of what would be sent first; `null` when nothing is ready. */
  firstRank(): number | null;
  /** Whether a batch of what is ready is full, or has something that does not linger. */
  isPressing(): boolean;
  /** The next batch. */
  take(): readonly Entry<Op, Outcome>[];
  /** Ends a batch: some of its entries go back to the front of their lanes and rest, in their order, the others are gone. */
  settle(batch: readonly Entry<Op, Outcome>[], unprocessed: readonly Entry<Op, Outcome>[]): void;
  /** Entries that went back have rested enough. */
  wake(entries: readonly Entry<Op, Outcome>[]): void;
  /** When the first of those that linger came; `null` when none does. */
  lingeringSinceMs(): number | null;
  /** What lingers since then or longer may do so no more. */
  hasten(untilMs: number): void;
  /** Nothing waits, rests or is under way. */
  isEmpty(): boolean;
}

interface Parts<Op, Outcome> {
  readonly limits: GroupLimits;
  readonly lanes: Map<string, Lane<Op, Outcome>>;
  readonly ready: ReadyLanes<Op, Outcome>;
  /** In the order in which they came. */
  readonly lingering: LinkedList<Entry<Op, Outcome>>;
}

export function createWaitingLine<Op, Outcome>(name: string, limits: GroupLimits): WaitingLine<Op, Outcome> {
  const lanes = new Map<string, Lane<Op, Outcome>>();
  const ready = createReadyLanes<Op, Outcome>(limits);
  const lingering = emptyList<Entry<Op, Outcome>>();
  const parts = { limits, lanes, ready, lingering };
  let size = 0;
  return {
    name,
    limits,
    lastOf(key) {
      const last = lanes.get(key)?.entries.last?.value;
      return last?.attempts === 0 ? last : undefined;
    },
    add(arrival) {
      size += 1;
      addTo(parts, arrival);
    },
    amend(entry, by) {
      amendIn(parts, entry, by);
    },
    firstRank: () => ready.first()?.entries.first?.value.rank ?? null,
    isPressing: () => ready.isPressing(),
    take: () => takeFrom(parts),
    settle(batch, unprocessed) {
      size -= batch.length - unprocessed.length;
      for (const entry of [...unprocessed].reverse()) restore(entry);
      for (const { lane } of batch) if (lane.state === "away") comeBack(parts, lane);
    },
    wake(entries) {
      for (const { lane } of entries) if (lane.state === "resting") comeBack(parts, lane);
    },
    lingeringSinceMs: () => lingering.first?.value.submittedAtMs ?? null,
    hasten(untilMs) {
      for (let node = lingering.first; node !== null; node = lingering.first) {
        const entry = node.value;
        if (entry.submittedAtMs > untilMs) break;
        ready.change(entry.lane, () => hurry(entry, lingering));
      }
    },
    isEmpty: () => size === 0,
  };
}

function addTo<Op, Outcome>(
  { lanes, ready, lingering }: Parts<Op, Outcome>,
  { key, lingers, value, sizeBytes, priority, rank, number, submittedAtMs, callers }: Arrival<Op, Outcome>,
): void {
  let lane = key === undefined ? undefined : lanes.get(key);
  if (lane === undefined) {
    lane = emptyLane<Op, Outcome>(key);
    if (key !== undefined) lanes.set(key, lane);
  }
  const { entries } = lane;
  // Written out, since this is done for each operation, and a spread copy takes longer than all the rest.
  const entry: Entry<Op, Outcome> = {
    value,
    sizeBytes,
    priority,
    rank,
    number,
    submittedAtMs,
    attempts: 0,
    callers,
    lane,
    lingering: null,
  };
  ready.change(lane, () => {
    const node = append(entries, entry);
    entry.lane.sizeBytes += sizeBytes;
    if (lingers) entry.lingering = append(lingering, entry);
    else entry.lane.eagerCount += 1;
    lendRank(node);
  });
  if (lane.state === "waiting" && entries.size === 1) ready.enter(lane);
}

function amendIn<Op, Outcome>(
  { ready, lingering }: Parts<Op, Outcome>,
  entry: Entry<Op, Outcome>,
  { value, sizeBytes, priority, rank, lingers }: Amendment<Op>,
): void {
  const { lane } = entry;
  const node = lane.entries.last;
  if (node?.value !== entry) throw new Error("Only the last entry of a lane is amended.");
  ready.change(lane, () => {
    lane.sizeBytes += sizeBytes - entry.sizeBytes;
    entry.value = value;
    entry.sizeBytes = sizeBytes;
    entry.priority = priority;
    entry.rank = Math.min(entry.rank, rank);
    if (!lingers) hurry(entry, lingering);
    lendRank(node);
  });
}

function takeFrom<Op, Outcome>({
  limits,
  ready,
  lingering,
}: Parts<Op, Outcome>): readonly Entry<Op, Outcome>[] {
  const batch: Entry<Op, Outcome>[] = [];
  let sizeBytes = 0;
  const hasRoomFor = ({ entries: { first } }: Lane<Op, Outcome>): boolean =>
    first !== null &&
    batch.length < limits.maxOperations &&
    sizeBytes + first.value.sizeBytes <= limits.maxBytes;
  for (let lane = ready.first(); lane !== undefined && hasRoomFor(lane); lane = ready.first()) {
    ready.shift();
    lane.state = "away";
    for (
      let left = limits.repeatsKeys === true ? lane.entries.size : 1;
      left > 0 && hasRoomFor(lane);
      left -= 1
    ) {
      const entry = takeFirst(lane, lingering);
      if (entry === undefined) break;
      sizeBytes += entry.sizeBytes;
      batch.push(entry);
    }
  }
  return batch;
}

/** Puts an entry back to the front of its lane, which rests from then on. */
function restore<Op, Outcome>(entry: Entry<Op, Outcome>): void {
  const { lane } = entry;
  entry.rank = Math.min(entry.rank, lane.entries.first?.value.rank ?? Infinity);
  prepend(lane.entries, entry);
  lane.sizeBytes += entry.sizeBytes;
  lane.eagerCount += 1;
  lane.state = "resting";
}

/** Nothing of the lane is under way or rests any more. */
function comeBack<Op, Outcome>({ lanes, ready }: Parts<Op, Outcome>, lane: Lane<Op, Outcome>): void {
  lane.state = "waiting";
  if (lane.entries.size > 0) ready.enter(lane);
  else if (lane.key !== undefined) lanes.delete(lane.key);
}

function emptyLane<Op, Outcome>(key: string | undefined): Lane<Op, Outcome> {
  return { key, entries: emptyList(), sizeBytes: 0, eagerCount: 0, state: "waiting", heapIndex: -1 };
}
