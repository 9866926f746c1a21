/** A copy that is nobody else's. A `Buffer`'s own `slice` gives a view. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
