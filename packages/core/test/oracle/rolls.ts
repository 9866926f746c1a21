/** The oracle's chances: every roll with all of its 48 bits, compared as big integers. */
import { chachaBlock, wordsOf } from "./chacha.js";

const TWO_32 = 2 ** 32;
const ALL = 2n ** 48n;
const PPM = 1_000_000n;

/** Blocks are remembered so that thousands of cycles stay quick; a history needs far fewer than this. */
const MAX_BLOCKS = 20_000;

/** The rolls of one player. */
export interface OracleRolls {
  /** *R* for an address. */
  roll(task: number, cycle: number, index: number): bigint;
}

export function createRolls(seed: Uint8Array): OracleRolls {
  const key = wordsOf(seed);
  const blocks = new Map<string, Uint32Array>();
  const block = (number: number, task: number, last: number): Uint32Array => {
    const name = `${number} ${task} ${last}`;
    let found = blocks.get(name);
    if (found === undefined) {
      if (blocks.size >= MAX_BLOCKS) blocks.clear();
      found = chachaBlock(key, [number, Math.floor(task / TWO_32), task % TWO_32, last]);
      blocks.set(name, found);
    }
    return found;
  };
  return {
    roll(task, cycle, index) {
      const i = cycle % 32;
      const highWord = block(Math.floor(cycle / 32), task, 2 * index)[Math.floor(i / 2)] ?? 0;
      const high = (highWord >>> (16 * (i % 2))) % 65_536;
      const low = block(Math.floor(cycle / 16), task, 2 * index + 1)[cycle % 16] ?? 0;
      return BigInt(high) * BigInt(TWO_32) + BigInt(low);
    },
  };
}

/** A chance of so many millionths. */
export function says(roll: bigint, ppm: number): boolean {
  return roll * PPM < BigInt(ppm) * ALL;
}

/** A uniform choice from `min` to `max`. */
export function uniform(roll: bigint, min: number, max: number): number {
  return min + Number((roll * BigInt(max - min + 1)) / ALL);
}

/** The first of several whose cumulated weight exceeds the roll's share of the total. */
export function byWeight<T extends { readonly weight: number }>(roll: bigint, choices: readonly T[]): T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const share = (roll * BigInt(total)) / ALL;
  let cumulated = 0n;
  for (const choice of choices) {
    cumulated += BigInt(choice.weight);
    if (cumulated > share) return choice;
  }
  throw new Error("A roll is below 2^48, so that some alternative is picked.");
}
