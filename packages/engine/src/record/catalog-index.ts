/** The ids of a catalog by their place among the sorted ones of their sort: that is how records name them. */
import type { Catalog } from "@mainspring/core";

/** Catalogs by hash. A timeline's map will do. */
export interface CatalogSource {
  get(hash: string): Catalog | undefined;
}

/** Bytes of a catalog's hash. */
export const HASH_BYTES = 16;

export interface IdTable {
  readonly ids: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

export interface CatalogIndex {
  readonly hash: Uint8Array;
  readonly items: IdTable;
  readonly skills: IdTable;
  readonly activities: IdTable;
  readonly kinds: IdTable;
  readonly slots: IdTable;
}

/** Catalogs never change, and there are few. */
const made = new WeakMap<Catalog, CatalogIndex>();

/** The index of a catalog; made once. */
export function indexOf(catalog: Catalog): CatalogIndex {
  const found = made.get(catalog);
  if (found !== undefined) return found;
  const index: CatalogIndex = {
    hash: Uint8Array.from(Buffer.from(catalog.hash, "hex")),
    items: tableOf(catalog.items.keys()),
    skills: tableOf(catalog.skills.keys()),
    activities: tableOf(catalog.activities.keys()),
    kinds: tableOf(catalog.kinds),
    slots: tableOf(catalog.slots),
  };
  made.set(catalog, index);
  return index;
}

function tableOf(all: Iterable<string>): IdTable {
  const ids = [...all].sort();
  return { ids, places: new Map(ids.map((id, place) => [id, place])) };
}
