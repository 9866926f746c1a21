/** Players in the store: loading and decoding, quarantine, the conditional commit with its doubtful outcomes, and snapshots. */
import { isMainspringError, MainspringError, type PlayerEvent, type Timeline } from "@mainspring/core";
import type {
  Clock,
  JournalEntry,
  Store,
  StoredRecord,
  StoreReadOptions,
  Telemetry,
  Urgency,
} from "../ports.js";
import { checkInvariants } from "../record/check-invariants.js";
import { decodeRecord } from "../record/decode-record.js";
import { encodeRecord } from "../record/encode-record.js";
import { type CommitStep, encodeMark } from "../record/commit-step.js";
import { encodeEvent, type EventMeta } from "../record/event-codec.js";
import type { PlayerRecord } from "../record/player-record.js";
import type { Background } from "./background.js";
import type { DecodedPlayers } from "./decoded-players.js";
import { isSnapshotDue, type SnapshotPlan } from "./snapshot-plan.js";

/** A player as loaded: the record, and what a commit has to expect. */
export interface LoadedPlayer {
  readonly playerId: string;
  readonly incarnation: number;
  /** 0: not stored yet. */
  readonly version: number;
  readonly record: PlayerRecord;
}

export interface PlayerCommit {
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

export interface PlayerRepository {
  /**
   * The player, or `null`. Whatever the consistency, never an older version than this process has seen lately.
   * @throws MainspringError `RECORD_CORRUPT` (and puts the record in quarantine), `UPGRADE_REQUIRED`, `PLAYER_ERASED`.
   */
  load(playerId: string, timeline: Timeline, options?: StoreReadOptions): Promise<LoadedPlayer | null>;
  /** Whether a player who has no record had one: a snapshot of it is kept. */
  wasThere(playerId: string): Promise<boolean>;
  /** The player as committed, or `null` if the stored version was another. */
  commit(commit: PlayerCommit): Promise<LoadedPlayer | null>;
  quarantinedCount(): number;
}

export interface RepositoryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly decoded: DecodedPlayers;
  readonly background: Background;
  readonly snapshots: SnapshotPlan;
}

export function createPlayerRepository(parts: RepositoryParts): PlayerRepository {
  const { store, decoded } = parts;
  let quarantined = 0;
  const readOne = async (playerId: string, options?: StoreReadOptions): Promise<StoredRecord | null> => {
    const found = (await store.read([playerId], options))[0] ?? null;
    if (options?.consistency !== "eventual") return found;
    // A player made a moment ago is no stranger.
    if (found !== null && !decoded.isNewer(playerId, found)) return found;
    return (await store.read([playerId]))[0] ?? null;
  };
  return {
    async load(playerId, timeline, options) {
      const stored = await readOne(playerId, options);
      if (stored === null) return null;
      const { incarnation, version } = stored;
      const known = decoded.get(stored);
      if (known !== null) return { playerId, incarnation, version, record: known };
      try {
        const record = decodeRecord(stored.bytes, timeline.catalogs);
        decoded.set(stored, record);
        return { playerId, incarnation, version, record };
      } catch (error) {
        if (isMainspringError(error) && error.code === "RECORD_CORRUPT") {
          quarantined += 1;
          await putAside(parts, stored, error.message);
        }
        throw error;
      }
    },
    wasThere: async (playerId) => (await store.readSnapshots({ playerId, limit: 1 })).length > 0,
    async commit(commit) {
      const { loaded, record, timeline } = commit;
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
        const [outcome] = await store.commit([write], { urgency: commit.urgency });
        isCommitted = outcome?.status === "committed";
      } catch (failure) {
        const now = await readOne(playerId).catch(() => {
          throw failure;
        });
        isCommitted = didHappen(commit, { next, now, failure });
      }
      if (!isCommitted) return null;
      decoded.set(next, record);
      keepSnapshot(parts, loaded, { next, record });
      return { playerId, incarnation, version: next.version, record };
    },
    quarantinedCount: () => quarantined,
  };
}

/** What only a bug could break must not get into the store: there it would be damage. */
function assertSound(record: PlayerRecord, timeline: Timeline): void {
  const broken = checkInvariants(record, timeline.catalogs);
  if (broken !== null) throw new MainspringError("INTERNAL", `A state that must not be stored: ${broken}.`);
}

async function putAside(
  { store, clock, telemetry }: RepositoryParts,
  stored: StoredRecord,
  reason: string,
): Promise<void> {
  const { playerId, incarnation, version } = stored;
  telemetry.note("error", "A damaged record was put in quarantine.", {
    playerId,
    incarnation,
    version,
    reason,
  });
  await store.quarantine(stored, reason, clock.nowMs());
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
