/** A player's record from bytes, or a clear error: whatever the bytes, nothing else is thrown and nothing is guessed. */
import {
  type AmountMap,
  createSeed,
  type KindTotals,
  MainspringError,
  type PlayerState,
  SEED_BYTES,
} from "@mainspring/core";
import { ByteReader } from "./byte-reader.js";
import { type CatalogIndex, type CatalogSource, indexOf } from "./catalog-index.js";
import { checkInvariants } from "./check-invariants.js";
import { decodeEffects, decodeLane, decodeTasks } from "./decode-lane.js";
import { type Decoding, readHash } from "./decoding.js";
import { catalogNamed } from "./encoding.js";
import { checkHeader, HEADER_BYTES } from "./header.js";
import { CONTENT } from "./layout.js";
import {
  type Digest,
  DIGEST_BYTES,
  MAX_ADJUST_DIGESTS,
  MAX_OWN_DIGESTS,
  type PlayerRecord,
  type Tombstone,
} from "./player-record.js";
import { readAmounts, readId } from "./read-amounts.js";
import { corrupt } from "./record-errors.js";

/** Of the slots that a player has something in, and of the kinds that there are totals of: no catalog has as many. */
const MAX_LISTED = 10_000;

/** The least that one of them takes. */
const EQUIPPED_BYTES = 2;
const KIND_BYTES = 6;

const DIGEST_ENTRY_BYTES = 2 * DIGEST_BYTES + 3;

/**
 * The record that these bytes are of. Nothing in it refers to the bytes: their owner may use them again.
 *
 * @throws MainspringError `UPGRADE_REQUIRED` for a newer format, newer rules, or a catalog that isn't there (yet): the
 * record is fine. `RECORD_CORRUPT` if it is not, with `details.reason`, which tells nothing of the player. `PLAYER_ERASED` for a tombstone.
 */
export function decodeRecord(bytes: Uint8Array, catalogs: CatalogSource): PlayerRecord {
  const reader = openContent(bytes);
  const content = reader.byte();
  if (content === CONTENT.tombstone) {
    const { erasedAtMs } = decodeTombstone(reader);
    throw new MainspringError("PLAYER_ERASED", "The player was erased.", { erasedAtMs });
  }
  if (content !== CONTENT.player) throw corrupt("no such content");
  const record = decodePlayer(reader, catalogs);
  reader.end();
  const broken = checkInvariants(record, catalogs);
  if (broken !== null) throw corrupt(broken);
  return record;
}

/**
 * The tombstone that these bytes are of; `null` for a player's record.
 * @throws MainspringError `UPGRADE_REQUIRED`, `RECORD_CORRUPT`
 */
export function readTombstone(bytes: Uint8Array): Tombstone | null {
  const reader = openContent(bytes);
  return reader.byte() === CONTENT.tombstone ? decodeTombstone(reader) : null;
}

function openContent(bytes: Uint8Array): ByteReader {
  checkHeader(bytes);
  // A Buffer's slice() would not copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return new ByteReader(plain, HEADER_BYTES);
}

function decodeTombstone(reader: ByteReader): Tombstone {
  const erasedAtMs = reader.number();
  reader.end();
  return { erasedAtMs };
}

function decodePlayer(reader: ByteReader, catalogs: CatalogSource): PlayerRecord {
  const catalog = catalogNamed(catalogs, readHash(reader));
  const index = indexOf(catalog);
  const settledAtMs = reader.number();
  const lastSeenMs = settledAtMs + reader.signed();
  const catalogAtMs = settledAtMs + reader.signed();
  const clockOffsetMs = reader.number();
  const revision = reader.number();
  const eventCount = reader.number();
  const nextTask = reader.number();
  const decoding: Decoding = { reader, catalogs, catalog: catalog.hash, index, settledAtMs, nextTask };
  const seed = createSeed(reader.raw(SEED_BYTES));
  const items = readAmounts(reader, index.items);
  const stash = readAmounts(reader, index.items);
  const xp = readAmounts(reader, index.skills);
  const equipped = decodeEquipped(reader, index);
  const effects = decodeEffects(decoding);
  const lane = decodeLane(decoding);
  const tasks = decodeTasks(decoding);
  const totals = decodeTotals(reader, index);
  const state: PlayerState = {
    catalog: catalog.hash,
    catalogAtMs,
    clockOffsetMs,
    settledAtMs,
    lastSeenMs,
    revision,
    eventCount,
    nextTask,
    items,
    stash,
    xp,
    equipped,
    effects,
    lanes: [{ tasks, ...lane }],
    totals,
    seed,
  };
  const ownDigests = decodeDigests(reader, state, MAX_OWN_DIGESTS);
  const adjustDigests = decodeDigests(reader, state, MAX_ADJUST_DIGESTS);
  return { state, ownDigests, adjustDigests };
}

function decodeEquipped(reader: ByteReader, index: CatalogIndex): ReadonlyMap<string, string> {
  const count = reader.count(MAX_LISTED, EQUIPPED_BYTES);
  const equipped = new Map<string, string>();
  let last = "";
  for (let entry = 0; entry < count; entry += 1) {
    const slot = readId(reader, index.slots);
    if (slot <= last) throw corrupt("the order of ids");
    last = slot;
    equipped.set(slot, readId(reader, index.items));
  }
  return equipped;
}

function decodeTotals(reader: ByteReader, index: CatalogIndex): ReadonlyMap<string, KindTotals> {
  const count = reader.count(MAX_LISTED, KIND_BYTES);
  const totals = new Map<string, KindTotals>();
  let last = "";
  for (let entry = 0; entry < count; entry += 1) {
    const kind = readId(reader, index.kinds);
    if (kind <= last) throw corrupt("the order of ids");
    last = kind;
    const tasks = reader.number();
    const cycles = reader.number();
    const failures = reader.number();
    const timeMs = reader.number();
    const rewards: AmountMap = readAmounts(reader, index.items);
    totals.set(kind, { tasks, cycles, failures, timeMs, rewards });
  }
  return totals;
}

/** They come newest first, each as the distance to the one after it. */
function decodeDigests(reader: ByteReader, state: PlayerState, max: number): readonly Digest[] {
  const count = reader.count(max, DIGEST_ENTRY_BYTES);
  const digests: Digest[] = [];
  let { revision, eventCount: eventNumber, settledAtMs: atMs } = state;
  for (let entry = 0; entry < count; entry += 1) {
    const key = reader.characters(DIGEST_BYTES);
    const request = reader.characters(DIGEST_BYTES);
    revision -= reader.number();
    eventNumber -= reader.number();
    atMs -= reader.signed();
    digests.push({ key, request, revision, eventNumber, atMs });
  }
  return digests.reverse();
}
