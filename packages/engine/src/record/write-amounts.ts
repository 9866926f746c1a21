/** Writes ids and amounts by id: known ids by their place in the catalog, inert ones in full. */
import type { ByteWriter } from "./byte-writer.js";
import type { IdTable } from "./catalog-index.js";

/** Up to so many amounts out of order are sorted by insertion: most are in order, but for a few new ones. */
const MAX_INSERTIONS = 128;

/** Places and amounts of the map that is being written; used again for each. */
const places: number[] = [];
const amounts: number[] = [];

/** One id: its place plus one, or 0 and the id itself. */
export function writeId(writer: ByteWriter, id: string, table: IdTable): void {
  const place = table.places.get(id);
  writer.number(place === undefined ? 0 : place + 1);
  if (place === undefined) writer.id(id);
}

/** Amounts by id in the order of ids, known ones first: how far the place is from the last one, and the amount. */
export function writeAmounts(
  writer: ByteWriter,
  entries: Iterable<readonly [id: string, amount: number]>,
  table: IdTable,
): void {
  let known = 0;
  let lastPlace = -1;
  let isSorted = true;
  let inert: (readonly [string, number])[] | null = null;
  for (const entry of entries) {
    const place = table.places.get(entry[0]);
    if (place === undefined) {
      inert ??= [];
      inert.push(entry);
      continue;
    }
    if (place < lastPlace) isSorted = false;
    lastPlace = place;
    places[known] = place;
    amounts[known] = entry[1];
    known += 1;
  }
  if (!isSorted) sortFirst(known);
  writer.number(inert === null ? known * 2 : known * 2 + 1);
  lastPlace = -1;
  for (let index = 0; index < known; index += 1) {
    const place = places[index] ?? 0;
    writer.number(place - lastPlace - 1);
    writer.number(amounts[index] ?? 0);
    lastPlace = place;
  }
  if (inert !== null) writeInert(writer, inert);
}

function writeInert(writer: ByteWriter, inert: (readonly [string, number])[]): void {
  inert.sort(([a], [b]) => (a < b ? -1 : 1));
  writer.number(inert.length);
  for (const [id, amount] of inert) {
    writer.id(id);
    writer.number(amount);
  }
}

/** Sorts the first `count` of the places, and the amounts with them. */
function sortFirst(count: number): void {
  if (count > MAX_INSERTIONS) {
    const pairs = places.slice(0, count).map((place, index) => [place, amounts[index] ?? 0] as const);
    pairs.sort(([a], [b]) => a - b);
    for (const [index, [place, amount]] of pairs.entries()) {
      places[index] = place;
      amounts[index] = amount;
    }
    return;
  }
  for (let index = 1; index < count; index += 1) {
    const place = places[index] ?? 0;
    const amount = amounts[index] ?? 0;
    let hole = index;
    for (; hole > 0 && (places[hole - 1] ?? 0) > place; hole -= 1) {
      places[hole] = places[hole - 1] ?? 0;
      amounts[hole] = amounts[hole - 1] ?? 0;
    }
    places[hole] = place;
    amounts[hole] = amount;
  }
}
