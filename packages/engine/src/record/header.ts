/**
 * The first eight bytes of every record: format, rules version (two bytes), their check, and a CRC-32 of all the rest.
 *
 * The first four keep their meaning in every format to come. So a process recognises what is too new for it before it looks
 * at anything else, and a damaged version is not taken for a new one.
 */
import { crc32 } from "node:zlib";
import { RULES_VERSION } from "@mainspring/core";
import { corrupt, upgradeRequired } from "./record-errors.js";

/** Raised whenever the layout of records changes. */
export const RECORD_FORMAT = 1;

export const HEADER_BYTES = 8;

const CRC_AT = 4;

/** Any constant but 0 will do: a record of zeros must not pass. */
const CHECK_SEED = 0x6d;

/** What a header says beside the checksum. Tests write others than this release's own. */
interface Versions {
  readonly format: number;
  readonly rulesVersion: number;
}

const OWN_VERSIONS: Versions = { format: RECORD_FORMAT, rulesVersion: RULES_VERSION };

/** Writes the header of bytes whose content, from {@link HEADER_BYTES} on, is complete. */
export function sealHeader(bytes: Uint8Array, { format, rulesVersion } = OWN_VERSIONS): void {
  bytes[0] = format;
  bytes[1] = rulesVersion & 0xff;
  bytes[2] = rulesVersion >>> 8;
  bytes[3] = checkOf(bytes);
  const crc = checksumOf(bytes);
  for (let byte = 0; byte < 4; byte += 1) bytes[CRC_AT + byte] = (crc >>> (8 * byte)) & 0xff;
}

/**
 * Returns if the bytes are whole and this process may read them.
 * @throws MainspringError `UPGRADE_REQUIRED` for a newer format or rules version, `RECORD_CORRUPT` for damage.
 */
export function checkHeader(bytes: Uint8Array): void {
  if (bytes.length <= HEADER_BYTES) throw corrupt("too short");
  if (bytes[3] !== checkOf(bytes)) throw corrupt("the header's check");
  const format = byteAt(bytes, 0);
  if (format > RECORD_FORMAT) throw upgradeRequired("The record is of a newer format.");
  const rulesVersion = byteAt(bytes, 1) | (byteAt(bytes, 2) << 8);
  if (rulesVersion > RULES_VERSION) throw upgradeRequired("The record is of newer rules.");
  if (format === 0 || rulesVersion === 0) throw corrupt("no such format");
  let crc = 0;
  for (let byte = 3; byte >= 0; byte -= 1) crc = crc * 256 + byteAt(bytes, CRC_AT + byte);
  if (crc !== checksumOf(bytes)) throw corrupt("the checksum");
}

function checkOf(bytes: Uint8Array): number {
  return CHECK_SEED ^ byteAt(bytes, 0) ^ byteAt(bytes, 1) ^ byteAt(bytes, 2);
}

/** Of the content, started from the versions: so it covers both. */
function checksumOf(bytes: Uint8Array): number {
  const versions = byteAt(bytes, 0) | (byteAt(bytes, 1) << 8) | (byteAt(bytes, 2) << 16);
  return crc32(bytes.subarray(HEADER_BYTES), versions);
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
