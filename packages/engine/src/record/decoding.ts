/** What the parts of a record are read with. */
import { type ByteReader } from "./byte-reader.js";
import { type CatalogIndex, type CatalogSource, HASH_BYTES } from "./catalog-index.js";
import { corrupt } from "./record-errors.js";

export interface Decoding {
  readonly reader: ByteReader;
  readonly catalogs: CatalogSource;
  /** Hash of the state's catalog. */
  readonly catalog: string;
  /** Of the state's catalog. */
  readonly index: CatalogIndex;
  readonly settledAtMs: number;
  readonly nextTask: number;
}

/** The hash of a catalog. */
export function readHash(reader: ByteReader): string {
  const { buffer, byteOffset } = reader.raw(HASH_BYTES);
  return Buffer.from(buffer, byteOffset, HASH_BYTES).toString("hex");
}

/** A word by its place. */
export function readWord<T extends string>(reader: ByteReader, words: readonly T[]): T {
  const word = words[reader.number()];
  if (word === undefined) throw corrupt("no such word");
  return word;
}

/** A byte of flags: those that are known, and no others. */
export function readFlags(reader: ByteReader, known: number): number {
  const flags = reader.byte();
  if ((flags & ~known) !== 0) throw corrupt("an unknown flag");
  return flags;
}
