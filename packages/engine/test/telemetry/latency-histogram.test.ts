/** Percentiles out of buckets, beside the same out of the sorted durations. */
import { createLatencyHistogram, LATENCY_BOUNDS_MS } from "@mainspring/engine";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const SECOND_MS = 1_000;

/** From 10 µs to 40 s, as many of each size. */
const durations = fc.array(
  fc
    .double({ min: Math.log(0.01), max: Math.log(40_000), noNaN: true })
    .map((exponent) => Math.exp(exponent)),
  { minLength: 1, maxLength: 300 },
);

function counted(all: readonly number[], nowMs = 0) {
  const histogram = createLatencyHistogram();
  for (const durationMs of all) histogram.add(durationMs, nowMs);
  return histogram.stats(nowMs);
}

describe("a latency histogram", () => {
  it("knows percentiles to within a quarter of a doubling, whatever the durations", () => {
    fc.assert(
      fc.property(durations, (all) => {
        const sorted = [...all].sort((one, other) => one - other);
        const { p50Ms, p99Ms } = counted(all);
        for (const [share, found] of [
          [0.5, p50Ms],
          [0.99, p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
          expect(found).toBeGreaterThanOrEqual(exact / 1.26);
          expect(found).toBeLessThanOrEqual(exact * 1.26);
        }
      }),
    );
  });

  it("counts how many took at most as long as each bound, and loses none", () => {
    fc.assert(
      fc.property(durations, (all) => {
        const { atMost, count, totalMs } = counted(all);
        expect(atMost).toEqual(LATENCY_BOUNDS_MS.map((bound) => all.filter((each) => each < bound).length));
        expect(count).toBe(all.length);
        expect(totalMs).toBeCloseTo(
          all.reduce((sum, each) => sum + each, 0),
          2,
        );
      }),
    );
  });

  it("has a bound at 10 ms, where budgets lie", () => {
    expect(LATENCY_BOUNDS_MS).toContain(10);
    expect(LATENCY_BOUNDS_MS).toHaveLength(counted([1]).atMost.length);
  });

  it("counts what no clock should say, too", () => {
    const { count, atMost } = counted([-1, 0, NaN, 1e9, Infinity]);
    expect([count, atMost[0], atMost.at(-1)]).toEqual([5, 3, 3]);
  });

  it("tells percentiles of the last minute alone, and counters since the start", () => {
    const histogram = createLatencyHistogram();
    histogram.add(100, 0);
    histogram.add(1, 30 * SECOND_MS);
    expect(histogram.stats(59 * SECOND_MS).p99Ms).toBeGreaterThan(75);
    expect(histogram.stats(71 * SECOND_MS)).toMatchObject({ count: 2, totalMs: 101 });
    expect(histogram.stats(71 * SECOND_MS).p99Ms).toBeLessThan(2);
    expect(histogram.stats(200 * SECOND_MS)).toMatchObject({ count: 2, p50Ms: null, p99Ms: null });
    histogram.add(8, 10_000 * SECOND_MS);
    expect(histogram.stats(10_000 * SECOND_MS).p50Ms).toBeGreaterThan(4);
  });

  it("begins with nothing", () => {
    expect(createLatencyHistogram().stats(0)).toMatchObject({ count: 0, totalMs: 0, p50Ms: null });
  });
});
