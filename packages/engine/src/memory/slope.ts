/** A straight line through samples, by least squares, and how sure its slope is. */

export interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

export interface Slope {
  readonly perMs: number;
  /** With 95 % confidence the slope lies within so much of `perMs`. */
  readonly halfWidthPerMs: number;
  /** Of the line, at the last sample. */
  readonly endBytes: number;
}

/** What follows its predecessor closely says little of its own; more than this is not held against it. */
const MAX_CORRELATION = 0.97;

/** @param samples in the order of time, not all of one instant; at least 6, below which the interval is only about right */
export function fitSlope(samples: readonly Sample[]): Slope {
  const count = samples.length;
  const meanMs = samples.reduce((sum, { atMs }) => sum + atMs, 0) / count;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / count;
  let spread = 0;
  let together = 0;
  for (const { atMs, bytes } of samples) {
    spread += (atMs - meanMs) ** 2;
    together += (atMs - meanMs) * (bytes - meanBytes);
  }
  const perMs = together / spread;
  const errors = samples.map(({ atMs, bytes }) => bytes - meanBytes - perMs * (atMs - meanMs));
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const correlation = correlationOf(errors, squares);
  // Errors that follow each other are worth fewer samples.
  const inflation = (1 + correlation) / (1 - correlation);
  const standardError = Math.sqrt((squares / (count - 2) / spread) * inflation);
  const lastMs = samples.at(-1)?.atMs ?? meanMs;
  return {
    perMs,
    halfWidthPerMs: studentT(count - 2) * standardError,
    endBytes: meanBytes + perMs * (lastMs - meanMs),
  };
}

/** Of each error with the one before it, from 0. Few samples show too little of it: Kendall's correction. */
function correlationOf(errors: readonly number[], squares: number): number {
  const products = errors.reduce((sum, error, index) => sum + error * (errors[index - 1] ?? 0), 0);
  if (products <= 0) return 0;
  const shown = products / squares;
  return Math.min(MAX_CORRELATION, shown + (1 + 4 * shown) / errors.length);
}

/** Of the standard normal distribution: 2.5 % lie above. */
const NORMAL_QUANTILE = 1.959_964;

/** Of Student's t: 2.5 % lie above. By the usual expansion in the degrees of freedom; from 4 of them on good to 0.5 %. */
export function studentT(freedom: number): number {
  const z = NORMAL_QUANTILE;
  const first = (z ** 3 + z) / (4 * freedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return z + first + second + third;
}
