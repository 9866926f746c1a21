/** What this process costs and how late it is: memory, processor time, the event loop, V8's collections. */
import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from "node:perf_hooks";

export interface ProcessMemory {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly rssBytes: number;
  readonly externalBytes: number;
  /**
   * How late the event loop was: median, 99th percentile and greatest, of the worst ten seconds of the last minute. One long pause is
   * seen for a minute, whoever looks how often.
   */
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
}

/** Of V8: `minor` of the young generation, `major` of the whole heap, `incremental` steps towards one, `weak` references cleared. */
export const COLLECTION_KINDS = ["minor", "major", "incremental", "weak"] as const;
export type CollectionKind = (typeof COLLECTION_KINDS)[number];

/** Since the start. */
export interface ProcessStats {
  /** Processor time of all threads, in the program and in the system for it. */
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  /** So long the event loop had something to do; the rest it waited. */
  readonly eventLoopBusyMs: number;
  /** Collections, whoever wanted them, and how long they held up everything else. */
  readonly collections: Readonly<
    Record<CollectionKind, { readonly count: number; readonly pauseMs: number }>
  >;
}

export interface ProcessMonitor {
  memory(): ProcessMemory;
  process(): ProcessStats;
  /** When done: it holds timers (that keep no process alive). */
  stop(): void;
}

const US_PER_MS = 1_000;

export function startProcessMonitor(): ProcessMonitor {
  const delay = startDelayMonitor();
  const collections = startCollectionMonitor();
  return {
    memory() {
      const { heapUsed, heapTotal, rss, external } = process.memoryUsage();
      const { p50Ms, p99Ms, maxMs } = delay.worst();
      return {
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        rssBytes: rss,
        externalBytes: external,
        eventLoopDelayP50Ms: p50Ms,
        eventLoopDelayP99Ms: p99Ms,
        eventLoopDelayMaxMs: maxMs,
      };
    },
    process() {
      const { user, system } = process.cpuUsage();
      return {
        cpuUserMs: user / US_PER_MS,
        cpuSystemMs: system / US_PER_MS,
        eventLoopBusyMs: Math.round(performance.eventLoopUtilization().active),
        collections: collections.counts(),
      };
    },
    stop() {
      delay.stop();
      collections.stop();
    },
  };
}

/** How often the event loop is asked; what it measures includes the wait. */
const RESOLUTION_MS = 20;

/** So many stretches of this length are remembered. */
const STRETCH_MS = 10_000;
const STRETCH_COUNT = 6;

interface Delay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const NO_DELAY: Delay = { p50Ms: 0, p99Ms: 0, maxMs: 0 };

function startDelayMonitor(): { worst(): Delay; stop(): void } {
  const measured = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  measured.enable();
  const past: Delay[] = [];
  const present = (): Delay => ({
    p50Ms: delayOf(measured.percentile(50)),
    p99Ms: delayOf(measured.percentile(99)),
    maxMs: delayOf(measured.max),
  });
  const timer = setInterval(() => {
    past.push(present());
    if (past.length > STRETCH_COUNT) past.shift();
    measured.reset();
  }, STRETCH_MS).unref();
  return {
    worst: () => [...past, present()].reduce(worseOf, NO_DELAY),
    stop() {
      clearInterval(timer);
      measured.disable();
    },
  };
}

function worseOf(one: Delay, other: Delay): Delay {
  return {
    p50Ms: Math.max(one.p50Ms, other.p50Ms),
    p99Ms: Math.max(one.p99Ms, other.p99Ms),
    maxMs: Math.max(one.maxMs, other.maxMs),
  };
}

/** With nothing measured yet Node.js tells numbers that no delay has. */
function delayOf(nanoseconds: number): number {
  const isMeasured = Number.isFinite(nanoseconds) && nanoseconds < Number.MAX_SAFE_INTEGER;
  return isMeasured ? Math.max(0, Math.round(nanoseconds / 10_000) / 100 - RESOLUTION_MS) : 0;
}

const KIND_OF: ReadonlyMap<unknown, CollectionKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weak"],
]);

function startCollectionMonitor(): { counts(): ProcessStats["collections"]; stop(): void } {
  const counts = {
    minor: { count: 0, pauseMs: 0 },
    major: { count: 0, pauseMs: 0 },
    incremental: { count: 0, pauseMs: 0 },
    weak: { count: 0, pauseMs: 0 },
  };
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // What the types of Node.js leave out.
      const { detail, duration } = entry as PerformanceEntry & {
        readonly detail?: { readonly kind?: number };
      };
      const kind = KIND_OF.get(detail?.kind);
      if (kind === undefined) continue;
      counts[kind].count += 1;
      counts[kind].pauseMs += duration;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return { counts: () => structuredClone(counts), stop: () => observer.disconnect() };
}
