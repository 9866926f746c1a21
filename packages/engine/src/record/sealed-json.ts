/** JSON as the journal keeps it: a format byte, a CRC-32 of all the rest, and the text in UTF-8. */
import { crc32 } from "node:zlib";
import { corrupt, upgradeRequired } from "./record-errors.js";

/** Raised whenever the layout of events or marks changes. */
export const JOURNAL_FORMAT = 1;

const HEADER_BYTES = 5;

const CRC_AT = 1;

export function sealJson(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + Buffer.byteLength(text));
  bytes[0] = JOURNAL_FORMAT;
  bytes.write(text, HEADER_BYTES);
  bytes.writeUInt32LE(checksumOf(bytes), CRC_AT);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The text that was sealed.
 * @throws MainspringError `UPGRADE_REQUIRED` if a newer release wrote it, `RECORD_CORRUPT` if it is damaged.
 */
export function openJson(bytes: Uint8Array): string {
  if (bytes.length <= HEADER_BYTES || bytes[0] === 0) throw corrupt("no entry of a journal");
  if ((bytes[0] ?? 0) > JOURNAL_FORMAT)
    throw upgradeRequired("The entry of the journal is of a newer format.");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.readUInt32LE(CRC_AT) !== checksumOf(bytes))
    throw corrupt("the checksum of an entry of the journal");
  return buffer.toString("utf8", HEADER_BYTES);
}

function checksumOf(bytes: Uint8Array): number {
  return crc32(bytes.subarray(HEADER_BYTES), bytes[0]);
}
