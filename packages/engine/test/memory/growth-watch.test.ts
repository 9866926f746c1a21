/**
 * The alarm for memory that grows besides the caches, over simulated hours: what raises it, how soon, and what must not. `MAINSPRING_SEED`
 * says where to begin.
 */
import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createGrowthWatch, type GrowthOptions } from "../../src/memory/growth-watch.js";
import type { GrowthAlarm } from "../../src/ports.js";
import { type Random, randomOf } from "../cache/histories/random.js";
import { openGovernor, THRESHOLD_BYTES } from "./open-governor.js";
import { MEBIBYTE } from "./manual-meter.js";

const firstSeed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 31));
const SEED_COUNT = 40;

const MINUTE_MS = 60_000;

interface Course {
  readonly minutes: number;
  /** As a share of the threshold, at a minute. */
  readonly besidesCaches: (minute: number) => number;
  readonly caches?: (minute: number) => number;
  /** What an entry takes, as a multiple of what its cache counts. */
  readonly cacheFactor?: number;
  /** Up to so much, up or down. */
  readonly noiseShare: number;
  /** This part of what was up or down before stays so. */
  readonly noiseStays?: number;
  readonly meanSecondsBetween?: number;
  readonly growth?: GrowthOptions;
}

interface Outcome {
  readonly raisedAtMinute: number | null;
  readonly endedAtMinute: number | null;
  readonly atEnd: GrowthAlarm | null;
}

function play(course: Course, random: Random): Outcome {
  const { minutes, besidesCaches, caches = () => 0, cacheFactor = 1, noiseShare } = course;
  const watch = createGrowthWatch({ thresholdBytes: THRESHOLD_BYTES, startedAtMs: 0 }, course.growth);
  let noise = 0;
  let raisedAtMinute: number | null = null;
  let endedAtMinute: number | null = null;
  for (let atMs = 0; atMs < minutes * MINUTE_MS; ) {
    atMs += (course.meanSecondsBetween ?? 3) * 1_000 * random.between(0.5, 1.5);
    const minute = atMs / MINUTE_MS;
    const cacheShare = caches(minute);
    noise = (course.noiseStays ?? 0) * noise + random.between(-noiseShare, noiseShare);
    const liveShare = besidesCaches(minute) + cacheFactor * cacheShare + noise;
    const alarm = watch.add({
      atMs,
      liveBytes: liveShare * THRESHOLD_BYTES,
      cacheBytes: cacheShare * THRESHOLD_BYTES,
    });
    if (alarm !== null) raisedAtMinute ??= minute;
    else if (raisedAtMinute !== null) endedAtMinute ??= minute;
  }
  return { raisedAtMinute, endedAtMinute, atEnd: watch.alarm() };
}

/** The same course with other noise. */
function each(course: Course, look: (outcome: Outcome, seed: number) => void): void {
  for (let seed = firstSeed; seed < firstSeed + SEED_COUNT; seed += 1) {
    look(play(course, randomOf(seed, "memory")), seed);
  }
}

/** Chance can look like growth: one of the forty may be mistaken, in any one case. */
const MAX_MISTAKEN = 1;

function isSilent(course: Course): void {
  const mistaken: string[] = [];
  each(course, ({ raisedAtMinute }, seed) => {
    if (raisedAtMinute !== null) mistaken.push(`MAINSPRING_SEED=${seed}, minute ${raisedAtMinute}`);
  });
  expect(mistaken.length, mistaken.join("; ")).toBeLessThanOrEqual(MAX_MISTAKEN);
}

function isRaised(course: Course, { from, until }: { readonly from: number; readonly until: number }): void {
  each(course, ({ raisedAtMinute }, seed) => {
    expect(raisedAtMinute, `MAINSPRING_SEED=${seed}`).toBeGreaterThan(from);
    expect(raisedAtMinute, `MAINSPRING_SEED=${seed}`).toBeLessThan(until);
  });
}

describe(`The alarm (MAINSPRING_SEED=${firstSeed})`, () => {
  it("is raised by a leak of 1 % of the threshold a minute, within minutes after the warm-up, and stays", () => {
    const course = { minutes: 40, besidesCaches: (minute: number) => 0.3 + 0.01 * minute, noiseShare: 0.01 };
    isRaised(course, { from: 5, until: 18 });
    each(course, ({ atEnd, endedAtMinute }, seed) => {
      expect(endedAtMinute, `MAINSPRING_SEED=${seed}`).toBe(null);
      const { bytesPerMinute = 0, lowBytesPerMinute = 0, highBytesPerMinute = 0 } = atEnd ?? {};
      // At the end, in the series that raised it: of 4 minutes, or more.
      expect(bytesPerMinute).toBeGreaterThan(0.7 * MEBIBYTE);
      expect(bytesPerMinute).toBeLessThan(1.4 * MEBIBYTE);
      expect(lowBytesPerMinute).toBeLessThan(bytesPerMinute);
      expect(highBytesPerMinute).toBeGreaterThan(bytesPerMinute);
      // Of the threshold 30 % were left.
      expect(atEnd?.reachesThresholdInMs).toBeGreaterThan(20 * MINUTE_MS);
      expect(atEnd?.reachesThresholdInMs).toBeLessThan(40 * MINUTE_MS);
    });
  });

  it("is raised as soon by a leak that begins after hours", () => {
    const besidesCaches = (minute: number): number => 0.3 + 0.01 * Math.max(0, minute - 150);
    isRaised({ minutes: 180, besidesCaches, noiseShare: 0.01 }, { from: 150, until: 160 });
  });

  it("is raised by a leak of 0.1 % a minute, which takes its time", () => {
    const besidesCaches = (minute: number): number => 0.3 + 0.001 * minute;
    isRaised({ minutes: 150, besidesCaches, noiseShare: 0.01 }, { from: 30, until: 120 });
  });

  it("is raised where collections are a minute apart", () => {
    const course = { besidesCaches: (minute: number) => 0.3 + 0.01 * minute, noiseShare: 0.005 };
    isRaised({ ...course, minutes: 60, meanSecondsBetween: 60 }, { from: 8, until: 50 });
  });

  it("is raised by a leak beside caches that are full, and beside caches that are emptied", () => {
    const course = { besidesCaches: (minute: number) => 0.2 + 0.01 * minute, noiseShare: 0.01 };
    isRaised({ ...course, minutes: 40, caches: () => 0.4 }, { from: 5, until: 18 });
    isRaised(
      { ...course, minutes: 40, caches: (minute) => Math.max(0, 0.4 - 0.02 * minute) },
      { from: 5, until: 18 },
    );
  });

  it("ends when the leak does", () => {
    const besidesCaches = (minute: number): number => 0.3 + 0.01 * Math.min(25, minute);
    each({ minutes: 180, besidesCaches, noiseShare: 0.01 }, ({ endedAtMinute, atEnd }, seed) => {
      expect(endedAtMinute, `MAINSPRING_SEED=${seed}`).toBeGreaterThan(25);
      expect(endedAtMinute, `MAINSPRING_SEED=${seed}`).toBeLessThan(120);
      expect(atEnd, `MAINSPRING_SEED=${seed}`).toBe(null);
    });
  });

  it.each([0.01, 0.05, 0.15])(
    "is silent for memory that goes up and down by %s of the threshold, for six hours",
    (noiseShare) => {
      isSilent({ minutes: 360, besidesCaches: () => 0.5, noiseShare });
    },
  );

  it("is silent for memory that wanders for half a minute at a time, by some per cent", () => {
    isSilent({ minutes: 180, besidesCaches: () => 0.3, noiseShare: 0.03, noiseStays: 0.9 });
  });

  it.each([0.5, 1, 2, 2.5])("is silent for a saw-tooth of what is live, of %s minutes", (periodMinutes) => {
    isSilent({
      minutes: 240,
      besidesCaches: (minute) => 0.4 + 0.1 * ((minute / periodMinutes) % 1),
      noiseShare: 0.01,
    });
  });

  it.each([
    { tauMinutes: 0.5, noiseShare: 0.01 },
    { tauMinutes: 1, noiseShare: 0.01 },
    { tauMinutes: 2, noiseShare: 0.01 },
    { tauMinutes: 2, noiseShare: 0.03 },
  ])("is silent for a warm-up that flattens: %j", ({ tauMinutes, noiseShare }) => {
    const besidesCaches = (minute: number): number => 0.2 + 0.3 * (1 - Math.exp(-minute / tauMinutes));
    isSilent({ minutes: 60, besidesCaches, noiseShare });
  });

  it.each([0.5, 1, 2, 3.5])(
    "is silent while caches fill whose entries take %s times what is counted",
    (cacheFactor) => {
      const caches = (minute: number): number => Math.min(0.3, 0.01 * minute);
      isSilent({ minutes: 60, besidesCaches: () => 0.2, caches, cacheFactor, noiseShare: 0.005 });
    },
  );

  it("is silent while caches give up what they hold", () => {
    const caches = (minute: number): number => Math.max(0, 0.4 - 0.01 * minute);
    isSilent({ minutes: 60, besidesCaches: () => 0.2, caches, noiseShare: 0.005 });
    // What grows meanwhile is too little to matter.
    isSilent({ minutes: 40, besidesCaches: (minute) => 0.2 + 0.0005 * minute, caches, noiseShare: 0.0005 });
  });

  it("is silent when memory comes again that had been taken and given back", () => {
    const wave = (minute: number): number => 0.5 - 0.15 * Math.cos((minute / 600) * 2 * Math.PI);
    const watchFrom = 600;
    for (let seed = firstSeed; seed < firstSeed + 5; seed += 1) {
      const random = randomOf(seed, "memory");
      const watch = createGrowthWatch({ thresholdBytes: THRESHOLD_BYTES, startedAtMs: 0 });
      for (let minute = 0; minute < 1_500; minute += random.between(0.1, 0.2)) {
        const liveBytes = (wave(minute) + random.between(-0.01, 0.01)) * THRESHOLD_BYTES;
        const alarm = watch.add({ atMs: minute * MINUTE_MS, liveBytes, cacheBytes: 0 });
        if (minute > watchFrom) expect(alarm, `MAINSPRING_SEED=${seed}, minute ${minute}`).toBe(null);
      }
    }
  });

  it("comes sooner where that is wanted", () => {
    const growth = { warmUpMs: 10_000, minWindowMs: 30_000, minGrowthShare: 0.01 };
    const besidesCaches = (minute: number): number => 0.2 + 0.05 * minute;
    isRaised(
      { minutes: 10, besidesCaches, noiseShare: 0.002, meanSecondsBetween: 0.7, growth },
      { from: 0.5, until: 2 },
    );
  });
});

describe("A governor whose memory grows", () => {
  it("notes it once, with what to do, tells it in the stats, and notes its end", () => {
    const { governor, timers, leave, notes } = openGovernor();
    let minute = 0;
    const pass = (minutes: number, liveOf: (minute: number) => number): void => {
      for (const end = minute + minutes; minute < end; minute += 0.1) {
        timers.advance(6_000);
        leave(liveOf(minute));
      }
    };
    pass(20, (at) => 20 + at);
    expect(governor.stats().alarm?.bytesPerMinute).toBeCloseTo(MEBIBYTE, -4);
    pass(10, (at) => 20 + at);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatchObject({ severity: "warn" });
    expect(notes[0]?.message).toContain("mainspring heap snapshot");
    expect(notes[0]?.message).toContain("mainspring heap compare");
    pass(60, () => 50);
    expect(governor.stats().alarm).toBe(null);
    expect(notes.map(({ severity }) => severity)).toEqual(["warn", "info"]);
  });
});
