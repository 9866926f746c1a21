/**
 * What waits in one group: a lane for each key, and the lanes that may be sent in the order of their ranks.
 *
 * An operation's rank is the instant at which it came plus `ageingMs` for each priority that it stands below the
 * highest. To age is to move towards the front at one pace, so the order by rank never changes while all wait: nothing
 * has to be looked at again as time goes by. A later operation of a key that ranks before earlier ones lends them its
 * rank, so that it pulls them along instead of overtaking them, and ranks never fall within a lane.
 *
 * A lane is *ready*, and in the heap, while none of its operations is under way or rests before it is sent again.
 */
import type { GroupLimits } from "./batcher.js";
import type { Priority } from "./batcher-stats.js";
import type { Epoch } from "./epochs.js";
import { createLaneHeap, type HeapMember } from "./lane-heap.js";
import { append, emptyList, type LinkedList, type ListNode, prepend, remove } from "./linked-list.js";

/** Whoever waits for an operation's answer. */
export interface Caller<Outcome> {
  readonly epoch: Epoch;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** An operation, or several that were made one. */
export interface Entry<Op, Outcome> {
  value: Op;
  sizeBytes: number;
  priority: Priority;
  rank: number;
  /** Breaks ties between ranks. */
  readonly number: number;
  readonly submittedAtMs: number;
  /** How often it was left unprocessed. */
  attempts: number;
  readonly callers: Caller<Outcome>[];
  readonly key: string | undefined;
  /** Its place among those that may wait for their batch to fill; `null` when it may not, or not any more. */
  lingering: ListNode<Entry<Op, Outcome>> | null;
  lane: Lane<Op, Outcome> | null;
}

interface Lane<Op, Outcome> extends HeapMember {
  readonly key: string | undefined;
  readonly entries: LinkedList<Entry<Op, Outcome>>;
  sizeBytes: number;
  /** Entries that do not linger. */
  eagerCount: number;
  /** Under way, or resting. */
  isAway: boolean;
  isResting: boolean;
}

export interface WaitingLine<Op, Outcome> {
  readonly name: string;
  readonly limits: GroupLimits;
  /** The last entry of a key, if it waits to be sent for the first time. */
  lastOf(key: string): Entry<Op, Outcome> | undefined;
  add(entry: Entry<Op, Outcome>, options: { readonly lingers: boolean }): void;
  /** Changes what an entry that waits carries, and gives it at least this rank and haste. */
  amend(entry: Entry<Op, Outcome>, by: Amendment<Op>): void;
  /** The rank of what would be sent first; `null` when nothing is ready. */
  firstRank(): number | null;
  /** Whether a batch of what is ready is full, or has something that does not linger. */
  isPressing(): boolean;
  /** The next batch. Its lanes are away until they are put back. */
  take(): readonly Entry<Op, Outcome>[];
  /** Puts entries of a batch back to the front of their lanes, which rest. In the order in which they were taken. */
  restore(entries: readonly Entry<Op, Outcome>[]): void;
  /** The lanes of a batch that do not rest are no longer away. */
  release(batch: readonly Entry<Op, Outcome>[]): void;
  /** The lanes of entries that were put back have rested enough. */
  wake(entries: readonly Entry<Op, Outcome>[]): void;
  /** When the first of those that linger came; `null` when none does. */
  lingeringSinceMs(): number | null;
  /** What lingers since then or longer may do so no more. */
  hasten(untilMs: number): void;
  /** Entries that wait, rest or are under way. */
  size(): number;
  /** Entries were answered. */
  leave(count: number): void;
}

interface Amendment<Op> {
  readonly value: Op;
  readonly sizeBytes: number;
  readonly priority: Priority;
  readonly rank: number;
  readonly lingers: boolean;
}

export function createWaitingLine<Op, Outcome>(name: string, limits: GroupLimits): WaitingLine<Op, Outcome> {
  type LineEntry = Entry<Op, Outcome>;
  type LineLane = Lane<Op, Outcome>;
  const repeatsKeys = limits.repeatsKeys ?? false;
  const lanes = new Map<string, LineLane>();
  const heap = createLaneHeap<LineLane>(isBefore);
  const lingering = emptyList<LineEntry>();
  /** Of what could be in the next batches: of each ready lane all entries, or the first alone. */
  const ready = { entryCount: 0, sizeBytes: 0, eagerLanes: 0 };
  let size = 0;

  /** Counts a ready lane in (1) or out (-1): out before it is changed, in afterwards. */
  const count = (lane: LineLane, sign: 1 | -1): void => {
    ready.entryCount += sign * (repeatsKeys ? lane.entries.size : 1);
    ready.sizeBytes += sign * (repeatsKeys ? lane.sizeBytes : (lane.entries.first?.value.sizeBytes ?? 0));
    if (lane.eagerCount > 0) ready.eagerLanes += sign;
  };
  const isReady = (lane: LineLane): boolean => lane.heapIndex >= 0;
  const laneOf = (key: string | undefined): LineLane => {
    const known = key === undefined ? undefined : lanes.get(key);
    if (known !== undefined) return known;
    const lane: LineLane = {
      key,
      entries: emptyList(),
      sizeBytes: 0,
      eagerCount: 0,
      isAway: false,
      isResting: false,
      heapIndex: -1,
    };
    if (key !== undefined) lanes.set(key, lane);
    return lane;
  };
  const hurry = (entry: LineEntry): void => {
    if (entry.lingering === null) return;
    remove(lingering, entry.lingering);
    entry.lingering = null;
    if (entry.lane !== null) entry.lane.eagerCount += 1;
  };
  const takeFirst = (lane: LineLane): LineEntry | undefined => {
    const node = lane.entries.first;
    if (node === null) return undefined;
    const entry = node.value;
    remove(lane.entries, node);
    lane.sizeBytes -= entry.sizeBytes;
    if (entry.lingering === null) lane.eagerCount -= 1;
    else remove(lingering, entry.lingering);
    entry.lingering = null;
    return entry;
  };
  return {
    name,
    limits,
    lastOf(key) {
      const last = lanes.get(key)?.entries.last?.value;
      return last?.attempts === 0 ? last : undefined;
    },
    add(entry, { lingers }) {
      const lane = laneOf(entry.key);
      if (isReady(lane)) count(lane, -1);
      entry.lane = lane;
      const node = append(lane.entries, entry);
      lane.sizeBytes += entry.sizeBytes;
      if (lingers) entry.lingering = append(lingering, entry);
      else lane.eagerCount += 1;
      lendRank(node);
      size += 1;
      settleInHeap(lane);
    },
    amend(entry, { value, sizeBytes, priority, rank, lingers }) {
      const { lane } = entry;
      const node = lane?.entries.last;
      if (lane === null || node?.value !== entry) throw new Error("Only the last of a lane is amended.");
      if (isReady(lane)) count(lane, -1);
      lane.sizeBytes += sizeBytes - entry.sizeBytes;
      entry.value = value;
      entry.sizeBytes = sizeBytes;
      entry.priority = priority;
      entry.rank = Math.min(entry.rank, rank);
      if (!lingers) hurry(entry);
      lendRank(node);
      settleInHeap(lane);
    },
    firstRank: () => heap.first()?.entries.first?.value.rank ?? null,
    isPressing: () =>
      ready.eagerLanes > 0 || ready.entryCount >= limits.maxOperations || ready.sizeBytes >= limits.maxBytes,
    take() {
      const taken: LineEntry[] = [];
      let room = limits.maxBytes;
      for (let lane = heap.first(); lane !== undefined; lane = heap.first()) {
        const fits = (): boolean =>
          taken.length < limits.maxOperations && (lane?.entries.first?.value.sizeBytes ?? Infinity) <= room;
        if (!fits()) break;
        count(lane, -1);
        heap.shift();
        lane.isAway = true;
        do {
          const entry = takeFirst(lane);
          if (entry === undefined) break;
          room -= entry.sizeBytes;
          taken.push(entry);
        } while (repeatsKeys && fits());
      }
      return taken;
    },
    restore(entries) {
      for (let index = entries.length - 1; index >= 0; index -= 1) {
        const entry = entries[index];
        if (entry === undefined || entry.lane === null) continue;
        const { lane } = entry;
        const follower = lane.entries.first?.value;
        if (follower !== undefined) entry.rank = Math.min(entry.rank, follower.rank);
        prepend(lane.entries, entry);
        lane.sizeBytes += entry.sizeBytes;
        lane.eagerCount += 1;
        lane.isResting = true;
      }
    },
    release,
    wake(entries) {
      for (const { lane } of entries) if (lane !== null) lane.isResting = false;
      release(entries);
    },
    lingeringSinceMs: () => lingering.first?.value.submittedAtMs ?? null,
    hasten(untilMs) {
      for (
        let node = lingering.first;
        node !== null && node.value.submittedAtMs <= untilMs;
        node = lingering.first
      ) {
        const { lane } = node.value;
        if (lane !== null && isReady(lane)) count(lane, -1);
        hurry(node.value);
        if (lane !== null && isReady(lane)) count(lane, 1);
      }
    },
    size: () => size,
    leave(leaving) {
      size -= leaving;
    },
  };

  function release(entries: readonly LineEntry[]): void {
    for (const { lane } of entries) {
      // The lane of several entries comes up several times.
      if (lane === null || !lane.isAway || lane.isResting) continue;
      lane.isAway = false;
      if (lane.entries.size > 0) settleInHeap(lane);
      else if (lane.key !== undefined) lanes.delete(lane.key);
    }
  }

  /** Counts a lane in that has just changed, unless it is away, and puts it where it belongs. */
  function settleInHeap(lane: LineLane): void {
    if (lane.isAway) return;
    count(lane, 1);
    if (isReady(lane)) heap.raise(lane);
    else heap.push(lane);
  }
}

function isBefore<Op, Outcome>(one: Lane<Op, Outcome>, other: Lane<Op, Outcome>): boolean {
  const mine = one.entries.first?.value;
  const its = other.entries.first?.value;
  if (mine === undefined || its === undefined) throw new Error("A lane in the heap is empty.");
  return mine.rank < its.rank || (mine.rank === its.rank && mine.number < its.number);
}

/** Gives the rank of the last entry to those before it that rank behind it. Each is lent to at most once by each priority. */
function lendRank<Op, Outcome>(last: ListNode<Entry<Op, Outcome>>): void {
  const { rank } = last.value;
  for (let node = last.before; node !== null && node.value.rank > rank; node = node.before)
    node.value.rank = rank;
}
