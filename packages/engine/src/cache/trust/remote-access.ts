/**
 * The way to the second tier. While it answers, everything goes through. Once it is silent for a moment, one request goes on
 * waiting and all others go on without it; when that one has waited its time, nobody asks any more until a probe finds it well.
 */
import { MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";
import type { BreakerState } from "../cache-stats.js";
import { createAsking } from "./asking.js";

export interface AccessOptions {
  readonly timers: Timers;
  /** A request waits at most so long. */
  readonly timeoutMs: number;
  /** Once given up, it is tried again no sooner than after so long. */
  readonly breakerIntervalMs: number;
  /** Told when it was given up. */
  readonly onGivenUp: () => void;
}

/** Of the time limit, after so much silence only one request goes on waiting. */
const PATIENCE_SHARE = 0.2;

/** So many may wait at once; who comes then goes on without an answer. */
export const MAX_ASKING = 10_000;

export interface RemoteAccess {
  /** Whether it is worth while to ask. */
  isUsable(): boolean;
  /** The answer, or `null` where there is none in time, or none at all. Never rejects. */
  ask<T>(work: () => Promise<T>): Promise<T | null>;
  /** For work that nobody waits for: its late answer counts as well. Rejects when it failed, or wasn't tried. */
  send<T>(work: () => Promise<T>): Promise<T>;
  /** How long until it is time to find out; 0: now, or it was not given up. */
  probeInMs(): number;
  /** Finds out, after it was given up, whether it is well again: it is once all the work is done. Rejects with the reason if not. */
  probe(work: () => Promise<void>): Promise<void>;
  state(): Exclude<BreakerState, "none">;
  openings(): number;
}

export function createRemoteAccess(options: AccessOptions): RemoteAccess {
  const { timers, timeoutMs, breakerIntervalMs, onGivenUp } = options;
  let state: Exclude<BreakerState, "none"> = "closed";
  let openings = 0;
  let givenUpAtMs = -Infinity;
  const giveUp = (): void => {
    if (state !== "closed") return;
    state = "open";
    givenUpAtMs = timers.nowMs();
    openings += 1;
    asking.releaseAll();
    onGivenUp();
  };
  const asking = createAsking({
    timers,
    timeoutMs,
    patienceMs: timeoutMs * PATIENCE_SHARE,
    onSilence: giveUp,
  });
  const isUsable = (): boolean => state === "closed" && !asking.isSuspect() && asking.size < MAX_ASKING;

  const ask: RemoteAccess["ask"] = async (work) => {
    if (!isUsable()) return null;
    let leave = (): void => undefined;
    const released = new Promise<null>((resolve) => {
      leave = asking.enter(() => resolve(null));
    });
    const answer = work().then(
      (value) => {
        asking.answered();
        return value;
      },
      () => {
        giveUp();
        return null;
      },
    );
    try {
      return await Promise.race([answer, released]);
    } finally {
      leave();
    }
  };

  return {
    isUsable,
    ask,
    async send(work) {
      if (state === "open") throw away();
      const answer = work();
      // Watched like the others, so that silence is noticed though nobody asks.
      void ask(async () => answer);
      return answer;
    },
    async probe(work) {
      state = "half-open";
      try {
        await work();
        state = "closed";
        asking.answered();
      } catch (error) {
        state = "open";
        givenUpAtMs = timers.nowMs();
        throw error;
      }
    },
    probeInMs: () => (state === "open" ? Math.max(0, givenUpAtMs + breakerIntervalMs - timers.nowMs()) : 0),
    state: () => state,
    openings: () => openings,
  };
}

function away(): MainspringError {
  return new MainspringError("STORE_UNAVAILABLE", "The second tier of the cache was given up for now.");
}
