/**
 * How the store's tables lay out their keys and values. Player ids hold no zero byte, so a zero ends them in a key, and
 * what belongs to one player lies together, in order.
 *
 * | table | key | value |
 * | --- | --- | --- |
 * | `records` | id | incarnation, version, the record's bytes |
 * | `events` | id, 0, incarnation, number of the *last* event of a commit | count, the instant, then each event's size and bytes |
 * | `marks` | id, 0, incarnation, 0 | version, the mark's bytes |
 * | `snapshots` | id, 0, incarnation, version | count of events, instant, the record's bytes |
 * | `catalogs` | hash | the document |
 * | `timeline` | `entries` | the whole timeline as JSON |
 * | `quarantine` | instant, id, 0, incarnation, version | size of the reason, the reason, the record's bytes |
 * | `quarantined` | id, incarnation, version as text | the instant |
 * | `meta` | `format`, `owner` | see environment.ts and folder-lock.ts |
 *
 * The events of one commit share an entry: a long absence settles in few puts, and naming the entry by its last event
 * lets a reader find the one that holds event n by looking for the first key at or after n. The highest bit of the count says
 * that the instant follows, by which the entry expires; without it, it never does.
 */
import { MainspringError } from "@mainspring/core";
import type { JournalEntry, Mark, QuarantinedRecord, Snapshot, StoredRecord } from "../../ports.js";
import type { Arena } from "./arena.js";

/** Incarnation and version, eight bytes each. */
const HEAD_BYTES = 16;

/** Which record it is: all that a conditional write looks at. */
export interface Head {
  readonly incarnation: number;
  readonly version: number;
}

/** Player, incarnation, and the number of an event or the version of a record. */
export type EventsKey = [string, number, number];

/** Instant, player, incarnation, version. */
export type QuarantineKey = [number, string, number, number];

export function recordValue(record: StoredRecord, arena: Arena): Uint8Array {
  const value = arena.take(HEAD_BYTES + record.bytes.length);
  value.writeDoubleBE(record.incarnation, 0);
  value.writeDoubleBE(record.version, 8);
  value.set(record.bytes, HEAD_BYTES);
  return value;
}

export function headOf(value: Uint8Array): Head {
  const view = new DataView(value.buffer, value.byteOffset, HEAD_BYTES);
  return { incarnation: view.getFloat64(0), version: view.getFloat64(8) };
}

/** The record shares the value's memory. */
export function recordOf(playerId: string, value: Uint8Array): StoredRecord {
  return { playerId, ...headOf(value), bytes: value.subarray(HEAD_BYTES) };
}

/** Set in the count of an entry of `events` that says when it was made. */
const HAS_INSTANT = 0x8000_0000;

/** @throws MainspringError `INTERNAL` when the numbers have a gap: only a bug does that */
export function eventsValue(
  events: readonly JournalEntry[],
  { arena, atMs }: { readonly arena: Arena; readonly atMs: number },
): Uint8Array {
  let sizeBytes = 12;
  for (const event of events) sizeBytes += 4 + event.bytes.length;
  const value = arena.take(sizeBytes);
  let at = value.writeUInt32BE(HAS_INSTANT + events.length, 0);
  at = value.writeDoubleBE(atMs, at);
  let previous: JournalEntry | undefined;
  for (const event of events) {
    if (previous !== undefined && event.number !== previous.number + 1) {
      throw new MainspringError(
        "INTERNAL",
        `Event ${event.number} follows ${previous.number}: numbers have no gaps.`,
      );
    }
    previous = event;
    at = value.writeUInt32BE(event.bytes.length, at);
    value.set(event.bytes, at);
    at += event.bytes.length;
  }
  return value;
}

export interface StoredEvents {
  /** They share the value's memory. */
  readonly entries: JournalEntry[];
  /** When they were written, if that is known. */
  readonly atMs: number | null;
}

export function eventsOf(value: Uint8Array, lastNumber: number): StoredEvents {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const head = view.getUint32(0);
  const count = head % HAS_INSTANT;
  const hasInstant = head >= HAS_INSTANT;
  const entries: JournalEntry[] = [];
  let at = hasInstant ? 12 : 4;
  for (let index = 0; index < count; index += 1) {
    const start = at + 4;
    at = start + view.getUint32(at);
    entries.push({ number: lastNumber - count + 1 + index, bytes: value.subarray(start, at) });
  }
  return { entries, atMs: hasInstant ? view.getFloat64(4) : null };
}

export function markValue({ version, bytes }: Mark, arena: Arena): Uint8Array {
  const value = arena.take(8 + bytes.length);
  value.writeDoubleBE(version, 0);
  value.set(bytes, 8);
  return value;
}

/** The mark shares the value's memory. */
export function markOf(value: Uint8Array): Mark {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { version: view.getFloat64(0), bytes: value.subarray(8) };
}

export function snapshotValue({ record, eventCount, atMs }: Snapshot, arena: Arena): Uint8Array {
  const value = arena.take(HEAD_BYTES + record.bytes.length);
  value.writeDoubleBE(eventCount, 0);
  value.writeDoubleBE(atMs, 8);
  value.set(record.bytes, HEAD_BYTES);
  return value;
}

/** The record shares the value's memory. */
export function snapshotOf([playerId, incarnation, version]: EventsKey, value: Uint8Array): Snapshot {
  const view = new DataView(value.buffer, value.byteOffset, HEAD_BYTES);
  const record = { playerId, incarnation, version, bytes: value.subarray(HEAD_BYTES) };
  return { record, eventCount: view.getFloat64(0), atMs: view.getFloat64(8) };
}

export function quarantineValue(record: StoredRecord, reason: string, arena: Arena): Uint8Array {
  const reasonBytes = Buffer.from(reason, "utf8");
  const value = arena.take(4 + reasonBytes.length + record.bytes.length);
  value.writeUInt32BE(reasonBytes.length, 0);
  value.set(reasonBytes, 4);
  value.set(record.bytes, 4 + reasonBytes.length);
  return value;
}

export function quarantinedOf(key: QuarantineKey, value: Uint8Array): QuarantinedRecord {
  const [atMs, playerId, incarnation, version] = key;
  const end = 4 + new DataView(value.buffer, value.byteOffset, 4).getUint32(0);
  const reason = Buffer.from(value.subarray(4, end)).toString("utf8");
  return { record: { playerId, incarnation, version, bytes: value.subarray(end) }, reason, atMs };
}

export function textOf(value: Uint8Array): string {
  // lmdb's buffer for the next read says its length itself, which a copy would not believe.
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8");
}

/** Encoders as lmdb wants them: write a key into `target` from `start`, and say where it ended. */

export const asciiKeys = {
  writeKey: writeAscii,
  readKey: readAscii,
};

export const eventsKeys = {
  writeKey([playerId, incarnation, number]: EventsKey, target: Uint8Array, start: number): number {
    let at = writeAscii(playerId, target, start);
    target[at] = 0;
    at = writeInteger(incarnation, target, at + 1);
    return writeInteger(number, target, at);
  },
  readKey(source: Uint8Array, start: number, end: number): EventsKey {
    return [readAscii(source, start, end - 17), readInteger(source, end - 16), readInteger(source, end - 8)];
  },
};

export const quarantineKeys = {
  writeKey([atMs, ...rest]: QuarantineKey, target: Uint8Array, start: number): number {
    return eventsKeys.writeKey(rest, target, writeInteger(atMs, target, start));
  },
  readKey(source: Uint8Array, start: number, end: number): QuarantineKey {
    return [readInteger(source, start), ...eventsKeys.readKey(source, start + 8, end)];
  },
};

function writeAscii(text: string, target: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index += 1) target[start + index] = text.charCodeAt(index);
  return start + text.length;
}

function readAscii(source: Uint8Array, start: number, end: number): string {
  return Buffer.from(source.buffer, source.byteOffset + start, end - start).toString("latin1");
}

/** Eight bytes, most significant first, so that bytes and numbers have one order. */
function writeInteger(value: number, target: Uint8Array, start: number): number {
  let high = Math.floor(value / 0x1_0000_0000);
  let low = value % 0x1_0000_0000;
  for (let index = 3; index >= 0; index -= 1) {
    target[start + index] = high & 0xff;
    target[start + 4 + index] = low & 0xff;
    high = Math.floor(high / 256);
    low = Math.floor(low / 256);
  }
  return start + 8;
}

function readInteger(source: Uint8Array, start: number): number {
  const view = new DataView(source.buffer, source.byteOffset + start, 8);
  return view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4);
}
