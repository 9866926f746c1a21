/** How figures are written in the table. */
import type { Summary } from "./measure.js";

const SIGNIFICANT_DIGITS = 3;

/** A number with three significant digits and thousands set apart. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: Math.max(SIGNIFICANT_DIGITS, Math.trunc(Math.abs(value)).toString().length),
  });
}

/** `12.3 µs (11.9–14.0)` from figures in another unit. */
export function formatSummary(summary: Summary, { unit, per = 1 }: { unit: string; per?: number }): string {
  const [median, min, max] = [summary.median, summary.min, summary.max].map((value) =>
    formatNumber(value / per),
  );
  return `${median}${unit === "" ? "" : ` ${unit}`} (${min}–${max})`;
}
