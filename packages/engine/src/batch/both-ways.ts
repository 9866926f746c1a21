/** A store behind a batcher that is on for some players: calls of theirs travel together, those of others go straight to the store. */
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { CommitOptions, IsOn, RecordWrite, Store, WriteOutcome } from "../ports.js";
import { splitByArm } from "../split-by-arm.js";
import { createOwnWays } from "./own-ways.js";

type Calls = Pick<Store, "read" | "commit" | "putSnapshots">;

export interface BothWays extends Calls {
  /** Writes that went straight to the store and are under way. */
  straightWrites(): number;
  /** Resolves when all that went straight to the store before has ended. */
  straightDone(): Promise<void>;
}

export interface BothWaysParts {
  readonly store: Calls;
  readonly batches: Calls;
  readonly isOn: IsOn;
  /** @throws MainspringError `STORE_UNAVAILABLE` once it is closed */
  readonly assertOpen: () => void;
}

/** Where a commit ends so, nothing of it was or will be written. */
const NOTHING_WRITTEN: ReadonlySet<string> = new Set(["INVALID_REQUEST", "RECORD_TOO_LARGE", "OVERLOADED"]);

export function createBothWays({ store, batches, isOn, assertOpen }: BothWaysParts): BothWays {
  const ways = createOwnWays(isOn);
  const straight = new Set<Promise<unknown>>();
  let straightWrites = 0;
  const watch = async <T>(calling: Promise<T>): Promise<T> => {
    straight.add(calling);
    try {
      return await calling;
    } finally {
      straight.delete(calling);
    }
  };
  const commitStraight = async (
    writes: readonly RecordWrite[],
    options: CommitOptions | undefined,
  ): Promise<readonly WriteOutcome[]> => {
    straightWrites += writes.length;
    try {
      return await watch(store.commit(writes, options));
    } finally {
      straightWrites -= writes.length;
    }
  };
  return {
    async read(playerIds, options) {
      assertOpen();
      return splitByArm(playerIds, isOn, {
        on: async (ids) => batches.read(ids, options),
        off: async (ids) => watch(store.read(ids, options)),
      });
    },
    async commit(writes, options) {
      assertOpen();
      try {
        return await splitByArm(writes, ({ next }) => ways.enter(next.playerId), {
          on: async (given) => batches.commit(given, options),
          off: async (given) => commitStraight(given, options),
          failureOfHalf,
        });
      } finally {
        for (const { next } of writes) ways.leave(next.playerId);
      }
    },
    async putSnapshots(snapshots) {
      assertOpen();
      const done = async (kept: Promise<void>, count: number): Promise<readonly null[]> => {
        await kept;
        return Array.from({ length: count }, () => null);
      };
      await splitByArm(snapshots, ({ record }) => isOn(record.playerId), {
        on: async (given) => done(batches.putSnapshots(given), given.length),
        off: async (given) => done(watch(store.putSnapshots(given)), given.length),
      });
    },
    straightWrites: () => straightWrites,
    async straightDone() {
      await Promise.allSettled(straight);
    },
  };
}

/** A refusal says that nothing of the whole call was written, and half of it may be. */
function failureOfHalf(cause: unknown): unknown {
  if (!isMainspringError(cause) || !NOTHING_WRITTEN.has(cause.code)) return cause;
  const message = "A part of the writes was refused, and the others may have happened; read again.";
  return new MainspringError("STORE_UNAVAILABLE", message, {}, { cause });
}
