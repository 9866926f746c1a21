/**
 * Events as bytes: a chunk is a run of events of one commit with its instant. The same bytes lie in the record's item first
 * and in the history later, where chunks of several commits share an item, one after the other.
 */
import { MainspringError } from "@mainspring/core";
import type { JournalEntry } from "../../ports.js";
import { ByteReader } from "../../record/byte-reader.js";
import { ByteWriter } from "../../record/byte-writer.js";
import { copyBytes } from "./copy-bytes.js";

/** An item of the history holds so many events at most, so that a reader knows how far an event can lie. */
export const MAX_ITEM_EVENTS = 64;

/** And so many bytes, unless a single event has more. */
export const MAX_ITEM_BYTES = 65_536;

export const NONCE_BYTES = 8;

const EVENTS = 1;
const REFERENCE = 2;

/** More than any item has. */
const MAX_COUNT = 1_000_000;

export interface EventChunk {
  readonly atMs: number;
  readonly entries: readonly JournalEntry[];
}

/** Stands in a record for events that were written ahead of it: parts of the history under its commit's nonce. */
export interface ChunkReference {
  readonly atMs: number;
  readonly firstNumber: number;
  readonly eventCount: number;
  readonly partCount: number;
  readonly nonce: Uint8Array;
}

const writer = new ByteWriter();

export function encodeChunk({ atMs, entries }: EventChunk): Uint8Array {
  writer.restart(0);
  writer.byte(EVENTS);
  writer.number(atMs);
  writer.number(entries[0]?.number ?? 0);
  writer.number(entries.length);
  for (const { bytes } of entries) {
    writer.number(bytes.length);
    writer.raw(bytes, bytes.length);
  }
  return writer.written().slice();
}

export function encodeReference(reference: ChunkReference): Uint8Array {
  writer.restart(0);
  writer.byte(REFERENCE);
  writer.number(reference.atMs);
  writer.number(reference.firstNumber);
  writer.number(reference.eventCount);
  writer.number(reference.partCount);
  writer.raw(reference.nonce, NONCE_BYTES);
  return writer.written().slice();
}

/**
 * The chunks that lie one after the other in these bytes.
 *
 * @throws MainspringError `RECORD_CORRUPT`
 */
export function decodeChunks(bytes: Uint8Array): readonly EventChunk[] {
  const reader = new ByteReader(bytes, 0);
  const chunks: EventChunk[] = [];
  while (reader.at < bytes.length) {
    if (reader.byte() !== EVENTS) throw corruptEvents();
    const atMs = reader.number();
    const firstNumber = reader.number();
    const eventCount = reader.count(MAX_COUNT);
    const entries: JournalEntry[] = [];
    for (let index = 0; index < eventCount; index += 1) {
      entries.push({ number: firstNumber + index, bytes: copyBytes(reader.raw(reader.number())) });
    }
    chunks.push({ atMs, entries });
  }
  return chunks;
}

/** A reference, or `null` where the bytes are the events themselves. @throws MainspringError `RECORD_CORRUPT` */
export function decodeReference(bytes: Uint8Array): ChunkReference | null {
  const reader = new ByteReader(bytes, 0);
  if (reader.byte() !== REFERENCE) return null;
  const atMs = reader.number();
  const firstNumber = reader.number();
  const eventCount = reader.count(MAX_COUNT, 0);
  const partCount = reader.count(MAX_COUNT, 0);
  const nonce = reader.copy(NONCE_BYTES);
  reader.end();
  return { atMs, firstNumber, eventCount, partCount, nonce };
}

/** Cuts events into runs that fit an item of the history each. */
export function splitEvents(entries: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  const runs: JournalEntry[][] = [];
  let run: JournalEntry[] = [];
  let sizeBytes = 0;
  for (const entry of entries) {
    if (
      run.length >= MAX_ITEM_EVENTS ||
      (run.length > 0 && sizeBytes + entry.bytes.length > MAX_ITEM_BYTES)
    ) {
      runs.push(run);
      run = [];
      sizeBytes = 0;
    }
    run.push(entry);
    sizeBytes += entry.bytes.length;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function corruptEvents(): MainspringError {
  return new MainspringError("RECORD_CORRUPT", "Stored events are damaged.");
}
