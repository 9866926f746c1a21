/** A write in the form in which it is stored: nothing of it belongs to the caller any more. */
import { randomBytes } from "node:crypto";
import { MainspringError } from "@mainspring/core";
import type { Expected, JournalEntry, RecordWrite } from "../../ports.js";
import { assertPlayerId } from "../check-keys.js";
import { copyBytes } from "./copy-bytes.js";
import {
  type ChunkReference,
  encodeChunk,
  encodeReference,
  NONCE_BYTES,
  splitEvents,
} from "./event-chunks.js";
import { MAX_ITEM_BYTES } from "./item-size.js";
import { chunkName, type UnsavedChunk } from "./player-item.js";

/** A record holds so many events at most that the history doesn't have yet; with more in one commit they are written ahead of it. */
export const MAX_UNSAVED_EVENTS = 64;

/** And so many bytes of them. */
export const MAX_UNSAVED_BYTES = 8_192;

/** Events of one commit, all together: 4 MiB. */
const MAX_COMMIT_EVENT_BYTES = 4_194_304;

/** Keys and numbers of an item, with room to spare. */
const ITEM_REST_BYTES = 256;

export interface PreparedWrite {
  readonly playerId: string;
  readonly expected: Expected;
  readonly next: { readonly incarnation: number; readonly version: number };
  readonly bytes: Uint8Array;
  readonly nonce: Uint8Array;
  readonly chunk: UnsavedChunk | null;
  /** Parts of the events that have to be in the history before the commit, as bytes of chunks. */
  readonly ahead: readonly Uint8Array[] | null;
  readonly mark: Uint8Array | null;
  readonly atMs: number;
  /** All that it holds. */
  readonly sizeBytes: number;
}

/**
 * @throws MainspringError `INVALID_REQUEST` for an impossible player id, `INTERNAL` for a write that contradicts itself,
 * `RECORD_TOO_LARGE`
 */
export function prepareWrite({ expected, next, events, mark }: RecordWrite, atMs: number): PreparedWrite {
  const { playerId, incarnation, version, bytes } = next;
  assertPlayerId(playerId);
  assertCounts(incarnation, version);
  if (bytes.length + ITEM_REST_BYTES + MAX_UNSAVED_BYTES > MAX_ITEM_BYTES) {
    throw new MainspringError(
      "RECORD_TOO_LARGE",
      `A record of ${bytes.length} bytes doesn't fit into an item.`,
    );
  }
  const nonce = randomBytes(NONCE_BYTES);
  const eventBytes = events.reduce((sum, event) => sum + event.bytes.length, 0);
  return {
    sizeBytes: bytes.length + eventBytes + (mark?.length ?? 0),
    playerId,
    expected: expected && { incarnation: expected.incarnation, version: expected.version },
    next: { incarnation, version },
    bytes: copyBytes(bytes),
    nonce,
    ...chunkOf({ incarnation, events, atMs, nonce }),
    mark: mark === undefined ? null : copyBytes(mark),
    atMs,
  };
}

interface ChunkOptions {
  readonly incarnation: number;
  readonly events: readonly JournalEntry[];
  readonly atMs: number;
  readonly nonce: Uint8Array;
}

function chunkOf({ incarnation, events, atMs, nonce }: ChunkOptions): Pick<PreparedWrite, "chunk" | "ahead"> {
  const [first] = events;
  if (first === undefined) return { chunk: null, ahead: null };
  const eventCount = events.length;
  const common = {
    name: chunkName(incarnation, first.number),
    incarnation,
    firstNumber: first.number,
    eventCount,
  };
  const sizeBytes = events.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (sizeBytes > MAX_COMMIT_EVENT_BYTES || events.some(({ bytes }) => bytes.length > LARGEST_EVENT_BYTES)) {
    throw new MainspringError("RECORD_TOO_LARGE", `The events of a commit have ${sizeBytes} bytes.`);
  }
  if (eventCount <= MAX_UNSAVED_EVENTS && sizeBytes <= MAX_UNSAVED_BYTES) {
    const value = encodeChunk({ atMs, entries: events });
    if (value.length <= MAX_UNSAVED_BYTES) {
      const entries = events.map(({ number, bytes }) => ({ number, bytes: copyBytes(bytes) }));
      return { chunk: { ...common, value, content: { atMs, entries } }, ahead: null };
    }
  }
  const ahead = splitEvents(events).map((entries) => encodeChunk({ atMs, entries }));
  const reference: ChunkReference = {
    atMs,
    firstNumber: first.number,
    eventCount,
    partCount: ahead.length,
    nonce,
  };
  return { chunk: { ...common, value: encodeReference(reference), content: reference }, ahead };
}

const LARGEST_EVENT_BYTES = MAX_ITEM_BYTES - ITEM_REST_BYTES;

function assertCounts(incarnation: number, version: number): void {
  const isStorable =
    Number.isSafeInteger(incarnation) && incarnation >= 0 && Number.isSafeInteger(version) && version >= 1;
  if (isStorable) return;
  throw new MainspringError("INTERNAL", `No record has incarnation ${incarnation} and version ${version}.`);
}
