/** Values as JSON. */
import type { Codec } from "../cache.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function jsonCodec<V>(): Codec<V> {
  return {
    encode: (value) => encoder.encode(JSON.stringify(value)),
    // What was encoded under this name by this codec: a namespace has one kind of values.
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as V,
  };
}
