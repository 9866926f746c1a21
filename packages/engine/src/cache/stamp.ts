/** Stamps tell which of two values is the newer one: by incarnation first, then by version. */
import type { Stamp } from "../ports.js";

/** Older than every stamp there is. */
export const NO_STAMP: Stamp = { incarnation: 0, version: 0 };

/** Below zero: `one` is older. Zero: the very same content. */
export function compareStamps(one: Stamp, other: Stamp): number {
  return one.incarnation - other.incarnation || one.version - other.version;
}

export function isOlder(one: Stamp, other: Stamp): boolean {
  return compareStamps(one, other) < 0;
}

/** The newer of two. */
export function newerOf(one: Stamp, other: Stamp): Stamp {
  return isOlder(one, other) ? other : one;
}
