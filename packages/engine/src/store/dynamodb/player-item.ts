/**
 * A player's item: `p` the player, `i` the incarnation, `v` the version, `r` the record, `n` the nonce of the commit that made
 * it and `m` of the one before, and per commit whose events the history may not have yet one attribute `e<incarnation>_<first
 * number>`, in base 36.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { isMainspringError } from "@mainspring/core";
import type { Expected, StoredRecord } from "../../ports.js";
import { copyBytes } from "./copy-bytes.js";
import { type ChunkReference, decodeChunks, decodeReference, type EventChunk } from "./event-chunks.js";
import type { Item } from "./item-size.js";

const BASE = 36;
const CHUNK_NAME = /^e([0-9a-z]{1,11})_([0-9a-z]{1,11})$/;

/** Events of one commit that the history may not have yet, as they lie in the record's item. */
export interface UnsavedChunk {
  /** Of its attribute. */
  readonly name: string;
  readonly incarnation: number;
  readonly firstNumber: number;
  readonly eventCount: number;
  readonly value: Uint8Array;
  readonly content: EventChunk | ChunkReference;
}

/** What a strong read of an item says. */
export interface PlayerItem {
  readonly record: StoredRecord;
  readonly nonce: Uint8Array | null;
  readonly nonceBefore: Uint8Array | null;
  /** In order of incarnation and number. */
  readonly chunks: readonly UnsavedChunk[];
  /** Names of attributes that look like events and can't be read. */
  readonly damaged: readonly string[];
  /** As they lie there, for the condition of a write that replaces a damaged record. */
  readonly raw: {
    readonly incarnation: AttributeValue | undefined;
    readonly version: AttributeValue | undefined;
  };
}

/**
 * Whatever was done to it by hand, it is an answer: what is missing or of another type counts as 0. Then there are no bytes
 * either, so that nobody takes half of a record for a whole one.
 */
export function playerItemOf(item: Item): PlayerItem {
  const { p, i, v, r, n, m } = item;
  const chunks: UnsavedChunk[] = [];
  const damaged: string[] = [];
  for (const [name, value] of Object.entries(item)) {
    if (!CHUNK_NAME.test(name)) continue;
    const chunk = chunkOf(name, value);
    if (chunk === null) damaged.push(name);
    else chunks.push(chunk);
  }
  chunks.sort((a, b) => a.incarnation - b.incarnation || a.firstNumber - b.firstNumber);
  const [incarnation, version] = [countOf(i), countOf(v)];
  const isWhole = incarnation !== null && version !== null && version > 0;
  return {
    record: {
      playerId: p?.S ?? "",
      incarnation: incarnation ?? 0,
      version: version ?? 0,
      bytes: copyBytes((isWhole && r?.B) || new Uint8Array(0)),
    },
    nonce: n?.B ?? null,
    nonceBefore: m?.B ?? null,
    chunks,
    damaged,
    raw: { incarnation: i, version: v },
  };
}

export function isAt(item: PlayerItem | null, expected: Expected): boolean {
  if (item === null || expected === null) return item === null && expected === null;
  const { incarnation, version } = item.record;
  return incarnation === expected.incarnation && version === expected.version;
}

export function chunkName(incarnation: number, firstNumber: number): string {
  return `e${incarnation.toString(BASE)}_${firstNumber.toString(BASE)}`;
}

function chunkOf(name: string, value: AttributeValue): UnsavedChunk | null {
  const [, incarnation = "", first = ""] = CHUNK_NAME.exec(name) ?? [];
  if (value.B === undefined) return null;
  const content = contentOf(value.B);
  if (content === null) return null;
  const firstNumber = Number.parseInt(first, BASE);
  const eventCount = "entries" in content ? content.entries.length : content.eventCount;
  return {
    name,
    incarnation: Number.parseInt(incarnation, BASE),
    firstNumber,
    eventCount,
    value: value.B,
    content,
  };
}

function contentOf(value: Uint8Array): EventChunk | ChunkReference | null {
  try {
    const reference = decodeReference(value);
    if (reference !== null) return reference;
    const [chunk, ...more] = decodeChunks(value);
    return chunk !== undefined && more.length === 0 ? chunk : null;
  } catch (error) {
    if (isMainspringError(error)) return null;
    throw error;
  }
}

function countOf(value: AttributeValue | undefined): number | null {
  if (value?.N === undefined) return null;
  const count = Number(value.N);
  return Number.isSafeInteger(count) && count >= 0 ? count : null;
}
