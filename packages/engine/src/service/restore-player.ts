/** Restoring a player whose record is damaged or gone: the newest snapshot, the journal after it, and a commit under a version of its own. */
import { isMainspringError, MainspringError, type Timeline } from "@mainspring/core";
import type { Restoration, RestoreOptions } from "../engine.js";
import type {
  Clock,
  JournalEntry,
  PlayerIncarnation,
  Snapshot,
  Store,
  StoredRecord,
  Telemetry,
} from "../ports.js";
import { checkInvariants } from "../record/check-invariants.js";
import { decodeRecord } from "../record/decode-record.js";
import { encodeRecord } from "../record/encode-record.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import { checkPlayerId } from "./check-request.js";
import type { Mailboxes } from "./mailboxes.js";
import { replayJournal, type Replayed } from "./replay-journal.js";

/**
 * A restored record gets a version that was never used: caches may hold the damaged one, and the journal may not tell of the
 * very last commits without events. A million commits are years of them.
 */
export const RESTORED_VERSION_GAP = 1_000_000;

/** Snapshots that are tried, the newest first: one of them may be damaged as well. */
const MAX_TRIED_SNAPSHOTS = 16;

const PAGE_EVENTS = 1_000;

/** A snapshot is never so far behind. */
const MAX_PAGES = 1_000;

export interface RestoreParts {
  readonly store: Store;
  readonly catalogs: CatalogRegistry;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly mailboxes: Mailboxes;
}

/**
 * Puts the record back as the last commit left it.
 * @throws MainspringError `INVALID_REQUEST` when the record is sound, `PLAYER_NOT_FOUND` when there is nothing to restore from,
 * `RECORD_CORRUPT` when the journal doesn't lead from any snapshot to a sound record, `VERSION_CONFLICT`, `STORE_UNAVAILABLE`.
 */
export async function restorePlayer(
  parts: RestoreParts,
  playerId: string,
  { actor = "system", reason, requestId }: RestoreOptions,
): Promise<Restoration> {
  checkPlayerId(playerId);
  const { store, catalogs, clock, telemetry, mailboxes } = parts;
  const restoration = await mailboxes.run(playerId, async () => {
    await store.flush();
    await catalogs.refresh();
    const timeline = await catalogs.timelineFor(clock.nowMs());
    const [current = null] = await store.read([playerId], { consistency: "strong" });
    if (current !== null) {
      assertDamaged(current, timeline);
      await store.quarantine(current, "It was replaced by a restored record.", clock.nowMs());
    }
    const { snapshot, replayed } = await replay(parts, { playerId, current, timeline });
    return commit(parts, { playerId, current, snapshot, replayed, timeline });
  });
  telemetry.note("warn", "A player's record was restored.", {
    playerId,
    actor,
    ...(reason === undefined ? {} : { reason }),
    ...(requestId === undefined ? {} : { requestId }),
    ...restoration,
    missingCommits: restoration.missingCommits ?? "unknown",
  });
  return restoration;
}

function assertDamaged(current: StoredRecord, timeline: Timeline): void {
  try {
    if (checkInvariants(decodeRecord(current.bytes, timeline.catalogs), timeline.catalogs) !== null) return;
  } catch (error) {
    if (isMainspringError(error) && error.code === "RECORD_CORRUPT") return;
    throw error;
  }
  throw new MainspringError("INVALID_REQUEST", "The player's record is sound; there is nothing to restore.");
}

interface Source {
  readonly snapshot: Snapshot;
  readonly replayed: Replayed;
}

interface Damaged {
  readonly playerId: string;
  /** What is left of the record. */
  readonly current: StoredRecord | null;
  readonly timeline: Timeline;
}

/** From the newest snapshot that leads anywhere. */
async function replay({ store }: RestoreParts, { playerId, current, timeline }: Damaged): Promise<Source> {
  const snapshots = await store.readSnapshots({ playerId, limit: MAX_TRIED_SNAPSHOTS });
  // Those of another incarnation are of another player of this name.
  const known = snapshots.find(({ record }) => record.incarnation === current?.incarnation) ?? snapshots[0];
  let failure: unknown = new MainspringError("PLAYER_NOT_FOUND", "No snapshot of this player is kept.");
  for (const snapshot of snapshots) {
    if (snapshot.record.incarnation !== known?.record.incarnation) continue;
    const player = { playerId, incarnation: snapshot.record.incarnation };
    try {
      const entries = await entriesAfter(store, player, snapshot.eventCount);
      const mark = await store.readMark(player);
      return { snapshot, replayed: await replayJournal({ snapshot, entries, mark, timeline }) };
    } catch (error) {
      if (!isMainspringError(error) || error.code !== "RECORD_CORRUPT") throw error;
      failure = error;
    }
  }
  throw failure;
}

async function entriesAfter(
  store: Store,
  player: PlayerIncarnation,
  eventCount: number,
): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const afterNumber = entries.at(-1)?.number ?? eventCount;
    const found = await store.readEvents({ ...player, afterNumber, limit: PAGE_EVENTS });
    entries.push(...found);
    if (found.length < PAGE_EVENTS) return entries;
  }
  throw new MainspringError("RECORD_CORRUPT", "The journal after the snapshot is longer than can be played.");
}

interface Restored extends Source, Damaged {}

async function commit(
  { store, clock }: RestoreParts,
  { playerId, current, snapshot, replayed, timeline }: Restored,
): Promise<Restoration> {
  const { incarnation } = snapshot.record;
  const { record, version: lastVersion, commits } = replayed;
  const isKnown = current !== null && current.incarnation === incarnation && current.version >= lastVersion;
  const version = isKnown ? current.version + 1 : lastVersion + RESTORED_VERSION_GAP;
  const missingCommits = isKnown ? current.version - lastVersion : null;
  const next = { playerId, incarnation, version, bytes: encodeRecord(record, timeline.catalogs) };
  const expected = current && { incarnation: current.incarnation, version: current.version };
  const [outcome] = await store.commit([{ expected, next, events: [] }], { urgency: "command" });
  if (outcome?.status !== "committed") {
    throw new MainspringError("VERSION_CONFLICT", "The player has changed meanwhile; look again.");
  }
  const { eventCount, settledAtMs } = record.state;
  await store.putSnapshots([{ record: next, eventCount, atMs: clock.nowMs() }]);
  const snapshotVersion = snapshot.record.version;
  return {
    incarnation,
    version,
    lastVersion,
    missingCommits,
    snapshotVersion,
    commits,
    eventCount,
    settledAtMs,
  };
}
