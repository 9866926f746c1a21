/** The oracle's checks of what commands carry. */
import { OracleError } from "./oracle-state.js";

export const MAX_WHOLE = Number.MAX_SAFE_INTEGER;

export function checkWhole(value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) throw new OracleError("INVALID_REQUEST");
}

/** Entries by id, with every amount a whole number in the range. */
export function checkedAmounts(
  amounts: Readonly<Record<string, number>> | undefined,
  min: number,
): [id: string, amount: number][] {
  const entries = Object.entries(amounts ?? {});
  for (const [, amount] of entries) checkWhole(amount, min, MAX_WHOLE);
  return byId(entries);
}

/** Sorted by id, in place. */
export function byId<T>(entries: [string, T][]): [string, T][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A decimal in [-1000, 1000] with at most six places, as millionths: read from its digits. */
export function checkedPpm(decimal: number): number {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/u.exec(plainDigits(decimal));
  if (match === null || Math.abs(decimal) > 1_000) throw new OracleError("INVALID_REQUEST");
  const [, sign, whole = "", fraction = ""] = match;
  const ppm = Number(`${whole}${fraction.padEnd(6, "0")}`);
  return sign === "-" && ppm !== 0 ? -ppm : ppm;
}

/** A millionth prints as 0.000001, but anything smaller in powers of ten: that has too many places anyway. */
function plainDigits(decimal: number): string {
  return Object.is(decimal, -0) ? "0" : String(decimal);
}
