/**
 * How late everything runs on this machine: timers of this process, and answers of the others while nothing is the matter with them. What
 * is promised within a time can't be had sooner than the processor can be had.
 */
import type { RealWorld } from "./real-world.js";

/** Beside what is measured: rounding to whole milliseconds, and a hop or two. */
export const ALLOWANCE_MS = 50;

const LOOK_EVERY_MS = 10;
const ASK_EVERY_MS = 50;
/** What happened so long before may still be felt. */
const FELT_MS = 500;
const KEPT_MS = 30_000;

/** Who waits for Redis for 50 ms gives it up for a second; a machine that makes it wait for nearly so long has not been well for a while. */
const LATE_MS = 40;
const FELT_LONG_MS = 2_000;

export interface Lateness {
  /** Nothing was so late since, or for a while before, that Redis may have been given up for it. */
  wasWellSince(atMs: number): boolean;
  /** What to allow for whatever happened since. */
  sinceMs(atMs: number): number;
  /** Asks again and again, while nothing is the matter. */
  watch(isCalm: () => boolean, ask: () => Promise<unknown>): void;
  worstMs(): number;
  meanMs(): number;
  stop(): void;
}

export function createLateness(world: RealWorld): Lateness {
  const late: { readonly atMs: number; readonly byMs: number }[] = [];
  const underWay = new Map<number, () => boolean>();
  let isStopped = false;
  let worstMs = 0;
  let sumMs = 0;
  let count = 0;
  const note = (byMs: number): void => {
    const atMs = world.nowMs();
    worstMs = Math.max(worstMs, byMs);
    sumMs += byMs;
    count += 1;
    late.push({ atMs, byMs });
    while ((late[0]?.atMs ?? atMs) < atMs - KEPT_MS) late.shift();
  };
  const look = (): void => {
    const dueMs = world.nowMs() + LOOK_EVERY_MS;
    world.after(LOOK_EVERY_MS, () => {
      note(Math.max(0, world.nowMs() - dueMs));
      if (!isStopped) look();
    });
  };
  look();
  const once = async (isCalm: () => boolean, ask: () => Promise<unknown>): Promise<void> => {
    const askedAtMs = world.nowMs();
    underWay.set(askedAtMs, isCalm);
    const isAnswered = await ask().then(
      () => true,
      () => false,
    );
    underWay.delete(askedAtMs);
    if (isAnswered && isCalm()) note(world.nowMs() - askedAtMs);
  };
  const worstSince = (atMs: number): number => {
    const nowMs = world.nowMs();
    let mostMs = 0;
    for (let index = late.length - 1; index >= 0; index -= 1) {
      const sample = late[index];
      if (sample === undefined || sample.atMs < atMs) break;
      mostMs = Math.max(mostMs, sample.byMs);
    }
    for (const [askedAtMs, isCalm] of underWay) if (isCalm()) mostMs = Math.max(mostMs, nowMs - askedAtMs);
    return mostMs;
  };
  return {
    sinceMs: (atMs) => ALLOWANCE_MS + worstSince(atMs - FELT_MS),
    wasWellSince: (atMs) => worstSince(atMs - FELT_LONG_MS) < LATE_MS,
    watch(isCalm, ask) {
      const again = async (): Promise<void> => {
        if (isStopped) return;
        if (isCalm()) await once(isCalm, ask);
        world.after(ASK_EVERY_MS, () => void again());
      };
      void again();
    },
    worstMs: () => worstMs,
    meanMs: () => (count === 0 ? 0 : sumMs / count),
    stop() {
      isStopped = true;
    },
  };
}
