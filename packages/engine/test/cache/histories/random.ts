/** Chance of a simulation: many independent streams from one seed, so that taking one thing away leaves the others as they were. */

export interface Random {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number;
  /** From the first up to the second. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32 over the seed and the stream's name. */
export function randomOf(seed: number, stream: string): Random {
  let state = seed >>> 0;
  for (const character of stream) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
    state = (state ^ (state >>> 13)) >>> 0;
  }
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    fraction,
    integer: (below) => Math.floor(fraction() * below),
    between: (from, to) => from + fraction() * (to - from),
    chance: (probability) => fraction() < probability,
    pick(from) {
      const picked = from[Math.floor(fraction() * from.length)];
      if (picked === undefined) throw new Error("There is nothing to pick from.");
      return picked;
    },
  };
}
