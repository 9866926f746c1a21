/** How sure a mean is: the interval in which it lies with 95 % confidence, by Student's t. */

export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly sampleCount: number;
}

/** Student's t for 95 %, both sides, by degrees of freedom from 1. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/** For more than the table has it is a little too wide. */
function tOf(degreesOfFreedom: number): number {
  return T_95[Math.min(degreesOfFreedom, T_95.length) - 1] ?? Infinity;
}

/**
 * The mean of ratios, as the mean of their logarithms: twice and half average to one.
 * @throws Error for fewer than two
 */
export function estimateOfRatios(ratios: readonly number[]): Estimate {
  const count = ratios.length;
  if (count < 2) throw new Error("One ratio says nothing of how sure it is.");
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / count;
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1);
  const margin = tOf(count - 1) * Math.sqrt(variance / count);
  return {
    mean: Math.exp(mean),
    low: Math.exp(mean - margin),
    high: Math.exp(mean + margin),
    sampleCount: count,
  };
}
