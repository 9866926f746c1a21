/** What the store in memory holds, and how a commit changes it. */
import type {
  Expected,
  JournalEntry,
  Mark,
  PlayerIncarnation,
  QuarantinedRecord,
  RecordWrite,
  Snapshot,
  StoredRecord,
  StoredSettings,
  StoredTimelineEntry,
  WriteOutcome,
} from "../../ports.js";

export interface KeptEvent {
  readonly entry: JournalEntry;
  readonly expiresAtMs: number;
}

export interface Content {
  readonly records: Map<string, StoredRecord>;
  /** By player and incarnation, in order. */
  readonly journals: Map<string, KeptEvent[]>;
  readonly marks: Map<string, Mark>;
  /** By player, oldest first. */
  readonly snapshots: Map<string, Snapshot[]>;
  readonly catalogs: Map<string, string>;
  readonly timeline: StoredTimelineEntry[];
  readonly settings: Map<string, StoredSettings>;
  readonly quarantine: Map<string, QuarantinedRecord>;
}

export function commitOne(
  content: Content,
  { expected, next, events, mark }: RecordWrite,
  expiresAtMs: number,
): WriteOutcome {
  if (!isExpected(expected, content.records.get(next.playerId))) return { status: "conflict" };
  content.records.set(next.playerId, copyOf(next));
  appendEvents(content, next, { events, expiresAtMs });
  if (mark !== undefined) content.marks.set(journalKey(next), copyOf({ version: next.version, bytes: mark }));
  return { status: "committed" };
}

export function appendEvents(
  content: Content,
  player: PlayerIncarnation,
  { events, expiresAtMs }: { readonly events: readonly JournalEntry[]; readonly expiresAtMs: number },
): void {
  const key = journalKey(player);
  const journal = content.journals.get(key) ?? [];
  for (const event of events) journal.push({ entry: copyOf(event), expiresAtMs });
  content.journals.set(key, journal);
}

function isExpected(expected: Expected, current: StoredRecord | undefined): boolean {
  if (expected === null || current === undefined) return expected === null && current === undefined;
  return expected.incarnation === current.incarnation && expected.version === current.version;
}

export function journalKey({ playerId, incarnation }: PlayerIncarnation): string {
  return `${playerId} ${incarnation}`;
}

/** Nobody else may change what is stored, and what was given out changes nothing. */
export function copyOf<T extends { readonly bytes: Uint8Array }>(value: T): T {
  return { ...value, bytes: Uint8Array.from(value.bytes) };
}
