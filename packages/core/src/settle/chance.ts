/**
 * Where chances come from: ChaCha with 8 rounds, keyed by the player's seed and addressed by (task, cycle, roll).
 *
 * A roll is a 48-bit number R. Its high 16 bits come from one block that serves 32 cycles; the low 32 bits are looked
 * up only where the high ones leave the result open (about once in 65,536), so the usual roll costs a 32nd of a block.
 * The result is the same as with all 48 bits. ChaCha: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008).
 */
import type { SeedWords } from "../player/seed.js";
import { PPM } from "../numbers.js";

/** How many cycles share a block of high parts. */
export const CYCLES_PER_BLOCK = 32;

const TWO_16 = 0x1_0000;
const TWO_32 = 0x1_0000_0000;
const HIGH = 0;
const LOW = 1;

/** A chance as a 48-bit threshold: a roll below it is a yes. */
export interface Threshold {
  readonly high: number;
  readonly low: number;
}

/** `ceil(ppm × 2^48 / 10^6)` for 0 ≤ ppm ≤ 10^6, in its two parts. */
export function thresholdOf(ppm: number): Threshold {
  const scaled = ppm * TWO_16;
  const rest = scaled % PPM;
  const low = Math.ceil((rest * TWO_32) / PPM);
  const high = (scaled - rest) / PPM;
  return low === TWO_32 ? { high: high + 1, low: 0 } : { high, low };
}

interface CachedBlock {
  task: number;
  block: number;
  readonly words: Uint32Array;
}

/** The rolls of one player. Remembers the last block of each roll index. */
export class Rolls {
  readonly #key: SeedWords;
  readonly #highs: (CachedBlock | undefined)[] = [];
  readonly #low: Uint32Array = new Uint32Array(16);

  constructor(key: SeedWords) {
    this.#key = key;
  }

  /** The high parts of 32 cycles: cycle i of the block has bits 16·(i mod 2)… of word floor(i / 2). */
  highs(task: number, block: number, roll: number): Uint32Array {
    let cached = this.#highs[roll];
    if (cached === undefined) {
      cached = { task: -1, block: -1, words: new Uint32Array(16) };
      this.#highs[roll] = cached;
    }
    if (cached.task !== task || cached.block !== block) {
      chacha8(this.#key, block, task, 2 * roll + HIGH, cached.words);
      cached.task = task;
      cached.block = block;
    }
    return cached.words;
  }

  /** The low 32 bits of one roll. */
  low(task: number, cycle: number, roll: number): number {
    const index = cycle % 16;
    chacha8(this.#key, (cycle - index) / 16, task, 2 * roll + LOW, this.#low);
    return this.#low[index] ?? 0;
  }

  /** Which of the 32 cycles of a block roll below the threshold, as a bit mask. */
  chanceMask(task: number, block: number, roll: number, threshold: Threshold): number {
    const words = this.highs(task, block, roll);
    const { high } = threshold;
    let mask = 0;
    for (let index = 0; index < 16; index += 1) {
      const word = words[index] ?? 0;
      const even = word & 0xffff;
      const odd = word >>> 16;
      if (even <= high && (even < high || this.low(task, block * 32 + 2 * index, roll) < threshold.low))
        mask |= 1 << (2 * index);
      if (odd <= high && (odd < high || this.low(task, block * 32 + 2 * index + 1, roll) < threshold.low))
        mask |= 2 << (2 * index);
    }
    return mask;
  }

  /** `floor(R × choices / 2^48)`: uniform in [0, choices), for 1 ≤ choices ≤ 2^20. */
  uniform(task: number, cycle: number, roll: number, choices: number): number {
    const index = cycle % CYCLES_PER_BLOCK;
    const word = this.highs(task, (cycle - index) / CYCLES_PER_BLOCK, roll)[index >>> 1] ?? 0;
    const product = ((index & 1) === 0 ? word & 0xffff : word >>> 16) * choices;
    const fraction = product % TWO_16;
    // The low part adds less than `choices` to the product.
    if (fraction + choices <= TWO_16) return (product - fraction) / TWO_16;
    const carry = Math.floor((this.low(task, cycle, roll) * choices) / TWO_32);
    return Math.floor((product + carry) / TWO_16);
  }

  /** The sum of `uniform` over the cycles of a block that the mask names. */
  uniformSum(task: number, block: number, roll: number, choices: number, mask: number): number {
    const words = this.highs(task, block, roll);
    // Up to 2^15 choices the product fits 32 bits.
    const isSmall = choices <= 0x8000;
    let sum = 0;
    for (let index = 0; index < CYCLES_PER_BLOCK; index += 1) {
      if ((mask & (1 << index)) === 0) continue;
      const word = words[index >>> 1] ?? 0;
      const product = ((index & 1) === 0 ? word & 0xffff : word >>> 16) * choices;
      sum +=
        isSmall && (product & 0xffff) + choices <= TWO_16
          ? product >>> 16
          : this.uniform(task, block * CYCLES_PER_BLOCK + index, roll, choices);
    }
    return sum;
  }
}

/* eslint-disable max-lines-per-function -- sixteen variables, eight quarter rounds: a loop over an array is four times slower. */

/** One ChaCha block with 8 rounds; layout of the 16 start words: docs/rules.md, "Rolls". */
export function chacha8(key: SeedWords, block: number, task: number, roll: number, out: Uint32Array): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = key[2] | 0;
  const k3 = key[3] | 0;
  const taskLow = task | 0;
  const taskHigh = Math.floor(task / TWO_32) | 0;
  // "expand 16-byte k"
  let a = 0x61707865;
  let b = 0x3120646e;
  let c = 0x79622d36;
  let d = 0x6b206574;
  let e = k0;
  let f = k1;
  let g = k2;
  let h = k3;
  let i = k0;
  let j = k1;
  let k = k2;
  let l = k3;
  let m = block | 0;
  let n = taskHigh;
  let o = taskLow;
  let p = roll | 0;
  for (let round = 0; round < 8; round += 2) {
    a = (a + e) | 0;
    m ^= a;
    m = (m << 16) | (m >>> 16);
    i = (i + m) | 0;
    e ^= i;
    e = (e << 12) | (e >>> 20);
    a = (a + e) | 0;
    m ^= a;
    m = (m << 8) | (m >>> 24);
    i = (i + m) | 0;
    e ^= i;
    e = (e << 7) | (e >>> 25);

    b = (b + f) | 0;
    n ^= b;
    n = (n << 16) | (n >>> 16);
    j = (j + n) | 0;
    f ^= j;
    f = (f << 12) | (f >>> 20);
    b = (b + f) | 0;
    n ^= b;
    n = (n << 8) | (n >>> 24);
    j = (j + n) | 0;
    f ^= j;
    f = (f << 7) | (f >>> 25);

    c = (c + g) | 0;
    o ^= c;
    o = (o << 16) | (o >>> 16);
    k = (k + o) | 0;
    g ^= k;
    g = (g << 12) | (g >>> 20);
    c = (c + g) | 0;
    o ^= c;
    o = (o << 8) | (o >>> 24);
    k = (k + o) | 0;
    g ^= k;
    g = (g << 7) | (g >>> 25);

    d = (d + h) | 0;
    p ^= d;
    p = (p << 16) | (p >>> 16);
    l = (l + p) | 0;
    h ^= l;
    h = (h << 12) | (h >>> 20);
    d = (d + h) | 0;
    p ^= d;
    p = (p << 8) | (p >>> 24);
    l = (l + p) | 0;
    h ^= l;
    h = (h << 7) | (h >>> 25);

    a = (a + f) | 0;
    p ^= a;
    p = (p << 16) | (p >>> 16);
    k = (k + p) | 0;
    f ^= k;
    f = (f << 12) | (f >>> 20);
    a = (a + f) | 0;
    p ^= a;
    p = (p << 8) | (p >>> 24);
    k = (k + p) | 0;
    f ^= k;
    f = (f << 7) | (f >>> 25);

    b = (b + g) | 0;
    m ^= b;
    m = (m << 16) | (m >>> 16);
    l = (l + m) | 0;
    g ^= l;
    g = (g << 12) | (g >>> 20);
    b = (b + g) | 0;
    m ^= b;
    m = (m << 8) | (m >>> 24);
    l = (l + m) | 0;
    g ^= l;
    g = (g << 7) | (g >>> 25);

    c = (c + h) | 0;
    n ^= c;
    n = (n << 16) | (n >>> 16);
    i = (i + n) | 0;
    h ^= i;
    h = (h << 12) | (h >>> 20);
    c = (c + h) | 0;
    n ^= c;
    n = (n << 8) | (n >>> 24);
    i = (i + n) | 0;
    h ^= i;
    h = (h << 7) | (h >>> 25);

    d = (d + e) | 0;
    o ^= d;
    o = (o << 16) | (o >>> 16);
    j = (j + o) | 0;
    e ^= j;
    e = (e << 12) | (e >>> 20);
    d = (d + e) | 0;
    o ^= d;
    o = (o << 8) | (o >>> 24);
    j = (j + o) | 0;
    e ^= j;
    e = (e << 7) | (e >>> 25);
  }
  out[0] = a + 0x61707865;
  out[1] = b + 0x3120646e;
  out[2] = c + 0x79622d36;
  out[3] = d + 0x6b206574;
  out[4] = e + k0;
  out[5] = f + k1;
  out[6] = g + k2;
  out[7] = h + k3;
  out[8] = i + k0;
  out[9] = j + k1;
  out[10] = k + k2;
  out[11] = l + k3;
  out[12] = m + block;
  out[13] = n + taskHigh;
  out[14] = o + taskLow;
  out[15] = p + roll;
}
