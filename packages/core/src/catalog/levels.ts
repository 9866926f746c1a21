/** Levels: how much xp each asks for. Exact, made once when a catalog is compiled. */
import { MAX_AMOUNT, PPM } from "../numbers.js";
import type { Skill } from "./catalog.js";

/**
 * `xpFor(1) = 0`; `xpFor(n + 1) = xpFor(n) + floor(xpBase × xpGrowth^(n−1))`, in rational arithmetic.
 * Returns `null` when a level would ask for more than a safe integer.
 */
export function xpByGrowth({
  xpBase,
  xpGrowthPpm,
  max,
}: {
  xpBase: number;
  xpGrowthPpm: number;
  max: number;
}): number[] | null {
  const table = [0];
  let total = 0n;
  let numerator = BigInt(xpBase);
  let denominator = 1n;
  // Growth in lowest terms: 11/10 keeps the numbers short where 1100000/1000000 would not.
  const divisor = greatestCommonDivisor(xpGrowthPpm, PPM);
  const [up, down] = [BigInt(xpGrowthPpm / divisor), BigInt(PPM / divisor)];
  while (table.length < max) {
    total += numerator / denominator;
    if (total > BigInt(MAX_AMOUNT)) return null;
    table.push(Number(total));
    numerator *= up;
    denominator *= down;
  }
  return table;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The highest level whose xp is reached. */
export function levelOf(skill: Skill, xp: number): number {
  const table = skill.xpForLevel;
  let low = 1;
  let high = table.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((table[middle - 1] ?? Infinity) <= xp) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The xp that the level after the present one asks for; `Infinity` at the highest. */
export function xpForNextLevel(skill: Skill, xp: number): number {
  return skill.xpForLevel[levelOf(skill, xp)] ?? Infinity;
}
