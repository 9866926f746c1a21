/**
 * Players whose last commit ended without an answer: it may still happen, some time later, and nobody will tell. Until it can't any more
 * they are doubted again and again.
 */
import type { Timers } from "../../ports.js";

/** A request may be on its way for so long. 30 s. */
export const UNSETTLED_MS = 30_000;

/** They are doubted so often. */
export const DOUBT_AGAIN_MS = 1_000;

/** Of more players than that, those whose doubt is oldest are let go, and everything from before is distrusted. */
export const MAX_UNSETTLED = 1_000;

export interface Unsettled {
  add(playerId: string): void;
  readonly size: number;
  stop(): void;
}

export interface UnsettledParts {
  readonly timers: Timers;
  readonly doubt: (playerId: string) => void;
  readonly onOverflow: () => void;
}

export function createUnsettled({ timers, doubt, onOverflow }: UnsettledParts): Unsettled {
  const untilMs = new Map<string, number>();
  let cancel: (() => void) | null = null;
  const again = (): void => {
    cancel = null;
    const nowMs = timers.nowMs();
    for (const [playerId, endsAtMs] of untilMs) {
      doubt(playerId);
      if (nowMs >= endsAtMs) untilMs.delete(playerId);
    }
    schedule();
  };
  const schedule = (): void => {
    if (cancel === null && untilMs.size > 0) cancel = timers.after(DOUBT_AGAIN_MS, again);
  };
  return {
    add(playerId) {
      untilMs.delete(playerId);
      untilMs.set(playerId, timers.nowMs() + UNSETTLED_MS);
      if (untilMs.size > MAX_UNSETTLED) {
        for (const oldest of untilMs.keys()) {
          untilMs.delete(oldest);
          break;
        }
        onOverflow();
      }
      schedule();
    },
    get size() {
      return untilMs.size;
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
