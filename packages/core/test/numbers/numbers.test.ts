/** Exact arithmetic, against big integers. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addUpToMax, divCeil, divFloor, MAX_AMOUNT, mulDivFloor, PPM, toPpm } from "../../src/index.js";
import { multiplyUpToMax } from "../../src/numbers.js";

const amount = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(1_000_000),
  fc.nat(20).map((less) => MAX_AMOUNT - less),
);
const divisor = fc.oneof(fc.integer({ min: 1, max: MAX_AMOUNT }), fc.integer({ min: 1, max: 1_000 }));
const manyRuns = { numRuns: 5_000 };

const upToMax = (exact: bigint): number => Number(exact > BigInt(MAX_AMOUNT) ? BigInt(MAX_AMOUNT) : exact);

describe("exact arithmetic", () => {
  test("divides, rounding down", () => {
    fc.assert(
      fc.property(amount, divisor, (a, b) => {
        expect(divFloor(a, b)).toBe(Number(BigInt(a) / BigInt(b)));
      }),
      manyRuns,
    );
  });

  test("divides, rounding up", () => {
    fc.assert(
      fc.property(amount, divisor, (a, b) => {
        expect(divCeil(a, b)).toBe(Number((BigInt(a) + BigInt(b) - 1n) / BigInt(b)));
      }),
      manyRuns,
    );
  });

  test("divides right beside multiples, where rounding would cross an integer", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 94_906_265 }),
        fc.integer({ min: 2, max: 94_906_265 }),
        (a, b) => {
          expect(divFloor(a * b, b)).toBe(a);
          expect(divFloor(a * b - 1, b)).toBe(a - 1);
          expect(divCeil(a * b, b)).toBe(a);
          expect(divCeil(a * b - b + 1, b)).toBe(a);
        },
      ),
      manyRuns,
    );
  });

  test("adds and multiplies up to the maximum and no further", () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        expect(addUpToMax(a, b)).toBe(upToMax(BigInt(a) + BigInt(b)));
        expect(multiplyUpToMax(a, b)).toBe(upToMax(BigInt(a) * BigInt(b)));
      }),
      manyRuns,
    );
  });

  test("multiplies and divides without losing a unit on the way", () => {
    fc.assert(
      fc.property(amount, amount, divisor, (a, b, c) => {
        expect(mulDivFloor(a, b, c)).toBe(upToMax((BigInt(a) * BigInt(b)) / BigInt(c)));
      }),
      manyRuns,
    );
  });
});

describe("decimals", () => {
  test("with at most six places are millionths", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (ppm) => {
        expect(toPpm(Number(`${ppm}e-6`))).toBe(ppm);
      }),
      manyRuns,
    );
  });

  test.each([0.0000001, 1 / 3, 0.1 + 0.2, Number.NaN, Infinity, 1e300])("%d isn't one", (decimal) => {
    expect(toPpm(decimal)).toBeNull();
  });

  test("minus nothing is nothing", () => {
    expect(Object.is(toPpm(-0), 0)).toBe(true);
    expect(PPM).toBe(10 ** 6);
  });
});
