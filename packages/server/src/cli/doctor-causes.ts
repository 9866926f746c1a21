/** Why a server is late: what its processor, its event loop and its collections say, in the order in which it should be looked at. */
import type { PerformanceStats } from "@mainspring/engine";

/** Collections that take more of the time than this are a reason. */
const MUCH_COLLECTING = 0.1;

/** An event loop that has something to do for more of the time than this has no time left. */
const ALWAYS_BUSY = 0.8;

/** Of the time for which it had something to do, the part for which it had a processor. Less: others had it. */
const HALF_ITS_PROCESSOR = 0.5;

/** Busy for less of the time than this, it can't be said for what it waited. */
const HARDLY_BUSY = 0.2;

type Burden = Pick<PerformanceStats, "processStats" | "uptimeMs">;

/** The likely cause, and what helps, as one sentence each. */
export function whyLate({ processStats, uptimeMs }: Burden): string {
  const { cpuUserMs, cpuSystemMs, eventLoopBusyMs, collections } = processStats;
  const pausedMs = Object.values(collections).reduce((sum, { pauseMs }) => sum + pauseMs, 0);
  const shareOf = (durationMs: number): number => durationMs / Math.max(uptimeMs, 1);
  const busy = shareOf(eventLoopBusyMs);
  if (shareOf(pausedMs) > MUCH_COLLECTING) {
    return `Collections take ${percent(shareOf(pausedMs))} of the time: memory is short, or a larger young generation would help. See docs/memory.md.`;
  }
  if (busy > HARDLY_BUSY && cpuUserMs + cpuSystemMs < HALF_ITS_PROCESSOR * eventLoopBusyMs) {
    return "It has work to do and doesn't get the processor: give it more, or fewer neighbours.";
  }
  if (busy > ALWAYS_BUSY) {
    return `It has something to do for ${percent(busy)} of the time: share the players among more servers.`;
  }
  return "Something blocks it now and then: a route or a listener of your own, a heap snapshot, or a machine that stands still.";
}

export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
