/** Timers that stand still until a test moves them. */
import type { Timers } from "../../src/ports.js";

export interface ManualTimers extends Timers {
  /** Moves on, stopping at each timer on the way. */
  advance(byMs: number): void;
  /** Moves on at once, as after a freeze: what was due on the way rings afterwards. */
  jump(byMs: number): void;
}

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

export function createManualTimers(): ManualTimers {
  let nowMs = 1_000;
  const dues = new Set<Due>();
  function ringUntil(untilMs: number): void {
    for (;;) {
      const [next] = [...dues].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) return;
      dues.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.run();
    }
  }
  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const due = { atMs: nowMs + delayMs, run };
      dues.add(due);
      return () => void dues.delete(due);
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      ringUntil(untilMs);
      nowMs = Math.max(nowMs, untilMs);
    },
    jump(byMs) {
      nowMs += byMs;
      ringUntil(nowMs);
    },
  };
}
