/** Chance that can be replayed: a test prints its seed, and `MAINSPRING_SEED` sets it. */
import { randomInt } from "node:crypto";

export interface SeededRandom {
  readonly seed: number;
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number;
}

/** @param test whose seed it is, for the line that it prints */
export function seededRandom(test: string): SeededRandom {
  const seed = Number(process.env["MAINSPRING_SEED"] ?? randomInt(2 ** 32));
  console.log(`${test}: MAINSPRING_SEED=${seed}`);
  return randomFrom(seed);
}

/** The same from a seed that was printed before. */
export function randomFrom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return { seed, fraction, integer: (below) => Math.floor(fraction() * below) };
}
