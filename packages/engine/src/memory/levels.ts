/**
 * How short memory is, by three yardsticks: what is live against the threshold, anonymous resident memory against what the process may
 * have, the heap against V8's own limit. Each has its level; the highest counts. Requests are refused only where the caches can't give up
 * enough: levels 2 and 3 go by what would be left.
 */
import type { MemoryLevel, MemoryYardstick } from "../ports.js";

/** From which share on each level is entered. */
export type LevelShares = readonly [number, number, number];

/** Of what a yardstick has to give: how much is taken. */
export interface Measure {
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Of it: what the caches give up at level 1, down to their floor, if need be. Default: 0, nothing is known of it */
  readonly givableBytes?: number;
}

export interface LevelsOptions {
  readonly shares: Readonly<Record<MemoryYardstick, LevelShares>>;
  /** A level is left so much below where it is entered. */
  readonly hysteresis: number;
}

export interface Judgement {
  readonly level: MemoryLevel;
  /** What calls for it most. */
  readonly by: MemoryYardstick;
  /** So much must go until level 1 is left. */
  readonly excessBytes: number;
}

export interface Levels {
  /** Up by as many levels as it takes, down one at a time. */
  judge(measures: Readonly<Record<MemoryYardstick, Measure>>): Judgement;
}

const YARDSTICKS = ["live", "resident", "heap"] as const;

export function createLevels({ shares, hysteresis }: LevelsOptions): Levels {
  const levels: Record<MemoryYardstick, MemoryLevel> = { live: 0, resident: 0, heap: 0 };
  return {
    judge(measures) {
      let by: MemoryYardstick = "live";
      let excessBytes = 0;
      for (const yardstick of YARDSTICKS) {
        const measure = measures[yardstick];
        levels[yardstick] = nextLevel(levels[yardstick], sharesOf(measure), {
          shares: shares[yardstick],
          hysteresis,
        });
        if (levels[yardstick] > levels[by]) by = yardstick;
        if (levels[yardstick] === 0) continue;
        const leaveBytes = (shares[yardstick][0] - hysteresis) * measure.limitBytes;
        excessBytes = Math.max(excessBytes, measure.usedBytes - leaveBytes);
      }
      return { level: levels[by], by, excessBytes };
    },
  };
}

/** What each level goes by. */
function sharesOf({ usedBytes, limitBytes, givableBytes = 0 }: Measure): LevelShares {
  const leftShare = (usedBytes - givableBytes) / limitBytes;
  return [usedBytes / limitBytes, leftShare, leftShare];
}

function nextLevel(
  level: MemoryLevel,
  taken: LevelShares,
  { shares, hysteresis }: { readonly shares: LevelShares; readonly hysteresis: number },
): MemoryLevel {
  const entered = shares.filter((enterShare, at) => (taken[at] ?? 0) >= enterShare).length as MemoryLevel;
  if (entered >= level || level === 0) return entered;
  const leaveShare = (shares[level - 1] ?? 0) - hysteresis;
  return (taken[level - 1] ?? 0) < leaveShare ? ((level - 1) as MemoryLevel) : level;
}
