/** The line through samples, and how sure its slope is. */
import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fitSlope, studentT } from "../../src/memory/slope.js";
import { randomOf } from "../cache/histories/random.js";

const firstSeed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 31));

/** From printed tables: what 2.5 % lie above, by degrees of freedom. */
const TABLE = [
  [4, 2.776],
  [5, 2.571],
  [8, 2.306],
  [10, 2.228],
  [18, 2.101],
  [38, 2.024],
  [1_000, 1.962],
] as const;

describe("The quantile of Student's t", () => {
  it.each(TABLE)("for %s degrees of freedom is %s, within 0.5 %%", (freedom, quantile) => {
    expect(Math.abs(studentT(freedom) / quantile - 1)).toBeLessThan(0.005);
  });
});

describe("The slope of samples", () => {
  it("on a line is that of the line, without doubt", () => {
    const samples = [0, 1, 3, 7, 8, 20].map((atMs) => ({ atMs, bytes: 5 + 3 * atMs }));
    const { perMs, halfWidthPerMs, endBytes } = fitSlope(samples);
    expect(perMs).toBeCloseTo(3, 9);
    expect(halfWidthPerMs).toBeCloseTo(0, 9);
    expect(endBytes).toBeCloseTo(65, 9);
  });

  it("with its interval is that of a textbook: heights 1, 3, 2, 5, 4, 6 at 1 to 6", () => {
    const samples = [1, 3, 2, 5, 4, 6].map((bytes, index) => ({ atMs: index + 1, bytes }));
    const { perMs, halfWidthPerMs } = fitSlope(samples);
    expect(perMs).toBeCloseTo(15.5 / 17.5, 9);
    // The squares of the errors are 3.7714; t for four degrees of freedom is 2.776.
    expect(halfWidthPerMs).toBeCloseTo(2.776 * Math.sqrt(3.7714 / 4 / 17.5), 2);
  });

  it(`lies within its interval in 95 of 100 cases (MAINSPRING_SEED=${firstSeed})`, () => {
    const caseCount = 4_000;
    let inside = 0;
    for (let index = 0; index < caseCount; index += 1) {
      const random = randomOf(firstSeed + index, "noise");
      const samples = Array.from({ length: 40 }, (_, atMs) => ({
        atMs,
        bytes: 2 * atMs + random.between(-50, 50),
      }));
      const { perMs, halfWidthPerMs } = fitSlope(samples);
      if (Math.abs(perMs - 2) <= halfWidthPerMs) inside += 1;
    }
    // Seven standard deviations of such a count are 0.024; errors that seem to follow each other widen some.
    expect(inside / caseCount).toBeGreaterThan(0.925);
    expect(inside / caseCount).toBeLessThan(0.985);
  });

  it(`is the less sure the more errors follow each other (MAINSPRING_SEED=${firstSeed})`, () => {
    const random = randomOf(firstSeed, "errors");
    const errors = Array.from({ length: 40 }, () => random.between(-50, 50));
    const sorted = [...errors].sort((one, other) => Math.abs(one) - Math.abs(other));
    const widthOf = (bytes: readonly number[]): number =>
      fitSlope(bytes.map((value, atMs) => ({ atMs, bytes: value }))).halfWidthPerMs;
    const waves = sorted.map((error, index) => Math.abs(error) * (index % 20 < 10 ? 1 : -1));
    const jumps = sorted.map((error, index) => Math.abs(error) * (index % 2 === 0 ? 1 : -1));
    expect(widthOf(waves)).toBeGreaterThan(1.5 * widthOf(jumps));
  });
});
