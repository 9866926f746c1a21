/** Numbers as people read them. */
import { describe, expect, it } from "vitest";
import { duration, shown } from "../../src/readings/units.js";

describe("a number", () => {
  it("has three digits, a unit, and a dash where there is none", () => {
    expect(shown(1_234, "per-second")).toBe("1.23 k/s");
    expect(shown(0, "per-second")).toBe("0/s");
    expect(shown(12.345, "ms")).toBe("12.3 ms");
    expect(shown(1_500, "ms")).toBe("1.5 s");
    expect(shown(104_857_600, "bytes")).toBe("100 MiB");
    expect(shown(0.9876, "share")).toBe("98.8 %");
    expect(shown(42, "count")).toBe("42");
    expect(shown(null, "ms")).toBe("–");
    expect(shown(Number.NaN, "ms")).toBe("–");
  });
});

describe("a duration", () => {
  it("is told in the largest unit that says enough", () => {
    expect([1_000, 59_000, 60_000, 7_200_000, 86_400_000 * 3].map(duration)).toEqual([
      "1 second",
      "59 seconds",
      "1 minute",
      "2 hours",
      "3 days",
    ]);
  });
});
