/**
 * The keys and values of the two tables that commits write, for who measures LMDB itself with the same bytes, or reads
 * the tables with other tools.
 */
import type { JournalEntry, StoredRecord } from "../../ports.js";
import { createArena } from "./arena.js";
import { asciiKeys, type EventsKey, eventsKeys, eventsValue, recordValue } from "./layout.js";

const arena = createArena();

export const storeLayout = {
  /** The table `records`: `keyEncoder` is for lmdb's `openDB`, with `encoding: "binary"`. */
  records: {
    keyEncoder: asciiKeys,
    keyOf: ({ playerId }: StoredRecord): string => playerId,
    valueOf: (record: StoredRecord): Uint8Array => recordValue(record, arena),
  },
  /** The table `events`: one entry for all events of a commit, named by the last. */
  events: {
    keyEncoder: eventsKeys,
    keyOf: ({ playerId, incarnation }: StoredRecord, lastEvent: JournalEntry): EventsKey => [
      playerId,
      incarnation,
      lastEvent.number,
    ],
    valueOf: (events: readonly JournalEntry[]): Uint8Array => eventsValue(events, { arena, atMs: 0 }),
  },
} as const;
