/**
 * Catalogs and their timeline. A document that fits lies in one item; a larger one in parts under the hash of its own text,
 * written before the item that refers to them: a reader meets one document or the other, never half of each.
 */
import { createHash, randomBytes } from "node:crypto";
import { MainspringError } from "@mainspring/core";
import type { Store, StoredTimelineEntry } from "../../ports.js";
import { assertCatalogHash } from "../check-keys.js";
import { writeConditionally } from "./conditional-write.js";
import type { Call } from "./database.js";
import { NONCE_BYTES } from "./event-chunks.js";
import { ordered } from "./history-keys.js";
import type { Item } from "./item-size.js";
import type { Parts } from "./parts.js";

/** Of a document in one item. */
const PART_BYTES = 380_000;

/** A reader whose document is being replaced looks again so many times. */
const MAX_LOOKS = 5;

/** 8 MiB; the engine takes no larger one than half of it. */
const MAX_DOCUMENT_BYTES = 8_388_608;

const DOCUMENT_KEY = "document";
const TIMELINE_KEY = { p: { S: "timeline" }, k: { S: "entries" } };

const READ: Call = { what: "The catalog can't be read" };
const WRITE: Call = { what: "The catalog can't be stored" };
const READ_TIMELINE: Call = { what: "The timeline can't be read" };
const APPEND = "The timeline can't be changed";

type Catalogs = Pick<Store, "putCatalog" | "readCatalog" | "readTimeline" | "appendTimeline">;

export function createCatalogs(parts: Parts): Catalogs {
  return {
    async putCatalog(hash, document) {
      assertCatalogHash(hash);
      await putDocument(parts, hash, Buffer.from(document, "utf8"));
    },
    async readCatalog(hash) {
      assertCatalogHash(hash);
      // A document is hardly ever replaced, and only by one that means the same: a late answer does no harm. A missing one might.
      for (let look = 0; look < MAX_LOOKS; look += 1) {
        const document = await readDocument(parts, hash, look > 0);
        if (document !== null) return document === "missing" ? null : document.toString("utf8");
      }
      throw new MainspringError("STORE_UNAVAILABLE", `${READ.what}: it changes all the time.`);
    },
    async readTimeline() {
      return (await timelineOf(parts)).map(({ atMs, hash }) => ({ atMs, hash }));
    },
    appendTimeline: async (entry, expectedLength) => appendTimeline(parts, entry, expectedLength),
  };
}

function keyOf(hash: string, sortKey: string): Item {
  return { p: { S: `catalog ${hash}` }, k: { S: sortKey } };
}

function partKeys(hash: string, id: string, partCount: number): readonly Item[] {
  return Array.from({ length: partCount }, (_, part) => keyOf(hash, `part ${id} ${ordered(part)}`));
}

async function putDocument({ database, names }: Parts, hash: string, document: Buffer): Promise<void> {
  if (document.length > MAX_DOCUMENT_BYTES) {
    throw new MainspringError("INVALID_REQUEST", `A catalog of ${document.length} bytes is too large.`);
  }
  const head = keyOf(hash, DOCUMENT_KEY);
  if (document.length <= PART_BYTES) {
    await database.put({ TableName: names.content, Item: { ...head, d: { B: document } } }, WRITE);
    return;
  }
  const id = createHash("sha256").update(document).digest("base64url");
  const partCount = Math.ceil(document.length / PART_BYTES);
  for (const [part, key] of partKeys(hash, id, partCount).entries()) {
    const bytes = document.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    await database.put({ TableName: names.content, Item: { ...key, d: { B: bytes } } }, WRITE);
  }
  const reference = { id: { S: id }, c: { N: String(partCount) } };
  await database.put({ TableName: names.content, Item: { ...head, ...reference } }, WRITE);
}

/** `null` where a stronger look may find more. */
async function readDocument(
  { database, names }: Parts,
  hash: string,
  isConsistent: boolean,
): Promise<Buffer | "missing" | null> {
  const key = { TableName: names.content, Key: keyOf(hash, DOCUMENT_KEY), ConsistentRead: isConsistent };
  const head = await database.get(key, READ);
  if (head === null) return isConsistent ? "missing" : null;
  const { d: whole, id, c: count } = head;
  if (whole?.B !== undefined) return Buffer.from(whole.B);
  const keys = partKeys(hash, id?.S ?? "", Number(count?.N ?? 0));
  const items = await database.getMany({ table: names.content, keys, isConsistent }, READ);
  const byKey = new Map(items.map(({ k, d }) => [k?.S, d?.B]));
  const bytes = keys.flatMap(({ k }) => byKey.get(k?.S) ?? []);
  return bytes.length === keys.length && bytes.length > 0 ? Buffer.concat(bytes) : null;
}

interface TimelineEntry extends StoredTimelineEntry {
  /** Of the write that appended it. */
  readonly nonce: string;
}

async function timelineOf({ database, names }: Parts): Promise<readonly TimelineEntry[]> {
  const key = { TableName: names.content, Key: TIMELINE_KEY, ConsistentRead: true };
  const item = await database.get(key, READ_TIMELINE);
  return (item?.["t"]?.L ?? []).map(({ M: entry }) => ({
    atMs: Number(entry?.["a"]?.N ?? 0),
    hash: entry?.["h"]?.S ?? "",
    nonce: entry?.["n"]?.S ?? "",
  }));
}

async function appendTimeline(
  parts: Parts,
  { atMs, hash }: StoredTimelineEntry,
  expectedLength: number,
): Promise<boolean> {
  const { database, names, backoff } = parts;
  assertCatalogHash(hash);
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const isFirst = expectedLength === 0;
  const update = {
    TableName: names.content,
    Key: TIMELINE_KEY,
    UpdateExpression: `SET t = ${isFirst ? ":one" : "list_append(t, :one)"}, l = :length, a = :at`,
    ConditionExpression: isFirst ? "attribute_not_exists(p)" : "l = :expected AND a < :at",
    ExpressionAttributeValues: {
      ":one": { L: [{ M: { a: { N: String(atMs) }, h: { S: hash }, n: { S: nonce } } }] },
      ":length": { N: String(expectedLength + 1) },
      ":at": { N: String(atMs) },
      ...(!isFirst && { ":expected": { N: String(expectedLength) } }),
    },
  };
  const outcome = await writeConditionally(
    {
      what: APPEND,
      send: async () => database.updateOnce(update),
      async look() {
        const entries = await timelineOf(parts);
        // Entries stay where they are, so that this can always be told.
        if (entries[expectedLength]?.nonce === nonce) return "ours";
        const last = entries.at(-1);
        const isBefore = entries.length === expectedLength && (last === undefined || last.atMs < atMs);
        return isBefore ? "before" : "other";
      },
    },
    { backoff, counts: database.counts },
  );
  return outcome === "written";
}
