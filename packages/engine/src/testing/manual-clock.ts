/** A clock that stands still until a test moves it, and a way to wait on it: no test sleeps for real. */
import type { Clock } from "../ports.js";

export interface ManualClock extends Clock {
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
  let waiting: readonly { readonly untilMs: number; readonly resume: () => void }[] = [];
  const set = (toMs: number) => {
    nowMs = toMs;
    const due = waiting.filter(({ untilMs }) => untilMs <= nowMs);
    waiting = waiting.filter(({ untilMs }) => untilMs > nowMs);
    for (const { resume } of [...due].sort((one, other) => one.untilMs - other.untilMs)) resume();
  };
  return {
    nowMs: () => nowMs,
    advance: (byMs) => set(nowMs + byMs),
    set,
    wait: async (byMs) => {
      if (byMs <= 0) return;
      await new Promise<void>((resume) => {
        waiting = [...waiting, { untilMs: nowMs + byMs, resume }];
      });
    },
  };
}
