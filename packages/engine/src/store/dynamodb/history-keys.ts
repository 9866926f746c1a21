/**
 * The sort keys of a player's history. Numbers are written so that their order as text is their order: the length of the
 * base-36 digits as one character, then the digits.
 *
 * - `e<incarnation><last number>-<first number>` events of the journal
 * - `m<incarnation>` the latest mark
 * - `s<incarnation><version>` a snapshot
 * - `w<nonce>-<part>` events written ahead of the commit with this nonce
 */

const BASE = 36;
const NUMBER = /^([1-9a-b])/;

/** Greater than every key that begins like the one before it. */
const END = "~";

export interface EventRange {
  readonly incarnation: number;
  readonly firstNumber: number;
  readonly lastNumber: number;
}

export function eventsKey({ incarnation, firstNumber, lastNumber }: EventRange): string {
  return `e${ordered(incarnation)}${ordered(lastNumber)}-${ordered(firstNumber)}`;
}

/** From the first key that can hold a later event than this number to the last of the incarnation. */
export function eventsAfter(
  incarnation: number,
  afterNumber: number,
): { readonly from: string; readonly to: string } {
  const prefix = `e${ordered(incarnation)}`;
  return { from: `${prefix}${ordered(afterNumber + 1)}`, to: `${prefix}${END}` };
}

/** The last number that an item with this key holds. */
export function lastNumberOf(key: string): number {
  return readOrdered(key, readOrdered(key, 1).end).value;
}

export function markKey(incarnation: number): string {
  return `m${ordered(incarnation)}`;
}

export const SNAPSHOT_PREFIX = "s";

export function snapshotKey(incarnation: number, version: number): string {
  return `${SNAPSHOT_PREFIX}${ordered(incarnation)}${ordered(version)}`;
}

export function snapshotOfKey(key: string): { readonly incarnation: number; readonly version: number } {
  const incarnation = readOrdered(key, 1);
  return { incarnation: incarnation.value, version: readOrdered(key, incarnation.end).value };
}

export function aheadPrefix(nonce: Uint8Array): string {
  return `w${Buffer.from(nonce).toString("base64url")}-`;
}

export function aheadKey(nonce: Uint8Array, part: number): string {
  return `${aheadPrefix(nonce)}${ordered(part)}`;
}

/** A whole number from 0 on, as text that sorts as it does. */
export function ordered(value: number): string {
  const digits = value.toString(BASE);
  return digits.length.toString(BASE) + digits;
}

function readOrdered(text: string, at: number): { readonly value: number; readonly end: number } {
  const [, length = "0"] = NUMBER.exec(text.slice(at)) ?? [];
  const end = at + 1 + Number.parseInt(length, BASE);
  const value = Number.parseInt(text.slice(at + 1, end), BASE);
  return { value: Number.isSafeInteger(value) ? value : 0, end };
}
