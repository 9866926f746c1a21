/** How large an item is by DynamoDB's rules, and how many units it costs: names count, and a number takes a byte for two digits. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;

/** DynamoDB takes no larger item: 400 KiB. */
export const MAX_ITEM_BYTES = 409_600;

/** What a write unit carries. */
export const WRITE_UNIT_BYTES = 1_024;

/** Of a list or a map, and of each entry in one. */
const NESTED_BYTES = 3;
const ENTRY_BYTES = 1;

export function itemSize(item: Item): number {
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(item)) sizeBytes += attributeSize(name, value);
  return sizeBytes;
}

export function attributeSize(name: string, value: AttributeValue): number {
  return Buffer.byteLength(name) + valueSize(value);
}

/** Write units of an item of this size. */
export function writeUnits(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / WRITE_UNIT_BYTES));
}

function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) {
    return value.L.reduce((sum, entry) => sum + ENTRY_BYTES + valueSize(entry), NESTED_BYTES);
  }
  if (value.M !== undefined) {
    return NESTED_BYTES + Object.keys(value.M).length * ENTRY_BYTES + itemSize(value.M);
  }
  // Nothing else is ever written here; by hand, someone might.
  return Buffer.byteLength(JSON.stringify(value));
}

/** Significant digits in pairs, and one byte more. */
function numberSize(text: string): number {
  const digits = text.replace(/^-/, "").replace(".", "").replace(/^0+/, "").replace(/0+$/, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}
