/** What the looks at a process say of it: whether what is live grows, and whether handles or listeners do. */
import { type Slope, slopeOf } from "./slope.js";

export interface SoakSample {
  readonly atMs: number;
  readonly liveBytes: number;
  readonly residentBytes: number;
  /** That arrived so far. */
  readonly requestCount: number;
  /** Of handles, listeners and the like, by kind. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Verdict {
  /** In bytes. */
  readonly live: Slope;
  readonly resident: Slope;
  readonly liveBytes: number;
  readonly residentBytes: number;
  readonly requestsPerMinute: number;
  /** What counts as flat: {@link GROWN_BYTES} over all that was measured. */
  readonly limitPerMinute: number;
  readonly isGrowing: boolean;
  /** Kinds of which there were always more at the end than ever at the beginning. */
  readonly grown: readonly string[];
  readonly counts: readonly CountRange[];
}

export interface CountRange {
  readonly kind: string;
  /** The least and the greatest, of the first and of the last third. */
  readonly first: readonly [number, number];
  readonly last: readonly [number, number];
}

/**
 * It grows if it is sure (by the 95 % interval) to have gained more than this in all the time that was measured. 1.5 MiB: up to so much code does V8
 * still compile and keep after everything is full; heap snapshots that are minutes apart show nothing else that grows. The longer a soak takes, the slower
 * is what it finds.
 */
export const GROWN_BYTES = 1.5 * 1024 ** 2;

const MINUTE_MS = 60_000;

/** @param samples after everything that is to be filled is full, in their order. @throws Error when they are too few */
export function verdictOf(samples: readonly SoakSample[]): Verdict {
  const slope = (of: "liveBytes" | "residentBytes"): Slope =>
    slopeOf(samples.map((sample) => ({ atMs: sample.atMs, value: sample[of] })));
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) throw new Error("Nobody looked.");
  const minutes = (last.atMs - first.atMs) / MINUTE_MS;
  const live = slope("liveBytes");
  const limitPerMinute = GROWN_BYTES / minutes;
  const counts = rangesOf(samples);
  return {
    live,
    resident: slope("residentBytes"),
    liveBytes: last.liveBytes,
    residentBytes: last.residentBytes,
    requestsPerMinute: (last.requestCount - first.requestCount) / minutes,
    limitPerMinute,
    isGrowing: live.lowPerMinute > limitPerMinute,
    // A single step, or some to and fro, is no growth: what is kept each time is seen at every look.
    grown: counts.filter((range) => range.last[0] > range.first[1]).map(({ kind }) => kind),
    counts,
  };
}

function rangesOf(samples: readonly SoakSample[]): readonly CountRange[] {
  const third = Math.floor(samples.length / 3);
  const kinds = new Set(samples.flatMap(({ counts }) => Object.keys(counts)));
  return [...kinds].sort().map((kind) => ({
    kind,
    first: rangeOf(samples.slice(0, third), kind),
    last: rangeOf(samples.slice(-third), kind),
  }));
}

function rangeOf(samples: readonly SoakSample[], kind: string): readonly [number, number] {
  const values = samples.map(({ counts }) => counts[kind] ?? 0);
  return [Math.min(...values), Math.max(...values)];
}
