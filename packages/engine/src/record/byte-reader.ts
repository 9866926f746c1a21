/** Reads what `ByteWriter` wrote, and nothing that it would have written otherwise. */
import { corrupt } from "./record-errors.js";

/** Of an id, at most. */
export const ID_BYTES = 64;

/** Bytes of a number after the first: enough for 2^53. */
const MORE_BYTES = 7;

export class ByteReader {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.#bytes[this.at];
    if (value === undefined) throw corrupt("it ends too early");
    this.at += 1;
    return value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#more(first & 0x7f, 128);
  }

  /** A whole number from -(2^53 - 1) to 2^53 - 1. */
  signed(): number {
    const first = this.byte();
    const low = first & 0x3f;
    const magnitude = first < 0x80 ? low : this.#more(low, 64);
    if ((first & 0x40) === 0) return magnitude;
    if (magnitude === 0) throw corrupt("a zero with a sign");
    return -magnitude;
  }

  /** The number of entries that follow, each of at least `entryBytes`: never more than there can be. */
  count(max: number, entryBytes = 1): number {
    const count = this.number();
    if (count > max || count * entryBytes > this.#bytes.length - this.at) throw corrupt("too many entries");
    return count;
  }

  /** A view: copy what is to be kept. */
  raw(size: number): Uint8Array {
    const end = this.at + size;
    if (end > this.#bytes.length) throw corrupt("it ends too early");
    const view = this.#bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }

  /** A copy. Faster than slice() for a few bytes. */
  copy(size: number): Uint8Array {
    const end = this.at + size;
    if (end > this.#bytes.length) throw corrupt("it ends too early");
    const copy = new Uint8Array(size);
    for (let index = 0; index < size; index += 1) copy[index] = this.#bytes[this.at + index] ?? 0;
    this.at = end;
    return copy;
  }

  /** Bytes as characters of Latin-1. */
  characters(size: number): string {
    return String.fromCharCode(...this.raw(size));
  }

  id(): string {
    const length = this.byte();
    if (length < 1 || length > ID_BYTES) throw corrupt("the length of an id");
    const bytes = this.raw(length);
    for (const code of bytes) if (code <= 0x20 || code >= 0x7f) throw corrupt("a character of an id");
    return String.fromCharCode(...bytes);
  }

  /** @throws MainspringError `RECORD_CORRUPT` unless everything was read. */
  end(): void {
    if (this.at !== this.#bytes.length) throw corrupt("bytes after the end");
  }

  /** The rest of a number; a last byte of 0 would be another way to write a shorter one. */
  #more(low: number, firstScale: number): number {
    let value = low;
    let scale = firstScale;
    for (let count = 0; count < MORE_BYTES; count += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 || value > Number.MAX_SAFE_INTEGER) throw corrupt("a number out of range");
        return value;
      }
      scale *= 128;
    }
    throw corrupt("a number out of range");
  }
}
