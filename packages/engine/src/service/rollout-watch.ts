/**
 * Watches requests while a layer is on for some players and off for others: how long they take, whether they fail through our fault, and,
 * for a sample of them, whether the plain path gives the same answer. At all other times it costs one comparison.
 */
import { isDeepStrictEqual } from "node:util";
import { ERROR_TABLE, type ErrorCode, isMainspringError } from "@mainspring/core";
import { isOlder } from "../cache/stamp.js";
import type { PlayerView } from "../engine.js";
import type { Flags, Stamp, Store, Timers } from "../ports.js";
import { decodeRecord } from "../record/decode-record.js";
import type { CatalogRegistry } from "./catalog-registry.js";
import { settleInSlices } from "./settle-in-slices.js";

/** Answers that are checked in a second: so many of players whom a change reached, and as many of others. */
const CHECKS_PER_SECOND = 5;

const SECOND_MS = 1_000;

/** Checks under way, those that wait to look again included. */
const MAX_CHECKS = 100;

/** A cache shows what is older than the store has it for no longer than its bound; so long after that everybody has to show it. */
const AFTER_BOUND_MS = 3_000;

/** Answers may be as of so long ago: interval checkpoints keep a distance. */
const DISTANCE_MS = 1_000;

/** Where no layer is at fault: it was asked at the wrong time, or for a player whose record is damaged or full, who stays in one arm and asks on. */
const NO_FAULT: ReadonlySet<ErrorCode> = new Set([
  "SHUTTING_DOWN",
  "NOT_READY",
  "RATE_LIMITED",
  "NO_CATALOG",
  "RECORD_CORRUPT",
  "RECORD_TOO_LARGE",
]);

export interface RolloutWatch {
  /** Does the work of a request of a player, and notes how it ended. */
  run<T>(playerId: string, work: () => Promise<T>): Promise<T>;
  /** The same for what doesn't wait. `null`: it has shown nothing. */
  look(playerId: string, work: () => PlayerView | null): PlayerView | null;
  /** What a player was shown: perhaps it is checked. */
  shown(view: PlayerView): void;
}

export interface RolloutWatchParts {
  readonly flags: Flags | null;
  /** Without any layer over it. */
  readonly plainStore: Pick<Store, "read">;
  readonly catalogs: CatalogRegistry;
  readonly timers: Timers;
  /** The bound of the cache: so old may be what it shows. */
  readonly showsOldForMs: number;
  /** Through the layers. */
  readonly read: (playerId: string) => Promise<Stamp>;
}

export function createRolloutWatch(parts: RolloutWatchParts): RolloutWatch {
  const { flags } = parts;
  if (flags === null) {
    return {
      run: async (_playerId, work) => work(),
      look: (_playerId, work) => work(),
      shown: () => undefined,
    };
  }
  const check = createAnswerChecks({ ...parts, flags });
  const note = (playerId: string, startedAtMs: number, isError: boolean): void =>
    flags.note(playerId, { elapsedMs: performance.now() - startedAtMs, isError });
  return {
    async run(playerId, work) {
      if (!flags.isMeasuring()) return work();
      const startedAtMs = performance.now();
      try {
        const done = await work();
        note(playerId, startedAtMs, false);
        return done;
      } catch (error) {
        note(playerId, startedAtMs, isOurs(error));
        throw error;
      }
    },
    look(playerId, work) {
      if (!flags.isMeasuring()) return work();
      const startedAtMs = performance.now();
      const view = work();
      if (view === null) return null;
      note(playerId, startedAtMs, false);
      check(view);
      return view;
    },
    shown(view) {
      if (flags.isMeasuring()) check(view);
    },
  };
}

/** Whether an error says something of the service, and not of the request or of the player. */
function isOurs(error: unknown): boolean {
  if (!isMainspringError(error)) return true;
  return ERROR_TABLE[error.code].category === "service" && !NO_FAULT.has(error.code);
}

type CheckParts = RolloutWatchParts & { readonly flags: Flags };

function createAnswerChecks(parts: CheckParts): (view: PlayerView) => void {
  const { flags, timers } = parts;
  const left = { reached: 0, others: 0 };
  let second = -1;
  let checkCount = 0;

  const mayCheck = (playerId: string): boolean => {
    const present = Math.floor(timers.nowMs() / SECOND_MS);
    if (present !== second) Object.assign(left, { reached: CHECKS_PER_SECOND, others: CHECKS_PER_SECOND });
    second = present;
    const whose = flags.isReached(playerId) ? "reached" : "others";
    if (left[whose] === 0 || checkCount >= MAX_CHECKS) return false;
    left[whose] -= 1;
    return true;
  };

  const checkOne = async (view: PlayerView): Promise<void> => {
    const givenAtMs = timers.nowMs();
    // A check that can't be made says nothing.
    const right = await isRight(parts, view).catch(() => true);
    if (!right) flags.noteWrong(view.playerId, timers.nowMs() - givenAtMs);
  };

  return (view) => {
    if (!mayCheck(view.playerId)) return;
    checkCount += 1;
    void checkOne(view).finally(() => {
      checkCount -= 1;
    });
  };
}

/** Whether the plain path shows the same. */
async function isRight(parts: CheckParts, view: PlayerView): Promise<boolean> {
  const { plainStore, catalogs, timers, showsOldForMs, read } = parts;
  const { playerId } = view;
  const [stored = null] = await plainStore.read([playerId], { consistency: "strong" });
  // What was shown is saved, or comes of what is saved.
  if (stored === null || isOlder(stored, view)) return false;
  if (isOlder(view, stored)) {
    // It has changed since, or a cache was within its bounds: by and by the change has to be shown.
    await new Promise<void>((resolve) => {
      timers.after(showsOldForMs + AFTER_BOUND_MS, resolve);
    });
    return !isOlder(await read(playerId), stored);
  }
  const timeline = await catalogs.timelineFor(view.nowMs);
  const { state } = decodeRecord(stored.bytes, timeline.catalogs);
  const asOfMs = Math.max(view.state.settledAtMs, view.nowMs - DISTANCE_MS);
  const { seed: _, ...plain } = await settleInSlices(state, timeline, asOfMs, () => undefined);
  return isDeepStrictEqual(plain, view.state);
}
