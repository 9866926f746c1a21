/** Which level holds, by what is known, and that what it asks for is done. */
import type { MemoryBudget, MemoryLevel, MemoryYardstick } from "../ports.js";
import type { GovernorSettings } from "./governor-options.js";
import type { Facts } from "./level-news.js";
import { createLevels } from "./levels.js";
import { type LiveKnowledge, usedBytesOf } from "./live-knowledge.js";
import type { MemoryReading } from "./memory-meter.js";
import type { ReliefWork } from "./relief.js";
import { holdingsOf } from "./shedding.js";

export interface RulingParts {
  readonly budget: MemoryBudget;
  readonly settings: GovernorSettings;
  readonly live: LiveKnowledge;
  readonly relief: ReliefWork;
}

export interface Ruling {
  level(): MemoryLevel;
  /** What calls for it; `null` at level 0. */
  by(): MemoryYardstick | null;
  /** @param isFresh a full collection has just shown what is live */
  judge(reading: MemoryReading, isFresh: boolean): void;
  /** The level is 0, and all that was known is forgotten. */
  reset(reading: MemoryReading): void;
  /** The level is 0 from then on. */
  stop(): void;
}

export function createRuling({ budget, settings, live, relief }: RulingParts): Ruling {
  const { thresholdBytes, levelShares, limitShares, hysteresis } = settings;
  const shares = { live: levelShares, resident: limitShares, heap: limitShares };
  let levels = createLevels({ shares, hysteresis });
  let level: MemoryLevel = 0;
  let by: MemoryYardstick = "live";

  const factsOf = (reading: MemoryReading, liveBytes: number | null): Facts => ({
    by,
    ...(liveBytes !== null && { liveBytes }),
    usedBytes: usedBytesOf(reading),
    thresholdBytes,
    residentBytes: reading.anonymousBytes,
    residentLimitBytes: reading.residentLimitBytes,
    cacheBytes: holdingsOf(budget).bytes,
  });
  return {
    level: () => level,
    by: () => (level === 0 ? null : by),
    judge(reading, isFresh) {
      const before = level;
      const liveBytes = live.liveBytes(reading);
      const judgement = levels.judge({
        live: { usedBytes: liveBytes ?? 0, limitBytes: thresholdBytes, givableBytes: live.givableBytes() },
        resident: { usedBytes: reading.anonymousBytes, limitBytes: reading.residentLimitBytes },
        heap: live.heap(reading),
      });
      const { excessBytes } = judgement;
      level = judgement.level;
      by = judgement.by;
      if (level !== before) {
        const facts = factsOf(reading, liveBytes);
        relief.change({ level, before }, { excessBytes, facts });
      } else if (level === 1 && isFresh) {
        // What went before is seen now: what is still over is over for certain.
        relief.trimOn(excessBytes);
      }
    },
    reset(reading) {
      const before = level;
      const liveBytes = live.liveBytes(reading);
      live.forget();
      levels = createLevels({ shares, hysteresis });
      level = 0;
      if (before > 0)
        relief.change({ level, before }, { excessBytes: 0, facts: factsOf(reading, liveBytes) });
    },
    stop() {
      level = 0;
      relief.stop();
    },
  };
}
