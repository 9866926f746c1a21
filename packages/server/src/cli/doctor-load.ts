/** What the numbers of a running server say of its memory, and of requests that it had to refuse. */
import type { GovernorStats, MemoryYardstick, PerformanceStats } from "@mainspring/engine";
import { THRESHOLDS } from "../thresholds.js";
import type { Finding } from "./finding.js";

const MIB = 1_048_576;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

/** Refusals for load that are worth a word: one request in so many. */
const REQUESTS_PER_REFUSAL = 100;

/** What is refused at each level of memory, and at each step of load. */
const GOES_FIRST = [
  "",
  "the least valuable of the caches goes",
  "caches are at their floor, statistics are refused",
  "caches are empty, only commands are served",
] as const;

const REFUSED = [
  "",
  "statistics are refused",
  "reads are refused as well",
  "even commands are refused",
] as const;

type LoadNumbers = Pick<PerformanceStats, "memoryStats" | "overloadStats">;

/** Nothing where neither a governor nor a limit is on. */
export function loadFindings(stats: LoadNumbers): Finding[] {
  return [...memoryFindings(stats), ...growthFindings(stats), ...overloadFindings(stats)];
}

function memoryFindings({ memoryStats: { governor } }: LoadNumbers): Finding[] {
  if (governor === null || governor.level < THRESHOLDS.MainspringMemoryShort) return [];
  const { level } = governor;
  const { taken, remedy } = SHORT_OF[governor.by ?? "live"](governor);
  return [
    {
      state: level >= THRESHOLDS.MainspringMemoryEmergency ? "fail" : "warn",
      what: `Memory is short (level ${level}: ${GOES_FIRST[level]}): ${taken}.`,
      remedy,
    },
  ];
}

interface Shortage {
  readonly taken: string;
  readonly remedy: string;
}

/** By what calls for the level: a threshold that is raised doesn't help a container that is full. */
const SHORT_OF: Readonly<Record<MemoryYardstick, (governor: GovernorStats) => Shortage>> = {
  live({ level, liveBytes, thresholdBytes, cacheBytes }) {
    const live = liveBytes === null ? "more than is known" : mebibytes(liveBytes);
    const isFullOfOthers = level === 3 || cacheBytes * 2 < thresholdBytes;
    return {
      taken: `${live} of ${mebibytes(thresholdBytes)} are live, ${mebibytes(cacheBytes)} of it in caches`,
      remedy: isFullOfOthers
        ? "Raise memory.memoryThreshold if the machine has more, or share the players among more servers; if it came slowly, look for a leak: docs/heap.md."
        : "Lower memory.maxCacheSize or cache.maxBytes, or raise memory.memoryThreshold if the machine has more.",
    };
  },
  resident: ({ residentBytes, residentLimitBytes }) => ({
    taken: `${mebibytes(residentBytes)} are resident of ${mebibytes(residentLimitBytes)} that the process may have`,
    remedy:
      "Give the container or the machine more memory, or share the players among more servers; a smaller --max-semi-space-size and a lower memory.memoryThreshold make the process smaller.",
  }),
  heap: ({ heapLimitBytes }) => ({
    taken: `the heap comes near V8's own limit of ${mebibytes(heapLimitBytes)}`,
    remedy:
      "Raise --max-old-space-size if the machine has more, or lower memory.memoryThreshold below it, so that the caches make room in time.",
  }),
};

function growthFindings({ memoryStats: { governor } }: LoadNumbers): Finding[] {
  const alarm = governor?.alarm ?? null;
  if (alarm === null) return [];
  const perHour = mebibytes((alarm.bytesPerMinute * MS_PER_HOUR) / MS_PER_MINUTE);
  const hours = Math.round((alarm.reachesThresholdInMs / MS_PER_HOUR) * 10) / 10;
  return [
    {
      state: "fail",
      what: `Memory grows by ${perHour} an hour although the caches don't: at this rate it is full in ${hours} hours.`,
      remedy:
        "Take two snapshots some time apart with mainspring heap snapshot, and look with mainspring heap compare at what grew.",
    },
  ];
}

function overloadFindings({ overloadStats }: LoadNumbers): Finding[] {
  if (overloadStats === null) return [];
  const { step, byPriority, refusedForLoad, limit } = overloadStats;
  if (step >= THRESHOLDS.MainspringOverloaded) {
    return [
      {
        state: "warn",
        what: `The server is at its limit (step ${step}: ${REFUSED[step]}): ${limit} requests may be under way.`,
        remedy:
          "Share the players among more servers, or look for what became slow: store, disk, neighbours.",
      },
    ];
  }
  const admitted = Object.values(byPriority).reduce((sum, priority) => sum + priority.admitted, 0);
  if (refusedForLoad * REQUESTS_PER_REFUSAL <= admitted) return [];
  return [
    {
      state: "warn",
      what: `${refusedForLoad} requests were refused for load, beside ${admitted} that were let in.`,
      remedy: "If it happens again: share the players among more servers. See docs/overload.md.",
    },
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
