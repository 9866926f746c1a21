/**
 * Notices that this process stood still: stopped, or frozen with its machine, as Lambda does between two requests. Then a
 * clock jumps. Which one depends on what was frozen, so it looks at both.
 */
import { FREEZE_JUMP_MS, TICK_MS } from "./pool-options.js";

export interface FreezeWatch {
  /** Whether the process stood still since the last look. It must be looked at each {@link TICK_MS} at least. */
  stoodStill(): boolean;
  /** Goes on after a time without looks. */
  restart(): void;
  count(): number;
}

export interface FreezeClocks {
  readonly timers: { nowMs(): number };
  readonly wallClock: { nowMs(): number };
}

export function createFreezeWatch({ timers, wallClock }: FreezeClocks): FreezeWatch {
  let seenAtMs = timers.nowMs();
  let seenAtWallMs = wallClock.nowMs();
  let count = 0;
  function jumpMs(): number {
    const [nowMs, wallMs] = [timers.nowMs(), wallClock.nowMs()];
    const jump = Math.max(nowMs - seenAtMs, wallMs - seenAtWallMs);
    seenAtMs = nowMs;
    seenAtWallMs = wallMs;
    return jump;
  }
  return {
    stoodStill() {
      const isFreeze = jumpMs() >= TICK_MS + FREEZE_JUMP_MS;
      if (isFreeze) count += 1;
      return isFreeze;
    },
    restart: () => void jumpMs(),
    count: () => count,
  };
}
