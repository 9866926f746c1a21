/** Writes numbers and ids into a buffer that grows and is used again. */
import { MainspringError } from "@mainspring/core";
import { ID_BYTES } from "./byte-reader.js";

const START_BYTES = 4_096;

/** No record comes near it: only a bug writes without end. 16 MiB. */
const MAX_BYTES = 16_777_216;

/** A number takes at most so many. */
const NUMBER_BYTES = 9;

export class ByteWriter {
  /** How many bytes were written. */
  at = 0;
  #bytes = new Uint8Array(START_BYTES);

  /** What was written, as a view that the next use of the writer overwrites. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.at);
  }

  /** Starts anew, after so many bytes that are left to be filled in later. */
  restart(at: number): void {
    this.at = at;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.at] = value;
    this.at += 1;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits to a byte, lowest first. */
  number(value: number): void {
    if (!(value >= 0 && Number.isSafeInteger(value))) throw notStorable("a number");
    this.#reserve(NUMBER_BYTES);
    this.#putNumber(value);
  }

  /** The same with a sign, which takes one bit of the first byte. */
  signed(value: number): void {
    if (!Number.isSafeInteger(value)) throw notStorable("a number");
    this.#reserve(NUMBER_BYTES);
    const magnitude = Math.abs(value);
    const low = magnitude % 64;
    const sign = value < 0 ? 0x40 : 0;
    if (magnitude < 64) {
      this.#bytes[this.at++] = sign | low;
      return;
    }
    this.#bytes[this.at++] = 0x80 | sign | low;
    this.#putNumber((magnitude - low) / 64);
  }

  /** Bytes whose number the reader knows. */
  raw(bytes: Uint8Array, size: number): void {
    if (bytes.length !== size) throw notStorable("bytes");
    this.#reserve(size);
    // Faster than set() for the few bytes of a hash.
    for (let index = 0; index < size; index += 1) this.#bytes[this.at + index] = bytes[index] ?? 0;
    this.at += size;
  }

  /** Bytes as characters of Latin-1, whose number the reader knows. */
  characters(text: string, size: number): void {
    if (text.length !== size) throw notStorable("bytes");
    this.#reserve(size);
    for (let index = 0; index < size; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0xff) throw notStorable("bytes");
      this.#bytes[this.at + index] = code;
    }
    this.at += size;
  }

  /** An id in full: its length and its characters, which are printable ASCII. */
  id(id: string): void {
    if (id.length < 1 || id.length > ID_BYTES) throw notStorable("an id");
    this.#reserve(id.length + 1);
    this.#bytes[this.at++] = id.length;
    for (let index = 0; index < id.length; index += 1) {
      const code = id.charCodeAt(index);
      if (code <= 0x20 || code >= 0x7f) throw notStorable("an id");
      this.#bytes[this.at++] = code;
    }
  }

  #putNumber(value: number): void {
    let rest = value;
    // Bit operations see 32 bits only.
    while (rest > 0x7fff_ffff) {
      const low = rest % 128;
      this.#bytes[this.at++] = 0x80 | low;
      rest = (rest - low) / 128;
    }
    while (rest > 0x7f) {
      this.#bytes[this.at++] = 0x80 | (rest & 0x7f);
      rest >>>= 7;
    }
    this.#bytes[this.at++] = rest;
  }

  #reserve(size: number): void {
    const needed = this.at + size;
    if (needed <= this.#bytes.length) return;
    if (needed > MAX_BYTES) throw notStorable("a record of this size");
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.at));
    this.#bytes = grown;
  }
}

/** Only a bug makes a state that can't be stored. */
export function notStorable(what: string): MainspringError {
  return new MainspringError("INTERNAL", `A record can't hold ${what} like this.`);
}
