/** The operations of one key that wait, in their order, and what is known of each. */
import type { Priority } from "./batcher-stats.js";
import type { Epoch } from "./epochs.js";
import type { HeapMember } from "./lane-heap.js";
import { type LinkedList, type ListNode, remove } from "./linked-list.js";

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
  /** Who is sent first: the lowest. See waiting-line.ts. */
  rank: number;
  /** Counts entries; breaks ties between ranks. */
  readonly number: number;
  readonly submittedAtMs: number;
  /** How often it was left unprocessed. */
  attempts: number;
  readonly callers: Caller<Outcome>[];
  readonly lane: Lane<Op, Outcome>;
  /** Its place among those that may wait for their batch to fill; `null` when it may not, or not any more. */
  lingering: ListNode<Entry<Op, Outcome>> | null;
}

export interface Lane<Op, Outcome> extends HeapMember {
  readonly key: string | undefined;
  readonly entries: LinkedList<Entry<Op, Outcome>>;
  sizeBytes: number;
  /** Entries that do not linger. */
  eagerCount: number;
  /** `away`: some of its entries are under way. `resting`: they were left unprocessed and are sent again later. */
  state: "waiting" | "away" | "resting";
}

/** Takes the first entry out of a lane. */
export function takeFirst<Op, Outcome>(
  lane: Lane<Op, Outcome>,
  lingering: LinkedList<Entry<Op, Outcome>>,
): Entry<Op, Outcome> | undefined {
  const node = lane.entries.first;
  if (node === null) return undefined;
  const entry = node.value;
  hurry(entry, lingering);
  remove(lane.entries, node);
  lane.sizeBytes -= entry.sizeBytes;
  lane.eagerCount -= 1;
  return entry;
}

/** From now on the entry may not linger. */
export function hurry<Op, Outcome>(
  entry: Entry<Op, Outcome>,
  lingering: LinkedList<Entry<Op, Outcome>>,
): void {
  if (entry.lingering === null) return;
  remove(lingering, entry.lingering);
  entry.lingering = null;
  entry.lane.eagerCount += 1;
}

/** Gives an entry's rank to those before it that rank behind it. Each priority lends to an entry at most once. */
export function lendRank<Op, Outcome>({ value: { rank }, before }: ListNode<Entry<Op, Outcome>>): void {
  for (let node = before; node !== null && node.value.rank > rank; node = node.before) {
    node.value.rank = rank;
  }
}
