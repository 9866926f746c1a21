/** Reads ids and amounts by id, as `write-amounts` wrote them and in no other way. */
import type { AmountMap } from "@mainspring/core";
import type { ByteReader } from "./byte-reader.js";
import type { IdTable } from "./catalog-index.js";
import { corrupt } from "./record-errors.js";

/** Shared by everything that has none. Never written to. */
export const NO_AMOUNTS: AmountMap = new Map();

/** An entry has at least an id and an amount. */
const ENTRY_BYTES = 2;

/** Items of all catalogs that a player ever met, and more. The bytes that are there are the nearer bound. */
const MAX_ENTRIES = 1_000_000;

export function readId(reader: ByteReader, table: IdTable): string {
  const place = reader.number();
  if (place > 0) return idAt(table, place - 1);
  return readInertId(reader, table, "");
}

/** An id of the table. */
export function idAt(table: IdTable, place: number): string {
  const id = table.ids[place];
  if (id === undefined) throw corrupt("no such place in the catalog");
  return id;
}

export function readAmounts(reader: ByteReader, table: IdTable): AmountMap {
  // The count's lowest bit says whether inert ids follow.
  const header = reader.number();
  if (header === 0) return NO_AMOUNTS;
  const result = new Map<string, number>();
  const hasInert = header % 2 === 1;
  const known = (header - (hasInert ? 1 : 0)) / 2;
  if (known > table.ids.length) throw corrupt("too many entries");
  let place = -1;
  for (let index = 0; index < known; index += 1) {
    place += reader.number() + 1;
    result.set(idAt(table, place), reader.number());
  }
  if (hasInert) readInert(reader, table, result);
  return result;
}

function readInert(reader: ByteReader, table: IdTable, result: Map<string, number>): void {
  const count = reader.count(MAX_ENTRIES, ENTRY_BYTES);
  if (count === 0) throw corrupt("an empty list of inert ids");
  let last = "";
  for (let index = 0; index < count; index += 1) {
    last = readInertId(reader, table, last);
    result.set(last, reader.number());
  }
}

/** An id that the catalog doesn't know, after another one in their order. */
function readInertId(reader: ByteReader, table: IdTable, after: string): string {
  const id = reader.id();
  if (id <= after || table.places.has(id)) throw corrupt("the order of ids");
  return id;
}
