/** Chance: the cipher, the comparison with thresholds, the uniform choice; against big integers and another cipher. */
import { __TESTS as ciphers } from "@noble/ciphers/chacha.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSeed, PPM, seedBytes } from "../../src/index.js";
import { chacha8, CYCLES_PER_BLOCK, Rolls, thresholdOf } from "../../src/settle/chance.js";
import { seedWords } from "../../src/player/seed.js";
import { chachaBlock, wordsOf } from "../oracle/chacha.js";
import { createRolls, says, uniform } from "../oracle/rolls.js";

const seed = fc.uint8Array({ minLength: 16, maxLength: 16 });
const word = fc.nat(0xffff_ffff);
const task = fc.oneof(fc.nat(1_000), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1));
const cycle = fc.oneof(fc.nat(200), fc.nat(2_000_000));
const roll = fc.nat(300);
const ppm = fc.oneof(fc.nat(PPM), fc.constantFrom(0, 1, 500_000, PPM - 1, PPM));

/** "expand 16-byte k": what ChaCha starts with for a key of 16 bytes, which is used twice. */
const SIGMA = new Uint32Array(new TextEncoder().encode("expand 16-byte k").buffer);

/** Another library's core of ChaCha: word 12 is its counter, words 13 to 15 are its nonce. */
function reference(key: Uint8Array, [counter = 0, ...nonce]: readonly number[]): Uint32Array {
  const words = new Uint32Array(key.slice().buffer);
  const out = new Uint32Array(16);
  ciphers.chachaCore(SIGMA, Uint32Array.from([...words, ...words]), Uint32Array.from(nonce), out, counter, 8);
  return out;
}

describe("the cipher", () => {
  test("of the oracle and of the product is ChaCha8 as another library has it", () => {
    fc.assert(
      fc.property(seed, fc.nat(0xffff_fffe), task, fc.nat(1_000), (key, block, number, last) => {
        const address = [block, Math.floor(number / 2 ** 32), number % 2 ** 32, last];
        const expected = reference(key, address);
        expect(chachaBlock(wordsOf(key), address)).toEqual(expected);
        const words = new Uint32Array(16);
        chacha8(seedWords(createSeed(key)), block, number, last, words);
        expect(words).toEqual(expected);
      }),
    );
  });

  test("differs in every word of its address", () => {
    const words = (address: readonly number[]): string => chachaBlock([1, 2, 3, 4], address).join();
    const base = [0, 0, 0, 0];
    const others = base.map((_, index) => words(base.map((zero, other) => (other === index ? 1 : zero))));
    expect(new Set([words(base), ...others]).size).toBe(5);
  });

  test("a seed gives back its bytes, and prints as a placeholder", () => {
    fc.assert(
      fc.property(seed, (bytes) => {
        expect(seedBytes(createSeed(bytes))).toEqual(bytes);
      }),
    );
    expect(JSON.stringify({ seed: createSeed(new Uint8Array(16)) })).toBe('{"seed":"[seed]"}');
  });
});

describe("a chance", () => {
  test("has the threshold ceil(ppm × 2^48 / 10^6)", () => {
    fc.assert(
      fc.property(ppm, (chance) => {
        const { high, low } = thresholdOf(chance);
        const exact = (BigInt(chance) * 2n ** 48n + BigInt(PPM) - 1n) / BigInt(PPM);
        expect(BigInt(high) * 2n ** 32n + BigInt(low)).toBe(exact);
      }),
      { numRuns: 5_000 },
    );
  });

  test("decides for 32 cycles together as for each with all 48 bits", () => {
    fc.assert(
      fc.property(seed, task, fc.nat(70_000), roll, ppm, (key, number, block, index, chance) => {
        const mask = new Rolls(seedWords(createSeed(key))).chanceMask(
          number,
          block,
          index,
          thresholdOf(chance),
        );
        const rolls = createRolls(key);
        const expected = Array.from({ length: CYCLES_PER_BLOCK }, (_, at) =>
          says(rolls.roll(number, block * CYCLES_PER_BLOCK + at, index), chance),
        );
        expect(expected.map((_, at) => ((mask >>> at) & 1) === 1)).toEqual(expected);
      }),
    );
  });

  test("looks at the low bits where the high ones are equal", () => {
    // For every roll of some cycles: a threshold just at, and one just above it.
    const key = new Uint8Array(16).fill(3);
    const rolls = createRolls(key);
    const product = new Rolls(seedWords(createSeed(key)));
    for (let at = 0; at < 64; at += 1) {
      const exact = rolls.roll(9, at, 5);
      const high = Number(exact >> 32n);
      const low = Number(exact % 2n ** 32n);
      const isBelow = (threshold: { high: number; low: number }): boolean =>
        ((product.chanceMask(9, Math.floor(at / 32), 5, threshold) >>> (at % 32)) & 1) === 1;
      expect(isBelow({ high, low }), "not below itself").toBe(false);
      expect(isBelow({ high, low: low + 1 }), "below one more").toBe(true);
    }
  });
});

describe("a uniform choice", () => {
  const choices = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 20 }),
    fc.constantFrom(1, 2, 3, 2 ** 15, 2 ** 15 + 1, 2 ** 20),
  );

  test("is floor(R × choices / 2^48), with all 48 bits", () => {
    fc.assert(
      fc.property(seed, task, cycle, roll, choices, (key, number, at, index, count) => {
        const chosen = new Rolls(seedWords(createSeed(key))).uniform(number, at, index, count);
        expect(chosen).toBe(uniform(createRolls(key).roll(number, at, index), 0, count - 1));
      }),
      { numRuns: 3_000 },
    );
  });

  test("adds up over the cycles of a block", () => {
    fc.assert(
      fc.property(
        seed,
        task,
        fc.nat(70_000),
        roll,
        choices,
        word,
        (key, number, block, index, count, mask) => {
          const rolls = new Rolls(seedWords(createSeed(key)));
          let sum = 0;
          for (let at = 0; at < CYCLES_PER_BLOCK; at += 1) {
            if (((mask >>> at) & 1) === 1)
              sum += rolls.uniform(number, block * CYCLES_PER_BLOCK + at, index, count);
          }
          expect(rolls.uniformSum(number, block, index, count, mask)).toBe(sum);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("gives each of six about equally often, and a chance of 2 % about 2 % of the time", () => {
    const rolls = new Rolls(seedWords(createSeed(Uint8Array.from({ length: 16 }, (_, index) => index))));
    const cycles = 120_000;
    const sides = [0, 0, 0, 0, 0, 0];
    let given = 0;
    for (let at = 0; at < cycles; at += 1) {
      const side = rolls.uniform(1, at, 3, 6);
      sides[side] = (sides[side] ?? 0) + 1;
      if (at % 32 === 0) {
        let mask = rolls.chanceMask(1, at / 32, 1, thresholdOf(20_000));
        for (; mask !== 0; mask &= mask - 1) given += 1;
      }
    }
    // Chi-squared with five degrees of freedom passes 25.7 once in ten thousand; the seed is fixed.
    const chiSquared = sides.reduce((sum, count) => sum + (count - cycles / 6) ** 2 / (cycles / 6), 0);
    expect(chiSquared).toBeLessThan(25.7);
    // Four standard deviations of a binomial.
    expect(Math.abs(given - cycles * 0.02)).toBeLessThan(4 * Math.sqrt(cycles * 0.02 * 0.98));
  });
});
