/** Players in the store: how they are loaded, the conditional commit with its doubtful outcomes, and snapshots. */
import { MainspringError, type PlayerEvent, type Timeline } from "@mainspring/core";
import type { JournalEntry, Store, StoredRecord, Traced, Urgency } from "../ports.js";
import { checkInvariants } from "../record/check-invariants.js";
import { encodeRecord } from "../record/encode-record.js";
import { type CommitStep, encodeMark } from "../record/commit-step.js";
import { encodeEvent, type EventMeta } from "../record/event-codec.js";
import type { PlayerRecord } from "../record/player-record.js";
import type { Background } from "./background.js";
import { createPlayerLoads, type LoadedPlayer, type LoadParts, type PlayerLoads } from "./player-loads.js";
import { isSnapshotDue, type SnapshotPlan } from "./snapshot-plan.js";

export interface PlayerCommit extends Traced {
  readonly loaded: LoadedPlayer;
  readonly record: PlayerRecord;
  readonly events: readonly PlayerEvent[];
  /** Of the command's event. */
  readonly meta?: EventMeta;
  /** What plays it again. */
  readonly step: Omit<CommitStep, "version">;
  readonly timeline: Timeline;
  readonly urgency: Urgency;
}

export interface PlayerRepository extends PlayerLoads {
  /** The player as committed, or `null` if the stored version was another. */
  commit(commit: PlayerCommit): Promise<LoadedPlayer | null>;
}

export interface RepositoryParts extends LoadParts {
  readonly background: Background;
  readonly snapshots: SnapshotPlan;
}

export function createPlayerRepository(parts: RepositoryParts): PlayerRepository {
  const { store, decoded } = parts;
  return {
    ...createPlayerLoads(parts),
    async commit(commit) {
      const { loaded, record, timeline, urgency, trace } = commit;
      const { playerId, incarnation } = loaded;
      assertSound(record, timeline);
      const next: StoredRecord = {
        playerId,
        incarnation,
        version: loaded.version + 1,
        bytes: encodeRecord(record, timeline.catalogs),
      };
      const expected = loaded.version === 0 ? null : { incarnation, version: loaded.version };
      let isCommitted: boolean;
      try {
        const write = { expected, next, ...historyOf(commit, next.version) };
        const [outcome] = await store.commit([write], { urgency, ...(trace !== undefined && { trace }) });
        isCommitted = outcome?.status === "committed";
      } catch (failure) {
        const now = await readBack(store, playerId).catch(() => {
          throw failure;
        });
        isCommitted = didHappen(commit, { next, now, failure });
      }
      if (!isCommitted) return null;
      decoded.set(next, record);
      keepSnapshot(parts, loaded, { next, record });
      return { playerId, incarnation, version: next.version, record };
    },
  };
}

/** What only a bug could break must not get into the store: there it would be damage. */
function assertSound(record: PlayerRecord, timeline: Timeline): void {
  const broken = checkInvariants(record, timeline.catalogs);
  if (broken !== null) throw new MainspringError("INTERNAL", `A state that must not be stored: ${broken}.`);
}

async function readBack(store: Store, playerId: string): Promise<StoredRecord | null> {
  return (await store.read([playerId], { consistency: "strong" }))[0] ?? null;
}

/**
 * After a commit that failed without an answer: did it happen? What is stored now tells, never a guess.
 * @throws the failure if it did not, or if nobody can tell any more.
 */
function didHappen(
  { loaded }: PlayerCommit,
  { next, now, failure }: { next: StoredRecord; now: StoredRecord | null; failure: unknown },
): boolean {
  const isSamePlayer = now !== null && now.incarnation === next.incarnation;
  if (isSamePlayer && now.version === next.version && sameBytes(now.bytes, next.bytes)) return true;
  const isAsBefore = now === null ? loaded.version === 0 : isSamePlayer && now.version === loaded.version;
  if (isAsBefore) throw failure;
  throw new MainspringError(
    "STORE_UNAVAILABLE",
    "The store did not answer, and the player has changed since; read again, or repeat with the same key.",
    {},
    { cause: failure },
  );
}

/** A commit with events carries in the last of them what plays it again; one without, as its mark. */
function historyOf(
  { events, meta, step }: PlayerCommit,
  version: number,
): { readonly events: readonly JournalEntry[]; readonly mark?: Uint8Array } {
  const whole: CommitStep = { ...step, version };
  if (events.length === 0) return { events: [], mark: encodeMark(whole) };
  const last = events.length - 1;
  return {
    events: events.map((event, index) => ({
      number: event.number,
      bytes: encodeEvent(event, { meta, step: index === last ? whole : undefined }),
    })),
  };
}

/** Nobody waits for it: until it is there, the one before and the journal do. */
function keepSnapshot(
  { store, clock, background, snapshots }: RepositoryParts,
  before: LoadedPlayer,
  { next, record }: { readonly next: StoredRecord; readonly record: PlayerRecord },
): void {
  const times = { beforeMs: lastMs(before.record), afterMs: lastMs(record) };
  if (!isSnapshotDue(snapshots, { version: next.version, ...times })) return;
  const { eventCount } = record.state;
  background.run("snapshot", () => store.putSnapshots([{ record: next, eventCount, atMs: clock.nowMs() }]));
}

/** A queue at rest has no boundaries, but its player may come by. */
function lastMs({ state }: PlayerRecord): number {
  return Math.max(state.settledAtMs, state.lastSeenMs);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
