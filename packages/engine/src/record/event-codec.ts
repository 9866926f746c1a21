/**
 * Events as the journal keeps them: sealed JSON. Amounts by id are lists of entries there, so that every id survives,
 * whatever it is. The last event of a commit carries what it takes to play the commit again.
 */
import type { AmountMap, EventBody, PlayerEvent, TaskTotals } from "@mainspring/core";
import { type CommitStep, stepFromJson, type StepJson, stepToJson } from "./commit-step.js";
import { corrupt, upgradeRequired } from "./record-errors.js";
import { openJson, sealJson } from "./sealed-json.js";

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

export interface EventExtras {
  /** Of the event of a command; others have none. */
  readonly meta?: EventMeta | undefined;
  /** Of the commit whose last event this is. */
  readonly step?: CommitStep | undefined;
}

/** An entry of the journal as it is read back. */
export interface JournalContent {
  readonly event: StoredEvent;
  /** Of the commit whose last event this is; `null` for the others. */
  readonly step: CommitStep | null;
}

/** An event's bytes. */
export function encodeEvent(event: PlayerEvent, extras: EventExtras = {}): Uint8Array {
  return sealJson(JSON.stringify(jsonOf(event, extras)));
}

function jsonOf(event: PlayerEvent, { meta, step }: EventExtras): object {
  // JSON leaves out what is undefined.
  const stepJson = step && stepToJson(step);
  if (event.type === "task-ended") return { ...event, totals: totalsToJson(event.totals), step: stepJson };
  if (event.type === "command") return { ...event, actor: meta?.actor, reason: meta?.reason, step: stepJson };
  return step === undefined ? event : { ...event, step: stepJson };
}

/**
 * The event that these bytes are of.
 * @throws MainspringError `UPGRADE_REQUIRED` if a newer release wrote it, `RECORD_CORRUPT` if it is damaged.
 */
export function decodeEvent(bytes: Uint8Array): StoredEvent {
  return read(bytes).event;
}

/**
 * The event, and what it takes to play its commit again.
 * @throws MainspringError like {@link decodeEvent}.
 */
export function decodeJournalEntry(bytes: Uint8Array): JournalContent {
  const { event, step } = read(bytes);
  return { event, step: step === undefined ? null : stepFromJson(step) };
}

interface Read {
  readonly event: StoredEvent;
  readonly step: StepJson | undefined;
}

function read(bytes: Uint8Array): Read {
  const found = parse(openJson(bytes));
  if (found === null) throw corrupt("the form of an event");
  if (!Object.hasOwn(TYPES, found.event.type)) throw upgradeRequired("The event is of a newer type.");
  return found;
}

/** Whoever could write the checksum wrote the rest: this looks no further than what the code would trip over. */
function parse(text: string): Read | null {
  try {
    const { step, ...event } = JSON.parse(text) as StoredEvent & { readonly step?: StepJson };
    const isEvent =
      typeof event.type === "string" &&
      Number.isSafeInteger(event.number) &&
      Number.isSafeInteger(event.atMs);
    if (!isEvent) return null;
    if (event.type !== "task-ended") return { event, step };
    return { event: { ...event, totals: totalsFromJson(event.totals as unknown as TotalsJson) }, step };
  } catch {
    return null;
  }
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
