/** Records as values of a cache: their bytes are what is kept, in both tiers. */
import type { Stamp, StoredRecord } from "../../ports.js";
import { NO_STAMP } from "../stamp.js";
import type { ValueCodec } from "../tier-pair.js";

/** The record's object, its stamp, and what Node.js makes around bytes. Measured on Node.js 20 (`entry-sizes.test.ts`). */
const RECORD_OVERHEAD_BYTES = 690;

export const RECORD_CODEC: ValueCodec<StoredRecord> = {
  overheadBytes: RECORD_OVERHEAD_BYTES,
  encode: ({ bytes }) => bytes,
  decode: (bytes, { key, stamp }) => ({ playerId: key, ...stamp, bytes }),
};

export function stampOf(record: StoredRecord | null): Stamp {
  return record === null ? NO_STAMP : { incarnation: record.incarnation, version: record.version };
}
