/** SHA-256 (FIPS 180-4) of a text in UTF-8. Here because `core` may use no platform: it names catalogs. */

import { divCeil } from "../numbers.js";

/** Round constants: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = primes(64).map((prime) => fractionOfRoot(prime, 3n));
/** Start values: the same of the square roots of the first 8 primes. */
const H = primes(8).map((prime) => fractionOfRoot(prime, 2n));

/** 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  const bytes = paddedUtf8(text);
  const state = [...H];
  const schedule = new Int32Array(64);
  for (let offset = 0; offset < bytes.length; offset += 64) {
    for (let index = 0; index < 16; index += 1) {
      const at = offset + index * 4;
      schedule[index] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
    compress(state, schedule);
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function compress(state: number[], w: Int32Array): void {
  const word = (index: number): number => w[index] ?? 0;
  for (let index = 16; index < 64; index += 1) {
    const a = word(index - 15);
    const b = word(index - 2);
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    w[index] = (word(index - 16) + s0 + word(index - 7) + s1) | 0;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let index = 0; index < 64; index += 1) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[index] ?? 0) + word(index)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((value, index) => {
    state[index] = ((state[index] ?? 0) + value) | 0;
  });
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

function paddedUtf8(text: string): Uint8Array {
  // A UTF-16 unit takes three bytes at most; then a one, zeros, and the length in eight bytes.
  const bytes = new Uint8Array(text.length * 3 + 72);
  let size = 0;
  const push = (byte: number): void => {
    bytes[size] = byte;
    size += 1;
  };
  const pushRest = (code: number, shift: number): void => {
    for (let by = shift; by >= 0; by -= 6) push(0x80 | ((code >> by) & 63));
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) push(code);
    else if (code < 0x800) {
      push(0xc0 | (code >> 6));
      pushRest(code, 0);
    } else if (code < 0x1_0000) {
      push(0xe0 | (code >> 12));
      pushRest(code, 6);
    } else {
      push(0xf0 | (code >> 18));
      pushRest(code, 12);
    }
  }
  const bits = size * 8;
  push(0x80);
  // The zeros are there already.
  size = divCeil(size + 8, 64) * 64 - 8;
  for (const half of [Math.floor(bits / 0x1_0000_0000), bits >>> 0]) {
    for (let shift = 24; shift >= 0; shift -= 8) push((half >>> shift) & 0xff);
  }
  return bytes.subarray(0, size);
}

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < count; candidate += 1n) {
    if (found.every((prime) => candidate % prime !== 0n)) found.push(candidate);
  }
  return found;
}

/** The first 32 bits of the fraction of a root, by integer search: exact on every engine. */
function fractionOfRoot(value: bigint, degree: bigint): number {
  const target = value << (32n * degree);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffff_ffffn) | 0;
}
