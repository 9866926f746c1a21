/** Commits, and what the cache makes of how they end. */
import { isMainspringError } from "@mainspring/core";
import type {
  CommitOptions,
  IsOn,
  RecordWrite,
  Stamp,
  Store,
  StoredRecord,
  Timers,
  WriteOutcome,
} from "../../ports.js";
import type { Subjects } from "../local/subjects.js";
import { NO_STAMP } from "../stamp.js";
import type { TierPair } from "../tier-pair.js";
import type { Membership } from "../trust/membership.js";
import { stampOf } from "./record-codec.js";
import { createUnsettled, MAX_UNSETTLED, MAX_UNSETTLED_ALONE } from "./unsettled.js";

export interface CachedCommitsParts {
  readonly store: Store;
  readonly tiers: TierPair<StoredRecord>;
  readonly subjects: Subjects;
  readonly membership: Membership | null;
  readonly timers: Timers;
  /** Whose records are kept; `null`: everybody's. */
  readonly isOn: IsOn | null;
}

export interface CachedCommits {
  commit(writes: readonly RecordWrite[], options?: CommitOptions): Promise<readonly WriteOutcome[]>;
  /** Whether the outcome of every commit is known. */
  isSettled(): boolean;
  /** Resolves when no commit is under way, and what is to be told of those that were is with whoever tells it. */
  finish(): Promise<void>;
  stop(): void;
}

/** A write, and whether its record is kept: then the bytes are a copy. */
interface Given extends RecordWrite {
  readonly isKept: boolean;
}

/** Where a commit ends so, nothing of it was or will be written. */
const NOTHING_WRITTEN: ReadonlySet<string> = new Set(["INVALID_REQUEST", "RECORD_TOO_LARGE", "OVERLOADED"]);

export function createCachedCommits(parts: CachedCommitsParts): CachedCommits {
  const { store, tiers, subjects, membership, timers, isOn } = parts;
  const underWay = new Set<Promise<unknown>>();
  const doubt = (playerId: string, upTo: Stamp | null): void => {
    subjects.doubt(playerId);
    void membership?.outbox.drop({ subject: { group: subjects.group, key: playerId }, upTo, floor: null });
  };
  const unsettled = createUnsettled({
    timers,
    maxPlayers: membership === null ? MAX_UNSETTLED_ALONE : MAX_UNSETTLED,
    doubt: (playerId) => doubt(playerId, null),
    onOverflow: () => membership?.outbox.giveUp(),
  });

  const settle = (
    { next, expected, isKept }: Given,
    outcome: WriteOutcome | undefined,
    startedAtMs: number,
  ): void => {
    const stamp = stampOf(next);
    if (outcome?.status !== "committed") {
      // Somebody has changed it, and perhaps wasn't heard yet.
      doubt(next.playerId, expected ?? NO_STAMP);
    } else if (isKept) {
      void tiers.keepWritten(next.playerId, { stamp, value: next, startedAtMs });
    } else {
      // The others may keep the player, and this process has done or may do so: it is heard there like every other.
      void tiers.tellWritten(next.playerId, stamp);
    }
  };

  const givenOf = (write: RecordWrite): Given => {
    const { next } = write;
    const isKept = isOn === null || isOn(next.playerId);
    // From the moment of the call on, the caller may do with its bytes what it likes.
    return { ...write, isKept, next: isKept ? copyOf(next) : next };
  };

  const fail = (writes: readonly RecordWrite[], error: unknown): void => {
    if (isMainspringError(error) && NOTHING_WRITTEN.has(error.code)) return;
    // It may have happened all the same, or may still happen.
    for (const { next } of writes) {
      doubt(next.playerId, null);
      unsettled.add(next.playerId);
    }
  };

  const commit: CachedCommits["commit"] = async (given, options) => {
    const startedAtMs = timers.nowMs();
    const writes = given.map(givenOf);
    try {
      const outcomes = await store.commit(given, options);
      writes.forEach((write, index) => settle(write, outcomes[index], startedAtMs));
      return outcomes;
    } catch (error) {
      fail(writes, error);
      throw error;
    }
  };

  return {
    async commit(writes, options) {
      const committing = commit(writes, options);
      underWay.add(committing);
      try {
        return await committing;
      } finally {
        underWay.delete(committing);
      }
    },
    isSettled: () => unsettled.isSettled(),
    async finish() {
      await Promise.allSettled(underWay);
    },
    stop: () => unsettled.stop(),
  };
}

function copyOf(record: StoredRecord): StoredRecord {
  return { ...record, bytes: new Uint8Array(record.bytes) };
}
