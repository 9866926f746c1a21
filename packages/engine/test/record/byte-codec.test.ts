// Numbers and ids as bytes: every one in exactly one way.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/record/byte-reader.js";
import { ByteWriter } from "../../src/record/byte-writer.js";

const MAX = Number.MAX_SAFE_INTEGER;
const writer = new ByteWriter();

function written(write: (writer: ByteWriter) => void): Uint8Array {
  writer.restart(0);
  write(writer);
  return writer.written().slice();
}

const reading = (bytes: readonly number[]): ByteReader => new ByteReader(Uint8Array.from(bytes), 0);
const corrupt = expect.objectContaining({ code: "RECORD_CORRUPT" });
const internal = expect.objectContaining({ code: "INTERNAL" });

/** Around every power of two. */
const edges = Array.from({ length: 54 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1])
  .flat()
  .filter(Number.isSafeInteger);

describe("a number", () => {
  test("comes back, with and without a sign", () => {
    for (const value of edges) {
      const bytes = written((to) => {
        to.number(value);
        to.signed(value);
        to.signed(-value);
      });
      const from = new ByteReader(bytes, 0);
      expect([from.number(), from.signed(), from.signed()]).toEqual([value, value, value === 0 ? 0 : -value]);
      from.end();
    }
  });

  test("takes a byte for seven bits, eight at the most", () => {
    const sizeOf = (value: number): number => written((to) => to.number(value)).length;
    expect([0, 127, 128, 16_383, 16_384, 2 ** 49 - 1, 2 ** 49, MAX].map(sizeOf)).toEqual([
      1, 1, 2, 2, 3, 7, 8, 8,
    ]);
  });

  test("has no other bytes: whatever can be read is what would be written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 10 }), fc.boolean(), (bytes, isSigned) => {
        const from = new ByteReader(bytes, 0);
        let value = 0;
        try {
          value = isSigned ? from.signed() : from.number();
        } catch (error) {
          expect(error).toEqual(corrupt);
          return;
        }
        const again = written((to) => (isSigned ? to.signed(value) : to.number(value)));
        expect(again).toEqual(bytes.slice(0, from.at));
      }),
      { numRuns: 5_000 },
    );
    // Longer than need be, past 2^53, a zero with a sign, cut off.
    for (const bytes of [[0x80, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10], [0x80], []]) {
      expect(() => reading(bytes).number()).toThrow(corrupt);
    }
    for (const bytes of [[0x40], [0xc0, 0], [0x80, 0]])
      expect(() => reading(bytes).signed()).toThrow(corrupt);
  });

  test("that is none is not written", () => {
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => writer.number(value)).toThrow(internal);
      if (value !== -1) expect(() => writer.signed(value)).toThrow(internal);
    }
  });
});

describe("an id", () => {
  test("comes back, up to 64 characters", () => {
    for (const id of ["a", "steam-pick", "__proto__", "x".repeat(64)]) {
      const bytes = written((to) => to.id(id));
      expect(bytes.length).toBe(id.length + 1);
      expect(new ByteReader(bytes, 0).id()).toBe(id);
    }
  });

  test("that no catalog could have is neither written nor read", () => {
    for (const id of ["", "x".repeat(65), "a b", "é", "\u0000", "\u007F"])
      expect(() => writer.id(id)).toThrow(internal);
    for (const bytes of [[0], [65, ...Array.from({ length: 65 }, () => 97)], [1, 32], [1, 0xe9], [2, 97]]) {
      expect(() => reading(bytes).id()).toThrow(corrupt);
    }
  });
});

test("a list that says it is longer than there are bytes is refused at once", () => {
  expect(reading([2, 1, 1, 1, 1]).count(10, 2)).toBe(2);
  expect(() => reading([3, 1, 1, 1, 1]).count(10, 2)).toThrow(corrupt);
  expect(() => reading([2, 1, 1, 1, 1]).count(1, 2)).toThrow(corrupt);
  expect(() => reading([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]).count(MAX)).toThrow(corrupt);
});

test("a writer grows as it has to, and no further than a record can be", () => {
  writer.restart(0);
  const id = "x".repeat(64);
  for (let count = 0; count < 1_000; count += 1) writer.id(id);
  expect(writer.at).toBe(65_000);
  expect(() => {
    for (;;) writer.raw(new Uint8Array(1_000_000), 1_000_000);
  }).toThrow(internal);
});
