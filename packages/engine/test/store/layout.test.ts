/** Keys sort as what they stand for, and give back what went in. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createArena } from "../../src/store/lmdb/arena.js";
import {
  eventsKeys,
  eventsOf,
  eventsValue,
  quarantineKeys,
  type QuarantineKey,
  recordOf,
} from "../../src/store/lmdb/layout.js";
import { storeLayout } from "../../src/store/lmdb/index.js";

const KEY_ROOM_BYTES = 128;

const playerId = fc.stringMatching(/^[A-Za-z0-9._:@|-]{1,64}$/);
const count = fc.maxSafeNat();

function written<K>(
  encoder: { writeKey(key: K, target: Uint8Array, start: number): number },
  key: K,
): Buffer {
  const target = Buffer.alloc(KEY_ROOM_BYTES);
  return target.subarray(3, encoder.writeKey(key, target, 3));
}

describe("the keys of events", () => {
  it("give back what went in", () => {
    fc.assert(
      fc.property(playerId, count, count, (...key) => {
        const bytes = written(eventsKeys, key);
        expect(eventsKeys.readKey(bytes, 0, bytes.length)).toEqual(key);
      }),
    );
  });

  it("lie in the order of the numbers, with nothing of another player between", () => {
    fc.assert(
      fc.property(playerId, playerId, count, count, count, (one, other, incarnation, low, high) => {
        fc.pre(one !== other && low < high);
        const from = written(eventsKeys, [one, incarnation, low]);
        const to = written(eventsKeys, [one, incarnation, high]);
        const foreign = written(eventsKeys, [other, incarnation, low]);
        expect(Buffer.compare(from, to)).toBe(-1);
        expect(Buffer.compare(foreign, from)).toBe(Buffer.compare(foreign, to));
      }),
    );
  });
});

describe("the keys of the quarantine", () => {
  it("give back what went in, and lie in the order of the instants", () => {
    const key = fc.tuple(count, playerId, count, count);
    fc.assert(
      fc.property(key, key, (one: QuarantineKey, other: QuarantineKey) => {
        const [first, second] = [written(quarantineKeys, one), written(quarantineKeys, other)];
        expect(quarantineKeys.readKey(first, 0, first.length)).toEqual(one);
        if (one[0] !== other[0]) expect(Buffer.compare(first, second)).toBe(one[0] < other[0] ? -1 : 1);
      }),
    );
  });
});

describe("values", () => {
  it("give back records and events, and share no memory while they are under way", () => {
    const arena = createArena();
    const bytes = fc.uint8Array({ maxLength: 40_000 });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 5 }), count, (contents, number) => {
        const first = Math.min(number, Number.MAX_SAFE_INTEGER - contents.length);
        const events = contents.map((content, index) => ({ number: first + index, bytes: content }));
        const value = eventsValue(events, { arena, atMs: 77 });
        arena.take(1_000).fill(0xff);
        const found = eventsOf(value, first + contents.length - 1);
        expect(found.atMs).toBe(77);
        expect(found.entries.map((event) => ({ ...event, bytes: Uint8Array.from(event.bytes) }))).toEqual(
          events,
        );
      }),
    );
  });

  it("are laid out for others as the store writes them", () => {
    const record = { playerId: "ada", incarnation: 5, version: 7, bytes: Uint8Array.of(1, 2, 3) };
    expect(storeLayout.records.keyOf(record)).toBe("ada");
    const { bytes, ...head } = recordOf("ada", storeLayout.records.valueOf(record));
    expect({ ...head, bytes: Uint8Array.from(bytes) }).toEqual(record);
    expect(storeLayout.events.keyOf(record, { number: 9, bytes })).toEqual(["ada", 5, 9]);
    expect(eventsOf(storeLayout.events.valueOf([{ number: 9, bytes }]), 9).entries).toHaveLength(1);
  });
});
