/** Journal, marks and snapshots as they are read, and what is written to them outside of a commit. */
import type { JournalEntry, JournalQuery, Snapshot, Store } from "../../ports.js";
import { MainspringError } from "@mainspring/core";
import { copyBytes } from "./copy-bytes.js";
import type { Call } from "./database.js";
import {
  type ChunkReference,
  decodeChunks,
  encodeChunk,
  type EventChunk,
  MAX_ITEM_EVENTS,
  splitEvents,
} from "./event-chunks.js";
import {
  aheadKey,
  aheadPrefix,
  eventsAfter,
  lastNumberOf,
  markKey,
  SNAPSHOT_PREFIX,
  snapshotKey,
  snapshotOfKey,
} from "./history-keys.js";
import type { Item } from "./item-size.js";
import { eventItem, expirySeconds } from "./journal-mover.js";
import type { Parts } from "./parts.js";
import { assertPlayerId } from "../check-keys.js";
import type { PlayerItem } from "./player-item.js";

/** Events to an item, for a first guess at how many items make a page. */
const EXPECTED_EVENTS = 16;

const JOURNAL: Call = { what: "The journal can't be read" };
const MARK: Call = { what: "The mark can't be read" };
const SNAPSHOTS: Call = { what: "Snapshots can't be read" };

type History = Pick<
  Store,
  "readEvents" | "readMark" | "putSnapshots" | "readSnapshots" | "importEvents" | "importMark"
>;

export function createHistory(parts: Parts): History {
  const { names, database, clock, retentionMs, marks, writes } = parts;
  return {
    async readEvents(query) {
      assertPlayerId(query.playerId);
      if (query.limit <= 0) return [];
      return readEvents(parts, query);
    },
    async readMark(player) {
      assertPlayerId(player.playerId);
      const waiting = marks.waiting(player);
      if (waiting !== null) return { ...waiting, bytes: copyBytes(waiting.bytes) };
      const key = { p: { S: player.playerId }, k: { S: markKey(player.incarnation) } };
      const item = await database.get({ TableName: names.history, Key: key, ConsistentRead: true }, MARK);
      if (item === null || Number(item["x"]?.N ?? 0) * 1_000 <= clock.nowMs()) return null;
      return { version: Number(item["v"]?.N ?? 0), bytes: copyBytes(item["b"]?.B ?? new Uint8Array(0)) };
    },
    async putSnapshots(snapshots) {
      for (const { record } of snapshots) assertPlayerId(record.playerId);
      const items = snapshots.map((snapshot) => snapshotItem(snapshot, retentionMs));
      parts.snapshots.put(items);
    },
    async readSnapshots({ playerId, limit }) {
      assertPlayerId(playerId);
      return limit <= 0 ? [] : readSnapshots(parts, { playerId, limit });
    },
    async importMark(player, mark) {
      assertPlayerId(player.playerId);
      parts.marks.add(player, { version: mark.version, bytes: Uint8Array.from(mark.bytes) });
    },
    async importEvents({ playerId, incarnation }, entries) {
      assertPlayerId(playerId);
      const runs = splitEvents(entries).map((run) => ({ atMs: clock.nowMs(), entries: run }));
      const items = runs.map((chunk) =>
        eventItem(playerId, { incarnation, values: [encodeChunk(chunk)], chunks: [chunk] }, retentionMs),
      );
      await Promise.all(items.map(async (item) => writes.put(item, "now")));
    },
  };
}

/** Parts of what was written ahead of a commit, each as bytes of a chunk. */
export async function readParts(
  { database, names }: Pick<Parts, "database" | "names">,
  playerId: string,
  { nonce, partCount }: ChunkReference,
): Promise<readonly Uint8Array[]> {
  const values: Uint8Array[] = [];
  const range = { from: aheadPrefix(nonce), to: aheadKey(nonce, partCount) };
  await eachItem(
    { database, names },
    { playerId, range, pageItems: partCount + 1, call: JOURNAL },
    (item) => {
      values.push(item["b"]?.B ?? new Uint8Array(0));
      return values.length < partCount;
    },
  );
  if (values.length === partCount) return values;
  throw new MainspringError("RECORD_CORRUPT", "Events that a record refers to are not in the history.");
}

interface Walk {
  readonly playerId: string;
  readonly range: { readonly from: string; readonly to: string };
  readonly pageItems: number;
  readonly isBackward?: boolean;
  readonly call: Call;
}

/** Goes through a range of a player's history, as long as `visit` wants more. Pages grow: few need a second one. */
async function eachItem(
  { database, names }: Pick<Parts, "database" | "names">,
  { playerId, range, pageItems, isBackward = false, call }: Walk,
  visit: (item: Item) => boolean,
): Promise<void> {
  let start: Item | undefined;
  for (let limit = pageItems; ; limit *= 2) {
    const answer = await database.query(
      {
        TableName: names.history,
        KeyConditionExpression: "p = :p AND k BETWEEN :from AND :to",
        ExpressionAttributeValues: {
          ":p": { S: playerId },
          ":from": { S: range.from },
          ":to": { S: range.to },
        },
        ConsistentRead: true,
        ScanIndexForward: !isBackward,
        Limit: limit,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      },
      call,
    );
    for (const item of answer.Items ?? []) if (!visit(item)) return;
    start = answer.LastEvaluatedKey;
    if (start === undefined) return;
  }
}

/** The record first: what it has no more by then, the history has. */
async function readEvents(parts: Parts, query: JournalQuery): Promise<readonly JournalEntry[]> {
  const { playerId, incarnation, afterNumber, limit } = query;
  const found = new Map<number, JournalEntry>();
  const add = ({ atMs, entries }: EventChunk): void => {
    if (parts.isExpired(atMs)) return;
    for (const entry of entries) {
      if (entry.number > afterNumber && !found.has(entry.number)) found.set(entry.number, entry);
    }
  };
  const item = await parts.lookAtPlayer(playerId);
  const firstNumber = item === null ? null : await addUnsaved(parts, { item, incarnation }, add);
  if (firstNumber === null || firstNumber > afterNumber + 1) {
    const pageItems = Math.ceil(limit / EXPECTED_EVENTS) + 1;
    const walk = { playerId, range: eventsAfter(incarnation, afterNumber), pageItems, call: JOURNAL };
    await eachItem(parts, walk, (page) => {
      for (const chunk of decodeChunks(page["b"]?.B ?? new Uint8Array(0))) add(chunk);
      // An item further on may hold events before its last one, but no more than so many.
      const certain = lastNumberOf(page["k"]?.S ?? "") + 1 - MAX_ITEM_EVENTS;
      return certain - afterNumber < limit || countUpTo(found, certain) < limit;
    });
  }
  return [...found.values()].sort((a, b) => a.number - b.number).slice(0, limit);
}

/** @returns the number from which on the record has all of them, or `null` where it has none */
async function addUnsaved(
  parts: Parts,
  { item, incarnation }: { readonly item: PlayerItem; readonly incarnation: number },
  add: (chunk: EventChunk) => void,
): Promise<number | null> {
  if (item.damaged.length > 0) {
    throw new MainspringError("RECORD_CORRUPT", "Events in the player's record are damaged.");
  }
  let first: number | null = null;
  let next = 0;
  for (const { content, firstNumber, eventCount, ...chunk } of item.chunks) {
    if (chunk.incarnation !== incarnation || parts.isExpired(content.atMs)) continue;
    if (first === null || firstNumber !== next) first = firstNumber;
    next = firstNumber + eventCount;
    const values = "entries" in content ? null : await readParts(parts, item.record.playerId, content);
    const chunks = values === null ? [content as EventChunk] : values.flatMap(decodeChunks);
    for (const one of chunks) add(one);
  }
  return first;
}

function countUpTo(found: ReadonlyMap<number, JournalEntry>, last: number): number {
  let count = 0;
  for (const number of found.keys()) if (number <= last) count += 1;
  return count;
}

function snapshotItem({ record, eventCount, atMs }: Snapshot, retentionMs: number): Item {
  return {
    p: { S: record.playerId },
    k: { S: snapshotKey(record.incarnation, record.version) },
    c: { N: String(eventCount) },
    t: { N: String(atMs) },
    b: { B: copyBytes(record.bytes) },
    x: { N: expirySeconds(atMs, retentionMs) },
  };
}

async function readSnapshots(
  parts: Parts,
  { playerId, limit }: { readonly playerId: string; readonly limit: number },
): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  const range = { from: SNAPSHOT_PREFIX, to: `${SNAPSHOT_PREFIX}~` };
  const walk = { playerId, range, pageItems: limit, isBackward: true, call: SNAPSHOTS };
  await eachItem(parts, walk, (item) => {
    const atMs = Number(item["t"]?.N ?? 0);
    if (!parts.isExpired(atMs)) {
      const bytes = copyBytes(item["b"]?.B ?? new Uint8Array(0));
      const record = { playerId, ...snapshotOfKey(item["k"]?.S ?? ""), bytes };
      found.push({ record, eventCount: Number(item["c"]?.N ?? 0), atMs });
    }
    return found.length < limit;
  });
  return found;
}
