/** What a pool needs to know of its load: counted for one period, then counted anew. */
import type { WaitStats } from "./pool-stats.js";

export interface UsagePeriod {
  /** A request got a connection after so long. */
  noteWait(waitedMs: number): void;
  noteBusy(busyConnections: number): void;
  waits(): WaitStats;
  /** The most connections that were busy at once. */
  peakBusy(): number;
  isOver(nowMs: number): boolean;
  reset(nowMs: number): void;
}

export function createUsagePeriod(options: {
  readonly startedAtMs: number;
  readonly periodMs: number;
}): UsagePeriod {
  const { periodMs } = options;
  let { startedAtMs } = options;
  let requests = 0;
  let waitedMs = 0;
  let maxMs = 0;
  let peakBusy = 0;
  return {
    noteWait(byMs) {
      requests += 1;
      waitedMs += byMs;
      if (byMs > maxMs) maxMs = byMs;
    },
    noteBusy(busyConnections) {
      if (busyConnections > peakBusy) peakBusy = busyConnections;
    },
    waits: () => ({ meanMs: requests === 0 ? 0 : waitedMs / requests, maxMs, requests }),
    peakBusy: () => peakBusy,
    isOver: (nowMs) => nowMs - startedAtMs >= periodMs,
    reset(nowMs) {
      startedAtMs = nowMs;
      requests = 0;
      waitedMs = 0;
      maxMs = 0;
      peakBusy = 0;
    },
  };
}
