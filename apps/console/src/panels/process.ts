/** The process itself: its memory, its collections, its event loop. */
import type { Performance } from "../api/performance.js";
import type { Panel, Section, Series } from "../readings/panel.js";
import { type Counter, gauge, perSecond, type Step } from "../readings/step.js";
import { shown, duration } from "../readings/units.js";
import { above, act, byState, fine, noRule, watch } from "../readings/verdict.js";

const withoutGovernor = ({ memoryStats: { governor } }: Performance): string | null =>
  governor?.isOn === true
    ? null
    : "The memory governor is off on this server: caches keep to their own bounds alone.";

export const memory: Panel = {
  id: "memory",
  title: "Memory",
  unit: "bytes",
  seriesOf: ({ memoryStats: { governor } }) => [
    { id: "rss", label: "resident", of: (step) => gauge(step, (now) => now.memoryStats.rssBytes) },
    {
      id: "heap-used",
      label: "heap in use",
      of: (step) => gauge(step, (now) => now.memoryStats.heapUsedBytes),
    },
    {
      id: "heap-total",
      label: "heap held",
      of: (step) => gauge(step, (now) => now.memoryStats.heapTotalBytes),
    },
    ...(governor === null || governor === undefined
      ? []
      : [
          {
            id: "live",
            label: "live after a collection",
            of: (step: Step) => gauge(step, (now) => now.memoryStats.governor?.liveBytes),
          },
          {
            id: "threshold",
            label: "threshold",
            isLimit: true,
            of: (step: Step) => gauge(step, (now) => now.memoryStats.governor?.thresholdBytes),
          },
        ]),
  ],
  rule: byState(
    "Watch: level 1, caches give way. Act: level 2 or 3, statistics or reads are refused; or memory that grows beside the caches.",
    judgeMemory,
  ),
  meaning:
    "Resident is what the system counts; the heap goes up with each request and down with each collection; live is what is left after one. Live is held against the threshold.",
  advice:
    "Live near the threshold: raise memory.memoryThreshold if the machine has more, or lower memory.maxCacheSize. Resident far above live: the allocator keeps it, no leak. An alarm of growth: take two heap snapshots and compare them, see docs/heap.md.",
};

function judgeMemory({ memoryStats: { governor } }: Performance): ReturnType<typeof watch> | null {
  if (governor?.isOn !== true) return null;
  const { level, alarm } = governor;
  if (level >= 2)
    return act(level === 2 ? "Level 2: what is low is refused" : "Level 3: only commands are served");
  if (alarm !== null) {
    const growth = shown(alarm.bytesPerMinute, "bytes");
    return act(`It grows by ${growth} a minute: full in ${duration(alarm.reachesThresholdInMs)}`);
  }
  return level === 1 ? watch("Level 1: caches give way") : fine;
}

export const memoryLevel: Panel = {
  id: "memory-level",
  title: "Memory level",
  unit: "level",
  seriesOf: () => [
    {
      id: "memory-level",
      label: "level",
      of: (step) => gauge(step, (now) => now.memoryStats.governor?.level),
    },
  ],
  absentBecause: withoutGovernor,
  rule: byState("Watch: level 1. Act: level 2 or 3.", judgeMemory),
  meaning:
    "0: there is enough. 1: expired and least valuable entries go. 2: caches shrink to a floor, what is low is refused. 3: caches are empty, only commands and health are served.",
  advice:
    "A level that comes and goes is the governor at work. One that stays: the process needs more memory, or fewer players.",
};

export const keptBytes: Panel = {
  id: "kept-bytes",
  title: "Caches in memory",
  unit: "bytes",
  seriesOf: ({ memoryStats: { governor } }) =>
    Object.keys(governor?.tenants ?? {}).map(
      (name): Series => ({
        id: `tenant ${name}`,
        label: name,
        of: (step) => gauge(step, (now) => now.memoryStats.governor?.tenants[name]?.bytes),
      }),
    ),
  absentBecause: withoutGovernor,
  rule: noRule,
  meaning:
    "All that this process keeps to be faster, by name, by its own count. All of it may go when memory is short.",
  advice: "Which one is large says what to make smaller.",
};

const MUCH_PAUSE = 0.05;
const TOO_MUCH_PAUSE = 0.2;
const MS_PER_SECOND = 1_000;

export const collections: Panel = {
  id: "collections",
  title: "Time in collections",
  unit: "share",
  seriesOf: ({ processStats }) => [
    ...Object.keys(processStats?.collections ?? {}).map(
      (kind): Series => ({
        id: `collections ${kind}`,
        label: kind,
        of: (step) => shareOfTime(step, (now) => now.processStats?.collections[kind]?.pauseMs),
      }),
    ),
    {
      id: "collections asked",
      label: "asked for by the governor",
      of: (step) => shareOfTime(step, (now) => now.memoryStats.governor?.collections.pauseMs),
    },
  ],
  rule: above({ unit: "share", watch: MUCH_PAUSE, act: TOO_MUCH_PAUSE }),
  meaning:
    "The share of time in which V8 collected and everything else stood still: minor of the young generation, major of the whole heap. Those that the governor asked for, in quiet moments, are among the major ones.",
  advice:
    "Much of minor: many short-lived objects, so it goes with the load. Much of major: the heap is too full of what lives. Lower memory.maxCacheSize, or give the heap more room.",
};

function shareOfTime(step: Step, counterMs: Counter): number | null {
  const msInEachSecond = perSecond(step, counterMs);
  return msInEachSecond === null ? null : msInEachSecond / MS_PER_SECOND;
}

const BUSY = 0.7;
const FULL = 0.9;

export const processor: Panel = {
  id: "processor",
  title: "Processor",
  unit: "share",
  seriesOf: () => [
    {
      id: "loop-busy",
      label: "event loop busy",
      of: (step) => shareOfTime(step, (now) => now.processStats?.eventLoopBusyMs),
    },
    {
      id: "cpu",
      label: "of one processor",
      of: (step) =>
        shareOfTime(step, ({ processStats }) =>
          processStats === undefined ? undefined : processStats.cpuUserMs + processStats.cpuSystemMs,
        ),
    },
  ],
  absentBecause: ({ processStats }) =>
    processStats === undefined ? "This server doesn't measure its processor time." : null,
  rule: above({ unit: "share", watch: BUSY, act: FULL, of: (id) => id === "loop-busy" }),
  meaning:
    "How much of the time the event loop has something to do: all requests pass through it, and at 100 % they queue. Processor time counts all threads, so it can be more than one processor.",
  advice:
    "Busy for long: share the players among more servers; one process uses one processor for its requests.",
};

const LATE_MS = 50;
const VERY_LATE_MS = 200;

export const eventLoop: Panel = {
  id: "event-loop",
  title: "Event-loop delay",
  unit: "ms",
  seriesOf: () => [
    { id: "loop-p99", label: "p99", of: (step) => gauge(step, (now) => now.memoryStats.eventLoopDelayP99Ms) },
    {
      id: "loop-max",
      label: "longest",
      of: (step) => gauge(step, (now) => now.memoryStats.eventLoopDelayMaxMs),
    },
    { id: "loop-p50", label: "p50", of: (step) => gauge(step, (now) => now.memoryStats.eventLoopDelayP50Ms) },
  ],
  rule: above({ unit: "ms", watch: LATE_MS, act: VERY_LATE_MS, of: (id) => id === "loop-p99" }),
  meaning:
    "How late the process gets to what is due, in the worst ten seconds of the last minute. All players of this process wait for it.",
  advice:
    "High: the processor is full (share the players among more servers), neighbours on the machine take it, or one request does too much at once. Collections show here, too.",
};

const WORK_TO_WATCH = 1_000;

export const work: Panel = {
  id: "work",
  title: "Work under way",
  unit: "count",
  seriesOf: () => [
    {
      id: "service-in-flight",
      label: "requests",
      of: (step) => gauge(step, (now) => now.serviceStats.inFlight),
    },
    {
      id: "in-background",
      label: "in the background",
      of: (step) => gauge(step, (now) => now.serviceStats.inBackground),
    },
  ],
  rule: above({ unit: "count", watch: WORK_TO_WATCH }),
  meaning:
    "Requests that the service works on, and work that no request waits for: checkpoints and snapshots.",
  advice: "If it grows without end, the store doesn't keep up: look at “Store”.",
};

export const processSection: Section = {
  id: "process",
  title: "Process",
  about: "The process itself: its memory, its collections, its event loop.",
  panels: [eventLoop, processor, memory, memoryLevel, keptBytes, collections, work],
};
