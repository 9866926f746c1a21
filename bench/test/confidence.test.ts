/** How sure a mean of ratios is. */
import { describe, expect, it } from "vitest";
import { estimateOfRatios } from "../src/confidence.js";

describe("the mean of ratios", () => {
  it("lies in an interval by Student's t", () => {
    // Logarithms 0.1, 0.2 and 0.3: their mean is 0.2, their deviation 0.1, and t for two degrees of freedom 4.303.
    const { mean, low, high, sampleCount } = estimateOfRatios([0.1, 0.2, 0.3].map(Math.exp));
    const margin = (4.303 * 0.1) / Math.sqrt(3);
    expect([mean, low, high].map(Math.log)).toEqual([
      expect.closeTo(0.2, 9) as number,
      expect.closeTo(0.2 - margin, 9) as number,
      expect.closeTo(0.2 + margin, 9) as number,
    ]);
    expect(sampleCount).toBe(3);
  });

  it("is one where twice and half meet", () => {
    expect(estimateOfRatios([2, 0.5, 2, 0.5]).mean).toBeCloseTo(1, 9);
  });

  it("is not told of one alone", () => {
    expect(() => estimateOfRatios([1])).toThrow("how sure");
  });
});
