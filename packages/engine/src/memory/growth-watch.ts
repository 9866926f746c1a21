/**
 * Notices memory that grows although the caches don't. After each full collection it keeps what was live, in some series of which each
 * takes a sample half as often as the one before: so 240 samples tell of the last minutes, and of the last hours.
 */
import type { GrowthAlarm } from "../ports.js";
import { createPeaks } from "./peaks.js";
import { fitSlope, type Sample, type Slope } from "./slope.js";

/** Samples of each series. */
const SERIES_SAMPLES = 40;

/** The last series tells of so long at least. */
const LONGEST_WINDOW_MS = 7_200_000;

/** Fewer say nothing. */
const LEAST_SAMPLES = 12;

/** An entry takes no more than so many times what its cache counts: what may be a cache that fills is no alarm. */
const MAX_CACHE_FACTOR = 4;

/** The alarm is raised when the slope is above 0 by so many times what 95 % confidence takes: it is looked at a thousand times a day. */
const RAISING_CONFIDENCE = 4;

/** The second half of a series has this much of the first half's slope, and more than half of it for certain: what flattens is a warm-up. */
const STEADY_SHARE = 0.9;
const CERTAIN_SHARE = 0.5;

/** The alarm ends when its series has less than this share of the slope that raised it. */
const ENDED_SHARE = 0.25;

const MINUTE_MS = 60_000;

export interface GrowthOptions {
  /** Samples of less time than this say nothing. Default: 240,000 ms */
  readonly minWindowMs?: number;
  /** What a process takes in so long after its start is its warm-up, and says nothing. Default: 300,000 ms */
  readonly warmUpMs?: number;
  /** Growth within a series that is less than this share of the threshold is none. Default: 0.05 */
  readonly minGrowthShare?: number;
}

/** What a full collection has left. */
export interface LiveSample {
  readonly atMs: number;
  readonly liveBytes: number;
  /** By the caches' own count. */
  readonly cacheBytes: number;
}

export interface GrowthWatch {
  /** Returns the alarm as it is now. */
  add(sample: LiveSample): GrowthAlarm | null;
  alarm(): GrowthAlarm | null;
}

interface Series {
  readonly spacingMs: number;
  samples: LiveSample[];
}

interface Raised {
  readonly series: Series;
  readonly perMs: number;
}

/** @param startedAtMs of the process, by the clock of the samples */
export function createGrowthWatch(
  { thresholdBytes, startedAtMs }: { readonly thresholdBytes: number; readonly startedAtMs: number },
  { minWindowMs = 240_000, warmUpMs = 300_000, minGrowthShare = 0.05 }: GrowthOptions = {},
): GrowthWatch {
  const allSeries = createAllSeries(minWindowMs);
  const bounds = { minWindowMs, minGrowthBytes: minGrowthShare * thresholdBytes };
  const peaks = createPeaks();
  let raised: Raised | null = null;
  let alarm: GrowthAlarm | null = null;

  const raiseBy = (series: Series): void => {
    const { samples } = series;
    if (!isGrowing(samples, bounds)) return;
    const slope = besidesCaches(samples, 1);
    // Memory that was taken before, and given back, comes and goes: only more than ever is growth.
    if (slope.endBytes > peaks.before(samples[0]?.atMs ?? 0)) raised = { series, perMs: slope.perMs };
  };
  return {
    add(sample) {
      peaks.add(sample.atMs, sample.liveBytes - sample.cacheBytes);
      if (sample.atMs - startedAtMs < warmUpMs) return null;
      for (const series of allSeries) {
        const last = series.samples.at(-1);
        if (last !== undefined && sample.atMs - last.atMs < series.spacingMs) continue;
        series.samples = [...series.samples, sample].slice(-SERIES_SAMPLES);
        if (raised?.series === series && hasEnded(raised)) raised = null;
        if (raised === null) raiseBy(series);
      }
      alarm = raised === null ? null : describe(raised.series.samples, thresholdBytes);
      return alarm;
    },
    alarm: () => alarm,
  };
}

function createAllSeries(firstWindowMs: number): readonly Series[] {
  const count = 1 + Math.max(0, Math.ceil(Math.log2(LONGEST_WINDOW_MS / firstWindowMs)));
  const firstSpacingMs = firstWindowMs / (SERIES_SAMPLES - 1);
  return Array.from({ length: count }, (_, index) => ({
    spacingMs: firstSpacingMs * 2 ** index,
    samples: [],
  }));
}

interface Bounds {
  readonly minWindowMs: number;
  readonly minGrowthBytes: number;
}

/** What is live besides the caches, if each of their bytes takes `factor` bytes. */
function besidesCaches(samples: readonly LiveSample[], factor: number): Slope {
  return fitSlope(
    samples.map(
      ({ atMs, liveBytes, cacheBytes }): Sample => ({
        atMs,
        bytes: liveBytes - factor * cacheBytes,
      }),
    ),
  );
}

function windowMsOf(samples: readonly LiveSample[]): number {
  return (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
}

/** Grows beyond doubt, by enough to matter, and goes on growing, however much the caches' entries really take. */
function isGrowing(samples: readonly LiveSample[], { minWindowMs, minGrowthBytes }: Bounds): boolean {
  const windowMs = windowMsOf(samples);
  if (samples.length < LEAST_SAMPLES || windowMs < minWindowMs) return false;
  const middle = Math.floor(samples.length / 2);
  return [1, MAX_CACHE_FACTOR].every((factor) => {
    const whole = besidesCaches(samples, factor);
    if (whole.perMs * windowMs < minGrowthBytes) return false;
    if (whole.perMs <= RAISING_CONFIDENCE * whole.halfWidthPerMs) return false;
    return isSteady(
      besidesCaches(samples.slice(0, middle), factor),
      besidesCaches(samples.slice(middle), factor),
    );
  });
}

function isSteady(first: Slope, second: Slope): boolean {
  const certainPerMs = second.perMs - second.halfWidthPerMs;
  return (
    certainPerMs > CERTAIN_SHARE * Math.max(0, first.perMs) && second.perMs >= STEADY_SHARE * first.perMs
  );
}

function hasEnded({ series: { samples }, perMs }: Raised): boolean {
  return besidesCaches(samples, 1).perMs < ENDED_SHARE * perMs;
}

function describe(samples: readonly LiveSample[], thresholdBytes: number): GrowthAlarm {
  const { perMs, halfWidthPerMs } = besidesCaches(samples, 1);
  const leftBytes = Math.max(0, thresholdBytes - (samples.at(-1)?.liveBytes ?? 0));
  return {
    bytesPerMinute: perMs * MINUTE_MS,
    lowBytesPerMinute: (perMs - halfWidthPerMs) * MINUTE_MS,
    highBytesPerMinute: (perMs + halfWidthPerMs) * MINUTE_MS,
    samples: samples.length,
    windowMs: windowMsOf(samples),
    reachesThresholdInMs: perMs > 0 ? leftBytes / perMs : Infinity,
  };
}
