/** The slope and its interval: on lines, on noise, and on noise that remembers. */
import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/fixtures/crowd.js";
import { type Sample, slopeOf } from "../../src/soak/slope.js";

const SAMPLE_COUNT = 40;
const EVERY_MS = 3_000;

const sampled = (valueAt: (index: number) => number): Sample[] =>
  Array.from({ length: SAMPLE_COUNT }, (_, index) => ({ atMs: index * EVERY_MS, value: valueAt(index) }));

/** Noise of which each value takes over so much of the one before. */
function noise(random: () => number, memory: number): () => number {
  let value = 0;
  return () => {
    value = memory * value + (random() + random() + random() - 1.5);
    return value;
  };
}

describe("the slope of samples", () => {
  it("is that of a line, per minute, without any doubt", () => {
    assert(
      property(integer({ min: -1000, max: 1000 }), integer(), (perMinute, offset) => {
        const slope = slopeOf(sampled((index) => offset + (perMinute * index * EVERY_MS) / 60_000));
        expect(slope.perMinute).toBeCloseTo(perMinute, 3);
        expect(slope.highPerMinute - slope.lowPerMinute).toBeCloseTo(0, 3);
      }),
    );
  });

  it.each([
    { memory: 0, least: 0.93 },
    { memory: 0.6, least: 0.85 },
  ])("lies within its interval nearly always, of noise that keeps $memory of what it was", (given) => {
    const SERIES = 2_000;
    const next = noise(seededRandom(20_261_125), given.memory);
    let within = 0;
    for (let series = 0; series < SERIES; series += 1) {
      const { lowPerMinute, highPerMinute } = slopeOf(sampled(() => next()));
      if (lowPerMinute <= 0 && highPerMinute >= 0) within += 1;
    }
    expect(within / SERIES).toBeGreaterThan(given.least);
  });

  it("is not told from less than two samples a block", () => {
    expect(() => slopeOf(sampled(() => 0).slice(0, 15))).toThrow("too few");
  });
});
