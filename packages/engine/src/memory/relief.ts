/** What is done at each level, what it gave up, and who is told of it. */
import type { GovernorStats, MemoryBudget, Relief, Telemetry, Timers } from "../ports.js";
import { createLevelNews, type Facts, type LevelChange, type LevelListener } from "./level-news.js";
import { createShedding, type Job, type Shed, shrinkTo, takenShare, trim } from "./shedding.js";

const NOTHING: Shed = { entries: 0, bytes: 0, expiredEntries: 0 };

export interface ReliefOptions {
  readonly budget: MemoryBudget;
  readonly floorShare: number;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
}

/** Why something has to go. */
export interface Need {
  /** So much must go until level 1 is left. */
  readonly excessBytes: number;
  /** For the note. */
  readonly facts: Facts;
}

export interface ReliefWork {
  /** Does what the new level asks for, and then tells everybody. */
  change(change: LevelChange, need: Need): void;
  /** Level 1 goes on, and a collection has shown that more has to go. */
  trimOn(excessBytes: number): void;
  /** Something was given up that no collection has shown yet. */
  isUnseen(): boolean;
  /** A full collection shows what is gone. */
  seen(): void;
  listen(listener: LevelListener): () => void;
  counts(): GovernorStats["relief"];
  /** The caches have their whole bound again. */
  stop(): void;
}

type ReliefCounts = { -readonly [K in keyof Relief]: Relief[K] };

type HighLevel = 1 | 2 | 3;

const HIGH_LEVELS: readonly HighLevel[] = [1, 2, 3];

export function createRelief({ budget, floorShare, timers, telemetry }: ReliefOptions): ReliefWork {
  const shedding = createShedding(budget, timers);
  const news = createLevelNews(telemetry, timers);
  const counts = { 1: noCounts(), 2: noCounts(), 3: noCounts() };
  let isUnseen = false;

  const tell = (change: LevelChange, facts: Facts, shed: Shed): void =>
    news.tell(change, {
      ...facts,
      droppedEntries: shed.entries,
      droppedExpiredEntries: shed.expiredEntries,
      droppedBytes: shed.bytes,
    });
  const shedAt = (level: HighLevel, job: Job, onEnd: (shed: Shed) => void = () => undefined): void => {
    shedding.begin(job, (shed) => {
      counts[level].entries += shed.entries;
      counts[level].bytes += shed.bytes;
      counts[level].expiredEntries += shed.expiredEntries;
      isUnseen ||= shed.entries > 0;
      onEnd(shed);
    });
  };
  const jobOf = (level: HighLevel, excessBytes: number): Job => {
    if (level === 1) return trim(budget, { excessBytes, floorShare });
    return shrinkTo(budget, level === 2 ? floorShare : 0);
  };
  return {
    change(change, { excessBytes, facts }) {
      const { level, before } = change;
      for (const high of HIGH_LEVELS) {
        if (high > before && high <= level) counts[high].entered += 1;
        if (high <= before && high > level) counts[high].left += 1;
      }
      if (level > before && level !== 0) {
        shedAt(level, jobOf(level, excessBytes), (shed) => tell(change, facts, shed));
        return;
      }
      shedding.end();
      // What level 2 took is given back when there is enough again, not while memory is still short.
      budget.limitTo(level === 0 ? 1 : floorShare);
      tell(change, facts, NOTHING);
    },
    trimOn(excessBytes) {
      if (shedding.isBusy() || excessBytes <= 0 || takenShare(budget) <= floorShare) return;
      shedAt(1, trim(budget, { excessBytes, floorShare }));
    },
    isUnseen: () => isUnseen,
    seen() {
      isUnseen = false;
    },
    listen: (listener) => news.listen(listener),
    counts: () => ({ 1: { ...counts[1] }, 2: { ...counts[2] }, 3: { ...counts[3] } }),
    stop() {
      // First: the level that caches are given up for holds no more.
      news.stop();
      shedding.end();
      budget.limitTo(1);
    },
  };
}

function noCounts(): ReliefCounts {
  return { entered: 0, left: 0, entries: 0, bytes: 0, expiredEntries: 0 };
}
