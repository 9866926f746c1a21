/** What the sections of a record are written from. */
import { type Catalog, MainspringError, type PlayerState } from "@mainspring/core";
import type { ByteWriter } from "./byte-writer.js";
import type { CatalogIndex, CatalogSource } from "./catalog-index.js";
import type { PlayerRecord } from "./player-record.js";

export interface Encoding {
  readonly writer: ByteWriter;
  readonly record: PlayerRecord;
  readonly state: PlayerState;
  /** Of the state's catalog. */
  readonly index: CatalogIndex;
  readonly catalogs: CatalogSource;
}

/** @throws MainspringError `UPGRADE_REQUIRED` when this process doesn't have the catalog (yet): another try can help. */
export function catalogNamed(catalogs: CatalogSource, hash: string): Catalog {
  const catalog = catalogs.get(hash);
  if (catalog !== undefined) return catalog;
  throw new MainspringError(
    "UPGRADE_REQUIRED",
    `This process does not have catalog ${hash} yet; try again in a moment.`,
  );
}
