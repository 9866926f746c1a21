/** How many bytes each part of a record takes: for the benchmark's table. Measured while encoding, not computed. */
import type { CatalogSource } from "./catalog-index.js";
import { openEncoding, SECTIONS } from "./encode-record.js";
import type { PlayerRecord } from "./player-record.js";

export interface RecordSize {
  /** What `encodeRecord` returns has as many. */
  readonly totalBytes: number;
  /** In the order in which they are stored. Their sum is the total. */
  readonly parts: readonly { readonly name: string; readonly sizeBytes: number }[];
}

/** @throws MainspringError as `encodeRecord` does. */
export function measureRecord(record: PlayerRecord, catalogs: CatalogSource): RecordSize {
  const encoding = openEncoding(record, catalogs);
  const { writer } = encoding;
  const parts = [{ name: "header", sizeBytes: writer.at }];
  for (const [name, write] of SECTIONS) {
    const startedAt = writer.at;
    write(encoding);
    parts.push({ name, sizeBytes: writer.at - startedAt });
  }
  return { totalBytes: writer.at, parts };
}
