/**
 * Players whose last commit ended without an answer: it may still happen, some time later, and nobody will tell. Until it can't any more
 * they are doubted again and again.
 */
import type { Timers } from "../../ports.js";

/** A request may be on its way for so long. 30 s. */
export const UNSETTLED_MS = 30_000;

/** They are doubted so often. */
export const DOUBT_AGAIN_MS = 1_000;

/**
 * Of more players than that, those whose doubt is oldest are let go. Whatever happens to those still happens unheard, so everything is
 * distrusted in their place, as often and as long.
 */
export const MAX_UNSETTLED = 1_000;

/** Without others there is nobody to distrust, and doubts cost nothing: all that half a minute can bring. */
export const MAX_UNSETTLED_ALONE = 100_000;

export interface Unsettled {
  add(playerId: string): void;
  /** Nothing may still happen unheard. */
  isSettled(): boolean;
  stop(): void;
}

export interface UnsettledParts {
  readonly timers: Timers;
  readonly maxPlayers: number;
  readonly doubt: (playerId: string) => void;
  /** Told again and again, while something may happen to players that were let go. */
  readonly onOverflow: () => void;
}

export function createUnsettled({ timers, maxPlayers, doubt, onOverflow }: UnsettledParts): Unsettled {
  const untilMs = new Map<string, number>();
  /** Until when something may happen to those that were let go; `null`: nothing may. */
  let overflowUntilMs: number | null = null;
  let cancel: (() => void) | null = null;
  const again = (): void => {
    cancel = null;
    const nowMs = timers.nowMs();
    // Where everything is distrusted, nothing is left to doubt.
    const isOverflowing = overflowUntilMs !== null;
    if (isOverflowing) onOverflow();
    for (const [playerId, endsAtMs] of untilMs) {
      if (!isOverflowing) doubt(playerId);
      if (nowMs >= endsAtMs) untilMs.delete(playerId);
    }
    if (overflowUntilMs !== null && nowMs >= overflowUntilMs) overflowUntilMs = null;
    schedule();
  };
  const isSettled = (): boolean => untilMs.size === 0 && overflowUntilMs === null;
  const schedule = (): void => {
    if (cancel === null && !isSettled()) cancel = timers.after(DOUBT_AGAIN_MS, again);
  };
  return {
    add(playerId) {
      untilMs.delete(playerId);
      untilMs.set(playerId, timers.nowMs() + UNSETTLED_MS);
      if (untilMs.size > maxPlayers) {
        for (const oldest of untilMs.keys()) {
          untilMs.delete(oldest);
          break;
        }
        // The one that was let go began no later than now.
        overflowUntilMs = timers.nowMs() + UNSETTLED_MS;
        onOverflow();
      }
      schedule();
    },
    isSettled,
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
