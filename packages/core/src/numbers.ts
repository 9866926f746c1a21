/**
 * Exact integer arithmetic. Floating point decides nothing in Mainspring: amounts are safe integers, decimals are
 * integer millionths (ppm), and whatever could pass 2^53 on the way goes through BigInt.
 */

/** One, in millionths. */
export const PPM = 1_000_000;

/** The greatest count, amount of xp or instant. Amounts stop here. */
export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;

/** `floor(a × b / c)` for integers a ≥ 0, b ≥ 0, c > 0; exact, and at most {@link MAX_AMOUNT}. */
export function mulDivFloor(a: number, b: number, c: number): number {
  const product = a * b;
  if (product <= MAX_AMOUNT) return divFloor(product, c);
  const exact = (BigInt(a) * BigInt(b)) / BigInt(c);
  return exact > BigInt(MAX_AMOUNT) ? MAX_AMOUNT : Number(exact);
}

/**
 * `floor(a / b)` for integers 0 ≤ a < 2^53 and b > 0; exact. An inexact quotient lies at least 1/b from the next integer,
 * and its rounding error is below a/b × 2^-53 < 1/b, so that rounding never crosses an integer.
 */
export function divFloor(a: number, b: number): number {
  return Math.floor(a / b);
}

/** `ceil(a / b)` for integers 0 ≤ a < 2^53 and b > 0; exact, for the same reason. */
export function divCeil(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** `a + b` for non-negative safe integers, stopping at {@link MAX_AMOUNT}. */
export function addUpToMax(a: number, b: number): number {
  return b > MAX_AMOUNT - a ? MAX_AMOUNT : a + b;
}

/** `a × b` for non-negative safe integers, stopping at {@link MAX_AMOUNT}. */
export function multiplyUpToMax(a: number, b: number): number {
  const product = a * b;
  return product > MAX_AMOUNT ? MAX_AMOUNT : product;
}

/**
 * A decimal as integer millionths, or `null` if it has more than six places. The division is correctly rounded, so it
 * gives back the very same double exactly when the decimal had at most six places.
 */
export function toPpm(decimal: number): number | null {
  const ppm = Math.round(decimal * PPM);
  return Number.isSafeInteger(ppm) && ppm / PPM === decimal ? ppm + 0 : null;
}
