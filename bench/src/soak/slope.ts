/**
 * How fast something grows, and how well that is known. What is measured every few seconds is autocorrelated (a player who came stays a
 * while), so the samples are no independent witnesses, and a plain regression would be too sure of itself. Here neighbours are averaged into
 * few blocks first: what lasts less than a block counts once, and so few points are honest about how little they know.
 */

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** All per minute. */
export interface Slope {
  readonly perMinute: number;
  /** With 95 % confidence it lies between these. */
  readonly lowPerMinute: number;
  readonly highPerMinute: number;
}

export const BLOCK_COUNT = 8;

/** Student's t with so many degrees of freedom as there are blocks, less two for the line: 97.5 % lie below it. */
const T_QUANTILE = 2.447;

const MINUTE_MS = 60_000;

/** @throws Error when there are fewer samples than two for each block */
export function slopeOf(samples: readonly Sample[]): Slope {
  if (samples.length < 2 * BLOCK_COUNT) {
    throw new Error(`${samples.length} samples are too few for ${BLOCK_COUNT} blocks.`);
  }
  const blocks = Array.from({ length: BLOCK_COUNT }, (_, block) =>
    meanOf(
      samples.slice(
        Math.round((block * samples.length) / BLOCK_COUNT),
        Math.round(((block + 1) * samples.length) / BLOCK_COUNT),
      ),
    ),
  );
  const centre = meanOf(blocks);
  let spread = 0;
  let product = 0;
  for (const { atMs, value } of blocks) {
    spread += (atMs - centre.atMs) ** 2;
    product += (atMs - centre.atMs) * (value - centre.value);
  }
  const slope = product / spread;
  let residue = 0;
  for (const { atMs, value } of blocks) {
    residue += (value - centre.value - slope * (atMs - centre.atMs)) ** 2;
  }
  const halfWidth = T_QUANTILE * Math.sqrt(residue / (BLOCK_COUNT - 2) / spread);
  return {
    perMinute: slope * MINUTE_MS,
    lowPerMinute: (slope - halfWidth) * MINUTE_MS,
    highPerMinute: (slope + halfWidth) * MINUTE_MS,
  };
}

function meanOf(samples: readonly Sample[]): Sample {
  let atMs = 0;
  let value = 0;
  for (const sample of samples) {
    atMs += sample.atMs / samples.length;
    value += sample.value / samples.length;
  }
  return { atMs, value };
}
