/**
 * A player's record as bytes: compact, and the same bytes for equal records.
 *
 * After the header come the sections below, in this order. Numbers are variable-length, ids are places in the catalog
 * that the record names, and instants are distances to `settledAtMs`.
 */
import { type PlayerState, SEED_BYTES, seedBytes } from "@mainspring/core";
import { ByteWriter } from "./byte-writer.js";
import { type CatalogSource, HASH_BYTES, indexOf } from "./catalog-index.js";
import { encodeEffects, encodeLane, encodeTasks } from "./encode-lane.js";
import { catalogNamed, type Encoding } from "./encoding.js";
import { HEADER_BYTES, sealHeader } from "./header.js";
import { CONTENT } from "./layout.js";
import { type Digest, DIGEST_BYTES, type PlayerRecord, type Tombstone } from "./player-record.js";
import { writeAmounts, writeId } from "./write-amounts.js";

type WriteSection = (encoding: Encoding) => void;

/** The sections after the header, in their order. */
export const SECTIONS: readonly (readonly [name: string, write: WriteSection])[] = [
  ["catalog", ({ writer, index }) => writer.raw(index.hash, HASH_BYTES)],
  ["clock and counters", encodeClock],
  ["seed", ({ writer, state }) => writer.raw(seedBytes(state.seed), SEED_BYTES)],
  ["items", ({ writer, state, index }) => writeAmounts(writer, state.items, index.items)],
  ["stash", ({ writer, state, index }) => writeAmounts(writer, state.stash, index.items)],
  ["xp", ({ writer, state, index }) => writeAmounts(writer, state.xp, index.skills)],
  ["equipped", encodeEquipped],
  ["effects", encodeEffects],
  ["lane", encodeLane],
  ["tasks", encodeTasks],
  ["lifetime totals", encodeTotals],
  ["own digests", ({ writer, record }) => encodeDigests(writer, record.state, record.ownDigests)],
  ["adjust digests", ({ writer, record }) => encodeDigests(writer, record.state, record.adjustDigests)],
];

/** One at a time: encoding never waits for anything. */
const scratch = new ByteWriter();

/**
 * A record's bytes.
 * @throws MainspringError `UPGRADE_REQUIRED` if a catalog is missing, `INTERNAL` for a state that only a bug could make.
 */
export function encodeRecord(record: PlayerRecord, catalogs: CatalogSource): Uint8Array {
  const encoding = openEncoding(record, catalogs);
  for (const [, write] of SECTIONS) write(encoding);
  return sealed(encoding.writer);
}

/** A tombstone's bytes. */
export function encodeTombstone({ erasedAtMs }: Tombstone): Uint8Array {
  scratch.restart(HEADER_BYTES);
  scratch.byte(CONTENT.tombstone);
  scratch.number(erasedAtMs);
  return sealed(scratch);
}

/** A writer with room for the header, and what the sections need. The next encoding takes the writer over. */
export function openEncoding(record: PlayerRecord, catalogs: CatalogSource): Encoding {
  const { state } = record;
  scratch.restart(HEADER_BYTES);
  scratch.byte(CONTENT.player);
  return { writer: scratch, record, state, index: indexOf(catalogNamed(catalogs, state.catalog)), catalogs };
}

function sealed(writer: ByteWriter): Uint8Array {
  const bytes = writer.written().slice();
  sealHeader(bytes);
  return bytes;
}

function encodeClock({ writer, state }: Encoding): void {
  const { settledAtMs } = state;
  writer.number(settledAtMs);
  writer.signed(state.lastSeenMs - settledAtMs);
  writer.signed(state.catalogAtMs - settledAtMs);
  writer.number(state.clockOffsetMs);
  writer.number(state.revision);
  writer.number(state.eventCount);
  writer.number(state.nextTask);
}

function encodeEquipped({ writer, state, index }: Encoding): void {
  writer.number(state.equipped.size);
  for (const [slot, item] of sortedById(state.equipped)) {
    writeId(writer, slot, index.slots);
    writeId(writer, item, index.items);
  }
}

function encodeTotals({ writer, state, index }: Encoding): void {
  writer.number(state.totals.size);
  for (const [kind, totals] of sortedById(state.totals)) {
    writeId(writer, kind, index.kinds);
    writer.number(totals.tasks);
    writer.number(totals.cycles);
    writer.number(totals.failures);
    writer.number(totals.timeMs);
    writeAmounts(writer, totals.rewards, index.items);
  }
}

/** Newest first, each as the distance to the one after it: those are small. */
function encodeDigests(writer: ByteWriter, state: PlayerState, digests: readonly Digest[]): void {
  writer.number(digests.length);
  let { revision, eventCount: eventNumber, settledAtMs: atMs } = state;
  for (let index = digests.length - 1; index >= 0; index -= 1) {
    const digest = digests[index];
    if (digest === undefined) return;
    writer.characters(digest.key, DIGEST_BYTES);
    writer.characters(digest.request, DIGEST_BYTES);
    writer.number(revision - digest.revision);
    writer.number(eventNumber - digest.eventNumber);
    writer.signed(atMs - digest.atMs);
    ({ revision, eventNumber, atMs } = digest);
  }
}

function sortedById<V>(map: ReadonlyMap<string, V>): Iterable<readonly [string, V]> {
  return map.size < 2 ? map : [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
