/** Collections that the governor asks for: seldom, each measured, and not at all while they gain too little for their pause. */
import type { CollectionStats, Telemetry, Timers } from "../ports.js";

/** A collection is in vain if it frees less than this share of the threshold for each ms that it takes. */
const MIN_GAIN_SHARE_PER_MS = 0.001;

/** After so many in vain, one after the other, there is a pause. */
const MAX_IN_VAIN = 3;

/** The first pause, and the longest, in intervals between two collections. */
const FIRST_PAUSE_INTERVALS = 10;
const MAX_PAUSE_INTERVALS = 160;

export interface CollectionsOptions {
  readonly collect: (() => void) | null;
  readonly gcIntervalMs: number;
  readonly thresholdBytes: number;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
}

export interface Collections {
  /** Collects, if that is allowed and sensible now. `usedBytes`: before it. */
  ask(usedBytes: number): void;
  /** A full collection was seen, whoever wanted it. */
  seen(liveBytes: number): void;
  stats(): CollectionStats;
}

interface Asked {
  readonly usedBytes: number;
  readonly pauseMs: number;
}

export function createCollections(options: CollectionsOptions): Collections {
  const { collect, gcIntervalMs, thresholdBytes, timers, telemetry } = options;
  const counts = { count: 0, freedBytes: 0, pauseMs: 0, inVain: 0 };
  let last: CollectionStats["last"] = null;
  let asked: Asked | null = null;
  let notBeforeMs = -Infinity;
  let inVainInRow = 0;
  let pauseIntervals = 0;

  const rest = (): void => {
    pauseIntervals = Math.min(MAX_PAUSE_INTERVALS, Math.max(FIRST_PAUSE_INTERVALS, pauseIntervals * 2));
    notBeforeMs = timers.nowMs() + pauseIntervals * gcIntervalMs;
    telemetry.note("info", "Collections gain too little: none is asked for until the pause is over.", {
      inVain: inVainInRow,
      pauseMs: pauseIntervals * gcIntervalMs,
    });
  };
  const weigh = ({ usedBytes, pauseMs }: Asked, liveBytes: number): void => {
    const freedBytes = Math.max(0, usedBytes - liveBytes);
    last = { freedBytes, pauseMs };
    counts.freedBytes += freedBytes;
    if (freedBytes >= MIN_GAIN_SHARE_PER_MS * thresholdBytes * pauseMs) {
      inVainInRow = 0;
      pauseIntervals = 0;
      return;
    }
    counts.inVain += 1;
    inVainInRow += 1;
    // After a pause one that is in vain is enough for the next.
    if (inVainInRow >= MAX_IN_VAIN) rest();
  };
  return {
    ask(usedBytes) {
      if (collect === null || asked !== null || timers.nowMs() < notBeforeMs) return;
      const startedAtMs = timers.nowMs();
      collect();
      const pauseMs = timers.nowMs() - startedAtMs;
      asked = { usedBytes, pauseMs };
      counts.count += 1;
      counts.pauseMs += pauseMs;
      notBeforeMs = timers.nowMs() + gcIntervalMs;
    },
    seen(liveBytes) {
      if (asked !== null) weigh(asked, liveBytes);
      asked = null;
    },
    stats: () => ({
      ...counts,
      isOn: collect !== null && (pauseIntervals === 0 || timers.nowMs() >= notBeforeMs),
      last,
    }),
  };
}
