/**
 * Events as the journal keeps them: a format byte, a CRC-32, and JSON in UTF-8. Amounts by id are lists of entries there,
 * so that every id survives, whatever it is.
 */
import { crc32 } from "node:zlib";
import type { AmountMap, EventBody, PlayerEvent, TaskTotals } from "@mainspring/core";
import { corrupt, upgradeRequired } from "./record-errors.js";

/** Raised whenever the layout of events changes. */
export const EVENT_FORMAT = 1;

const HEADER_BYTES = 5;

const CRC_AT = 1;

/** Who sent a command, and why. */
export interface EventMeta {
  readonly actor?: string;
  readonly reason?: string;
}

/** An event as the journal has it. Those of commands may say who and why. */
export type StoredEvent = PlayerEvent & EventMeta;

type Entries = readonly (readonly [id: string, amount: number])[];

/** What is empty is left out: most of it is, and the journal grows for ever. */
interface TotalsJson {
  readonly cyclesDone: number;
  readonly failures: number;
  readonly ranMs: number;
  readonly rareFinds: number;
  readonly gave: Entries | undefined;
  readonly took: Entries | undefined;
  readonly stashed: Entries | undefined;
  readonly discarded: Entries | undefined;
  readonly xp: Entries | undefined;
}

/** Every type of event that this release knows. */
const TYPES: Readonly<Record<EventBody["type"], true>> = {
  "task-started": true,
  "task-ended": true,
  "task-blocked": true,
  "task-unblocked": true,
  "level-reached": true,
  "rare-find": true,
  overflow: true,
  "at-maximum": true,
  away: true,
  resumed: true,
  "catalog-moved": true,
  command: true,
};

/** An event's bytes. `meta` is kept with the event of a command; others have none. */
export function encodeEvent(event: PlayerEvent, meta: EventMeta = {}): Uint8Array {
  const text = JSON.stringify(jsonOf(event, meta));
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + Buffer.byteLength(text));
  bytes[0] = EVENT_FORMAT;
  bytes.write(text, HEADER_BYTES);
  bytes.writeUInt32LE(checksumOf(bytes), CRC_AT);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function jsonOf(event: PlayerEvent, { actor, reason }: EventMeta): object {
  if (event.type === "task-ended") return { ...event, totals: totalsToJson(event.totals) };
  // JSON leaves out what is undefined.
  return event.type === "command" ? { ...event, actor, reason } : event;
}

/**
 * The event that these bytes are of.
 * @throws MainspringError `UPGRADE_REQUIRED` if a newer release wrote it, `RECORD_CORRUPT` if it is damaged.
 */
export function decodeEvent(bytes: Uint8Array): StoredEvent {
  if (bytes.length <= HEADER_BYTES || bytes[0] === 0) throw corrupt("no event");
  if ((bytes[0] ?? 0) > EVENT_FORMAT) throw upgradeRequired("The event is of a newer format.");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.readUInt32LE(CRC_AT) !== checksumOf(bytes)) throw corrupt("the checksum of an event");
  const event = parse(buffer.toString("utf8", HEADER_BYTES));
  if (event === null) throw corrupt("the form of an event");
  if (!Object.hasOwn(TYPES, event.type)) throw upgradeRequired("The event is of a newer type.");
  return event;
}

/** Whoever could write the checksum wrote the rest: this looks no further than what the code would trip over. */
function parse(text: string): StoredEvent | null {
  try {
    const event = JSON.parse(text) as StoredEvent;
    const isEvent =
      typeof event.type === "string" &&
      Number.isSafeInteger(event.number) &&
      Number.isSafeInteger(event.atMs);
    if (!isEvent) return null;
    return event.type === "task-ended"
      ? { ...event, totals: totalsFromJson(event.totals as unknown as TotalsJson) }
      : event;
  } catch {
    return null;
  }
}

function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes.subarray(HEADER_BYTES), bytes[0]);
}

function totalsToJson(totals: TaskTotals): TotalsJson {
  return {
    cyclesDone: totals.cyclesDone,
    failures: totals.failures,
    ranMs: totals.ranMs,
    rareFinds: totals.rareFinds,
    gave: entriesOf(totals.gave),
    took: entriesOf(totals.took),
    stashed: entriesOf(totals.stashed),
    discarded: entriesOf(totals.discarded),
    xp: entriesOf(totals.xp),
  };
}

function totalsFromJson(totals: TotalsJson): TaskTotals {
  return {
    cyclesDone: totals.cyclesDone,
    failures: totals.failures,
    ranMs: totals.ranMs,
    rareFinds: totals.rareFinds,
    gave: new Map(totals.gave),
    took: new Map(totals.took),
    stashed: new Map(totals.stashed),
    discarded: new Map(totals.discarded),
    xp: new Map(totals.xp),
  };
}

/** Sorted by id: equal totals give equal bytes. */
function entriesOf(amounts: AmountMap): Entries | undefined {
  if (amounts.size === 0) return undefined;
  const entries = [...amounts];
  return entries.length === 1 ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
