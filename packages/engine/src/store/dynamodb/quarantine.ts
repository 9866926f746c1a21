/**
 * Copies of damaged records, in one partition ordered by instant. Which of them there are is kept by player and version as
 * well, so that each is put aside once; a process that dies between the two leaves it to the next one to finish.
 */
import type { QuarantinedRecord, Store, StoredRecord } from "../../ports.js";
import { assertPlayerId } from "../check-keys.js";
import { copyBytes } from "./copy-bytes.js";
import { failureOf } from "./errors.js";
import { ordered } from "./history-keys.js";
import type { Item } from "./item-size.js";
import type { Parts } from "./parts.js";

const LIST = "quarantine";
const KNOWN = "quarantined";

/** Copies that this process knows to be put aside. */
const MAX_REMEMBERED = 1_000;

/** One write is sent so many times at most. */
const MAX_SENDS = 6;

const WHAT = "The damaged record can't be put aside";

export function createQuarantine(parts: Parts): Pick<Store, "quarantine" | "quarantined"> {
  const remembered = new Set<string>();
  /** Whoever asks for what somebody puts aside at this moment waits for that. */
  const underWay = new Map<string, Promise<void>>();
  return {
    async quarantine(record, reason, atMs) {
      assertPlayerId(record.playerId);
      const name = nameOf(record);
      if (remembered.has(name)) return;
      const before = underWay.get(name);
      if (before !== undefined) return before;
      const copy = { ...record, bytes: copyBytes(record.bytes) };
      const putting = putAside(parts, { record: copy, reason, atMs }).finally(() => underWay.delete(name));
      underWay.set(name, putting);
      await putting;
      if (remembered.size < MAX_REMEMBERED) remembered.add(name);
    },
    async quarantined(limit) {
      return limit <= 0 ? [] : list(parts, limit);
    },
  };
}

async function putAside(parts: Parts, { record, reason, atMs }: QuarantinedRecord): Promise<void> {
  const { database, names } = parts;
  const key = { p: { S: KNOWN }, k: { S: nameOf(record) } };
  await putIfNew(parts, { ...key, t: { N: String(atMs) }, s: { S: reason } });
  // Of several who asked at once one was first: all go on with its instant and reason.
  const known = await database.get(
    { TableName: names.content, Key: key, ConsistentRead: true },
    { what: WHAT },
  );
  const firstMs = Number(known?.["t"]?.N ?? atMs);
  const { playerId, incarnation, version, bytes } = record;
  await putIfNew(parts, {
    p: { S: LIST },
    k: { S: `${ordered(Math.max(0, firstMs))} ${nameOf(record)}` },
    u: { S: playerId },
    i: { N: String(incarnation) },
    v: { N: String(version) },
    t: { N: String(firstMs) },
    s: known?.["s"] ?? { S: reason },
    b: { B: bytes },
  });
}

/** What is there already stays: then nothing happens, however often it is sent. */
async function putIfNew({ database, names, backoff }: Parts, item: Item): Promise<void> {
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      await database.putOnce({
        TableName: names.content,
        Item: item,
        ConditionExpression: "attribute_not_exists(p)",
      });
      return;
    } catch (cause) {
      const { kind, error } = failureOf(cause, WHAT);
      if (kind === "condition") return;
      if (kind === "final" || failureCount >= MAX_SENDS) throw error;
      await backoff.wait(failureCount);
    }
  }
}

async function list({ database, names }: Parts, limit: number): Promise<readonly QuarantinedRecord[]> {
  const found: QuarantinedRecord[] = [];
  let start: Item | undefined;
  do {
    const answer = await database.query(
      {
        TableName: names.content,
        KeyConditionExpression: "p = :p",
        ExpressionAttributeValues: { ":p": { S: LIST } },
        ConsistentRead: true,
        Limit: limit - found.length,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      },
      { what: "The quarantine can't be read" },
    );
    found.push(...(answer.Items ?? []).map(entryOf));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}

function entryOf({ u, i, v, t, s, b }: Item): QuarantinedRecord {
  return {
    record: {
      playerId: u?.S ?? "",
      incarnation: Number(i?.N ?? 0),
      version: Number(v?.N ?? 0),
      bytes: copyBytes(b?.B ?? new Uint8Array(0)),
    },
    reason: s?.S ?? "",
    atMs: Number(t?.N ?? 0),
  };
}

function nameOf({ playerId, incarnation, version }: StoredRecord): string {
  return `${playerId} ${incarnation} ${version}`;
}
