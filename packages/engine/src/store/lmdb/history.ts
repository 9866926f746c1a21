/** What lies behind a player's record: the journal's events and marks, and snapshots; and how the oldest of it is cleared away. */
import {
  type JournalEntry,
  type JournalQuery,
  MAX_SNAPSHOTS,
  type Snapshot,
  type Store,
} from "../../ports.js";
import type { Batch } from "./group-commit.js";
import { assertPlayerId } from "../check-keys.js";
import {
  type EventsKey,
  eventsOf,
  eventsValue,
  markOf,
  markValue,
  snapshotOf,
  snapshotValue,
} from "./layout.js";
import type { Parts } from "./parts.js";

/** With a snapshot, so many of the player's expired entries are cleared away at most: more than come between two snapshots. */
const MAX_CLEARED = 4_096;

export interface HistoryParts extends Omit<Parts, "counters"> {
  readonly journalRetentionMs: number;
}

type History = Pick<
  Store,
  "readEvents" | "readMark" | "putSnapshots" | "readSnapshots" | "importEvents" | "importMark"
>;

export function createHistory(parts: HistoryParts): History {
  const { tables, arena, commits, read, clock } = parts;
  return {
    async readEvents(query) {
      assertPlayerId(query.playerId);
      return read(() => readEvents(parts, query));
    },
    async readMark({ playerId, incarnation }) {
      assertPlayerId(playerId);
      const value = read(() => tables.marks.getBinary([playerId, incarnation, 0]));
      return value === undefined ? null : markOf(value);
    },
    async putSnapshots(snapshots) {
      for (const { record } of snapshots) assertPlayerId(record.playerId);
      const values = snapshots.map((snapshot) => ({ snapshot, value: snapshotValue(snapshot, arena) }));
      await commits.submit({
        writeCount: snapshots.length,
        sizeBytes: values.reduce((sum, { value }) => sum + value.length, 0),
        decide(batch) {
          for (const { snapshot, value } of values) putSnapshot(parts, batch, { snapshot, value });
        },
      });
    },
    async readSnapshots({ playerId, limit }) {
      assertPlayerId(playerId);
      const found = read(() => snapshotsOf(parts, playerId));
      return found
        .filter(({ atMs }) => !isExpired(parts, atMs))
        .reverse()
        .slice(0, Math.max(0, limit));
    },
    async importMark({ playerId, incarnation }, mark) {
      assertPlayerId(playerId);
      const value = markValue(mark, arena);
      await commits.submit({
        writeCount: 1,
        sizeBytes: value.length,
        decide: (batch) => batch.append(tables.marks, [playerId, incarnation, 0], value),
      });
    },
    async importEvents({ playerId, incarnation }, entries) {
      assertPlayerId(playerId);
      await commits.submit({
        writeCount: 1,
        sizeBytes: entries.reduce((sum, { bytes }) => sum + bytes.length, 0),
        decide(batch) {
          const known = lastNumber(parts, { playerId, incarnation });
          const events = entries.filter(({ number }) => number > known);
          const last = events.at(-1);
          if (last === undefined) return;
          const value = eventsValue(events, { arena, atMs: clock.nowMs() });
          batch.append(tables.events, [playerId, incarnation, last.number], value);
        },
      });
    },
  };
}

/** Of one incarnation, or of all. */
function rangeOf(
  playerId: string,
  incarnation?: number,
): { start: EventsKey; end: EventsKey; inclusiveEnd: true } {
  return {
    start: [playerId, incarnation ?? 0, 0],
    end: [playerId, incarnation ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    inclusiveEnd: true,
  };
}

function isExpired(
  { clock, journalRetentionMs }: Pick<HistoryParts, "clock" | "journalRetentionMs">,
  atMs: number | null,
): boolean {
  return atMs !== null && atMs + journalRetentionMs <= clock.nowMs();
}

function readEvents(parts: HistoryParts, query: JournalQuery): readonly JournalEntry[] {
  const { playerId, incarnation, afterNumber, limit } = query;
  const found: JournalEntry[] = [];
  if (limit <= 0) return found;
  const range = {
    ...rangeOf(playerId, incarnation),
    start: [playerId, incarnation, afterNumber + 1] as EventsKey,
  };
  for (const { key, value } of parts.tables.events.getRange(range)) {
    const { entries, atMs } = eventsOf(value, key[2]);
    if (isExpired(parts, atMs)) continue;
    for (const entry of entries) {
      if (entry.number > afterNumber) found.push(entry);
      if (found.length === limit) return found;
    }
  }
  return found;
}

function lastNumber(
  { tables }: HistoryParts,
  { playerId, incarnation }: { readonly playerId: string; readonly incarnation: number },
): number {
  const { start, end } = rangeOf(playerId, incarnation);
  for (const key of tables.events.getKeys({ start: end, end: start, reverse: true, limit: 1 })) return key[2];
  return 0;
}

/** Oldest first. */
function snapshotsOf({ tables }: HistoryParts, playerId: string, incarnation?: number): Snapshot[] {
  const found: Snapshot[] = [];
  for (const { key, value } of tables.snapshots.getRange(rangeOf(playerId, incarnation))) {
    found.push(snapshotOf(key, value));
  }
  return found;
}

function putSnapshot(
  parts: HistoryParts,
  batch: Batch,
  { snapshot, value }: { readonly snapshot: Snapshot; readonly value: Uint8Array },
): void {
  const { tables } = parts;
  const { playerId, incarnation, version } = snapshot.record;
  batch.append(tables.snapshots, [playerId, incarnation, version], value);
  const others = snapshotsOf(parts, playerId, incarnation).filter(({ record }) => record.version !== version);
  const all = [...others, snapshot].sort(({ record: a }, { record: b }) => a.version - b.version);
  const surplus = all.slice(0, Math.max(0, all.length - MAX_SNAPSHOTS));
  for (const { record } of surplus) batch.remove(tables.snapshots, [playerId, incarnation, record.version]);
  const [oldest] = all.slice(surplus.length);
  if (oldest !== undefined) clearExpired(parts, batch, oldest);
}

/** Nothing that is needed to restore from the oldest snapshot that is kept. */
function clearExpired(parts: HistoryParts, batch: Batch, { record, eventCount }: Snapshot): void {
  const { playerId, incarnation } = record;
  const end: EventsKey = [playerId, incarnation, eventCount];
  const range = { ...rangeOf(playerId, incarnation), end, limit: MAX_CLEARED };
  for (const { key, value } of parts.tables.events.getRange(range)) {
    if (!isExpired(parts, eventsOf(value, key[2]).atMs)) return;
    batch.remove(parts.tables.events, key);
  }
}
