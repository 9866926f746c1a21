/** The oracle's cipher: ChaCha with 8 rounds, as docs/rules.md writes its sixteen words. */

/** "expand 16-byte k", as four little-endian words. */
const CONSTANT: readonly number[] = ["expa", "nd 1", "6-by", "te k"].map(
  (text) =>
    text.charCodeAt(0) +
    text.charCodeAt(1) * 2 ** 8 +
    text.charCodeAt(2) * 2 ** 16 +
    text.charCodeAt(3) * 2 ** 24,
);

/** Which words each quarter round of a double round mixes: columns, then diagonals. */
const QUARTERS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

const DOUBLE_ROUNDS = 4;

/** Four little-endian words of a 16-byte seed. */
export function wordsOf(seed: Uint8Array): number[] {
  const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  return [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
}

/** The sixteen output words for a key (four words) and the last four start words. */
export function chachaBlock(key: readonly number[], address: readonly number[]): Uint32Array {
  const start = Uint32Array.from([...CONSTANT, ...key, ...key, ...address]);
  const words = start.slice();
  const at = (index: number): number => words[index] ?? 0;
  const mix = (a: number, b: number, c: number, bits: number): void => {
    words[a] = at(a) + at(b);
    const mixed = (at(c) ^ at(a)) >>> 0;
    words[c] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  for (let round = 0; round < DOUBLE_ROUNDS; round += 1) {
    for (const [a, b, c, d] of QUARTERS) {
      mix(a, b, d, 16);
      mix(c, d, b, 12);
      mix(a, b, d, 8);
      mix(c, d, b, 7);
    }
  }
  return words.map((word, index) => word + (start[index] ?? 0));
}
