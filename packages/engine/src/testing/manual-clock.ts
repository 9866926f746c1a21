/** A clock that stands still until a test moves it, and a way to wait on it: no test sleeps for real. */
import type { Clock, Timers } from "../ports.js";

/** One move of the clock wakes no more than this. */
const MAX_WOKEN = 1_000_000;

export interface ManualClock extends Clock, Timers {
  /** Moves the clock on, or back with a negative number. Whoever waited until then goes on. */
  advance(byMs: number): void;
  /** Moves the clock to an instant (ms since 1970). */
  set(nowMs: number): void;
  /** Resolves when the clock was moved on by that much. */
  readonly wait: (byMs: number) => Promise<void>;
}

/**
 * @param startMs where the clock stands at first; default: 2026-01-01T00:00Z
 *
 * @example
 * ```ts
 * import { createManualClock } from "@mainspring/engine/testing";
 *
 * const clock = createManualClock();
 * clock.advance(6_000);
 * ```
 */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  const waiting = new Set<Waiter>();
  const set = (toMs: number) => {
    for (let woken = 0; woken <= MAX_WOKEN; woken += 1) {
      const next = earliest(waiting);
      if (next === null || next.untilMs > toMs) {
        nowMs = toMs;
        return;
      }
      waiting.delete(next);
      nowMs = Math.max(nowMs, next.untilMs);
      next.resume();
    }
    throw new Error(
      `More than ${MAX_WOKEN} timers were due: does one of them start itself again without delay?`,
    );
  };
  const after = (delayMs: number, run: () => void): (() => void) => {
    const waiter = { untilMs: nowMs + Math.max(0, delayMs), resume: run };
    waiting.add(waiter);
    return () => {
      waiting.delete(waiter);
    };
  };
  return {
    nowMs: () => nowMs,
    after,
    advance: (byMs) => set(nowMs + byMs),
    set,
    wait: async (byMs) => {
      if (byMs <= 0) return;
      await new Promise<void>((resume) => {
        after(byMs, resume);
      });
    },
  };
}

interface Waiter {
  readonly untilMs: number;
  readonly resume: () => void;
}

/** The one to be woken first; of those with one instant, who came first. */
function earliest(waiting: ReadonlySet<Waiter>): Waiter | null {
  let first: Waiter | null = null;
  for (const waiter of waiting) {
    if (first === null || waiter.untilMs < first.untilMs) first = waiter;
  }
  return first;
}
