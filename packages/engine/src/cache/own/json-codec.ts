/** Values as JSON. */
import { MainspringError } from "@mainspring/core";
import type { Codec } from "../cache.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export function jsonCodec<V>(): Codec<V> {
  return {
    encode(value) {
      // Of undefined and functions JSON makes nothing at all.
      const text = JSON.stringify(value) as string | undefined;
      if (text !== undefined) return encoder.encode(text);
      throw new MainspringError("INVALID_REQUEST", "A value of a cache must be one that JSON can tell.");
    },
    // What was encoded under this name by this codec: a namespace has one kind of values.
    decode: (bytes) => JSON.parse(decoder.decode(bytes)) as V,
  };
}
