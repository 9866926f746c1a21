/**
 * Plays the journal again from a snapshot on. Whatever comes out must be what the journal says came out then, to the byte: a
 * record is restored as it was, or not at all.
 */
import {
  applyCommand,
  catalogOf,
  commandOf,
  MainspringError,
  markSeen,
  type PlayerEvent,
  type PlayerState,
  type Timeline,
} from "@mainspring/core";
import type { JournalEntry, Mark, Snapshot } from "../ports.js";
import { type CommitStep, decodeMark, type StepDigest } from "../record/commit-step.js";
import { decodeRecord } from "../record/decode-record.js";
import { addAdjustDigest, addOwnDigest } from "../record/digest.js";
import { decodeJournalEntry, encodeEvent, type StoredEvent } from "../record/event-codec.js";
import type { Digest, PlayerRecord } from "../record/player-record.js";
import { settleInSlices } from "./settle-in-slices.js";

export interface ReplayInput {
  readonly snapshot: Snapshot;
  /** All of the journal after the snapshot. */
  readonly entries: readonly JournalEntry[];
  readonly mark: Mark | null;
  readonly timeline: Timeline;
}

export interface Replayed {
  readonly record: PlayerRecord;
  /** Of the last commit that was played. */
  readonly version: number;
  /** How many commits were played. */
  readonly commits: number;
}

/** The entries of one commit, and what plays it. */
interface JournaledCommit {
  readonly step: CommitStep;
  readonly entries: readonly JournalEntry[];
  readonly events: readonly StoredEvent[];
}

/**
 * The record after the last commit that the journal tells of.
 * @throws MainspringError `RECORD_CORRUPT` when the journal has a gap, is damaged, or says something else than comes out;
 * `UPGRADE_REQUIRED` when it was written by other rules.
 */
export async function replayJournal({ snapshot, entries, mark, timeline }: ReplayInput): Promise<Replayed> {
  let record = decodeRecord(snapshot.record.bytes, timeline.catalogs);
  let { version } = snapshot.record;
  const commits = commitsOf(entries, record.state.eventCount);
  const lastVersion = commits.at(-1)?.step.version ?? version;
  if (mark !== null && mark.version > lastVersion) {
    commits.push({ step: decodeMark(mark.bytes), entries: [], events: [] });
  }
  for (const commit of commits) {
    if (commit.step.version <= version) throw mismatch(`version ${commit.step.version} follows ${version}`);
    record = await playCommit(record, timeline, commit);
    ({ version } = commit.step);
  }
  return { record, version, commits: commits.length };
}

function commitsOf(entries: readonly JournalEntry[], eventCount: number): JournaledCommit[] {
  const commits: JournaledCommit[] = [];
  let open: { readonly entries: JournalEntry[]; readonly events: StoredEvent[] } = {
    entries: [],
    events: [],
  };
  let expected = eventCount + 1;
  for (const entry of entries) {
    if (entry.number !== expected) throw mismatch(`event ${expected} is missing`);
    expected += 1;
    const { event, step } = decodeJournalEntry(entry.bytes);
    open.entries.push(entry);
    open.events.push(event);
    if (step === null) continue;
    commits.push({ step, ...open });
    open = { entries: [], events: [] };
  }
  if (open.entries.length > 0) throw mismatch("the last events don't end a commit");
  return commits;
}

async function playCommit(
  record: PlayerRecord,
  timeline: Timeline,
  commit: JournaledCommit,
): Promise<PlayerRecord> {
  const { step } = commit;
  const emitted: PlayerEvent[] = [];
  const emit = (event: PlayerEvent): void => void emitted.push(event);
  // Commits in between that only wrote a sight left nothing else behind.
  let state: PlayerState = { ...record.state, lastSeenMs: step.seenBeforeMs };
  state = await settleInSlices(state, timeline, step.arrivedAtMs, emit);
  if (step.isSeen) state = markSeen(state, timeline, step.arrivedAtMs, emit);
  let revision = 0;
  const commanded = commit.events.find((event) => event.type === "command");
  if (commanded?.type === "command") {
    const command = commandOf(commanded.command, catalogOf(timeline, state.catalog));
    const offsetMs = state.clockOffsetMs;
    ({ state } = applyCommand(state, timeline, command, { atMs: step.arrivedAtMs, emit }));
    ({ revision } = state);
    const laterMs = step.arrivedAtMs + state.clockOffsetMs - offsetMs;
    state = await settleInSlices(state, timeline, laterMs, emit);
  }
  assertSame(commit, emitted);
  const changed = { ...record, state };
  return step.digest === null
    ? changed
    : withDigest(changed, step.digest, { revision, eventNumber: commanded?.number ?? 0 });
}

function withDigest(
  record: PlayerRecord,
  { key, request, isAdjust, atMs }: StepDigest,
  answer: Pick<Digest, "revision" | "eventNumber">,
): PlayerRecord {
  const digest: Digest = { key, request, atMs, ...answer };
  return isAdjust ? addAdjustDigest(record, digest, atMs) : addOwnDigest(record, digest);
}

function assertSame({ step, entries, events }: JournaledCommit, emitted: readonly PlayerEvent[]): void {
  if (emitted.length !== entries.length) {
    throw mismatch(`version ${step.version} had ${entries.length} events, not ${emitted.length}`);
  }
  for (const [index, event] of emitted.entries()) {
    const isLast = index === emitted.length - 1;
    const bytes = encodeEvent(event, { meta: events[index], step: isLast ? step : undefined });
    if (Buffer.compare(bytes, entries[index]?.bytes ?? new Uint8Array()) !== 0) {
      throw mismatch(`event ${event.number} comes out otherwise`);
    }
  }
}

function mismatch(what: string): MainspringError {
  return new MainspringError("RECORD_CORRUPT", `The journal doesn't restore the record: ${what}.`);
}
