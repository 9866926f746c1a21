/** How things are written: keys that sort as what they stand for, chunks of events that come back as they were, and damage that is seen. */
import { isMainspringError } from "@mainspring/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeChunks,
  decodeReference,
  encodeChunk,
  encodeReference,
  MAX_ITEM_BYTES,
  MAX_ITEM_EVENTS,
  splitEvents,
} from "../../../src/store/dynamodb/event-chunks.js";
import {
  eventsAfter,
  eventsKey,
  lastNumberOf,
  ordered,
  snapshotKey,
  snapshotOfKey,
} from "../../../src/store/dynamodb/history-keys.js";
import { chunkName, playerItemOf } from "../../../src/store/dynamodb/player-item.js";
import { seededRandom } from "../seeded-random.js";

const { seed } = seededRandom("layout of the DynamoDB store");
const options = { seed, numRuns: 500 };

const count = fc.oneof(fc.maxSafeNat(), fc.nat(2_000));
const positive = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 64 }),
  fc.integer({ min: 1, max: 200 }),
);
const bytes = fc.uint8Array({ maxLength: 40 });

function runOf(firstNumber: number, contents: readonly Uint8Array[]) {
  return contents.map((content, index) => ({ number: firstNumber + index, bytes: content }));
}

describe("sort keys", () => {
  it("sort as their numbers do", () => {
    fc.assert(
      fc.property(count, count, (a, b) => {
        expect(ordered(a) < ordered(b)).toBe(a < b);
      }),
      options,
    );
  });

  it("of events give back the last number, and are met by a query exactly if it is late enough", () => {
    fc.assert(
      fc.property(count, count, positive, count, (incarnation, other, lastNumber, afterNumber) => {
        const key = eventsKey({ incarnation, firstNumber: 1, lastNumber });
        expect(lastNumberOf(key)).toBe(lastNumber);
        const { from, to } = eventsAfter(incarnation, Math.min(afterNumber, Number.MAX_SAFE_INTEGER - 1));
        expect(from <= key && key <= to).toBe(lastNumber > afterNumber);
        const range = eventsAfter(other, 0);
        expect(range.from <= key && key <= range.to).toBe(other === incarnation);
      }),
      options,
    );
  });

  it("of snapshots give back incarnation and version", () => {
    fc.assert(
      fc.property(count, count, (incarnation, version) => {
        expect(snapshotOfKey(snapshotKey(incarnation, version))).toEqual({ incarnation, version });
      }),
      options,
    );
  });
});

describe("chunks of events", () => {
  it("come back as they were, alone or one after the other", () => {
    const chunk = fc
      .tuple(count, positive, fc.array(bytes, { minLength: 1, maxLength: 10 }))
      .map(([atMs, firstNumber, contents]) => ({ atMs, entries: runOf(firstNumber, contents) }));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 4 }), (chunks) => {
        const decoded = decodeChunks(Buffer.concat(chunks.map(encodeChunk)));
        expect(decoded).toEqual(chunks);
      }),
      options,
    );
  });

  it("can be written ahead, with a reference in their place", () => {
    const reference = {
      atMs: 7,
      firstNumber: 12,
      eventCount: 999,
      partCount: 16,
      nonce: new Uint8Array(8).fill(3),
    };
    expect(decodeReference(encodeReference(reference))).toEqual(reference);
    expect(decodeReference(encodeChunk({ atMs: 7, entries: runOf(1, [new Uint8Array(1)]) }))).toBeNull();
  });

  it("that are damaged are seen to be, or read as something of the same form: never a crash", () => {
    const sound = encodeChunk({
      atMs: 1_700_000_000_000,
      entries: runOf(5, [Buffer.from("one"), Buffer.from("two")]),
    });
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, byte, length) => {
        const damaged = sound.slice(0, length);
        if (at < length) damaged[at] = byte;
        try {
          for (const { entries } of decodeChunks(damaged)) expect(Array.isArray(entries)).toBe(true);
        } catch (error) {
          expect(isMainspringError(error) && error.code).toBe("RECORD_CORRUPT");
        }
      }),
      options,
    );
  });

  it("are cut into runs that fit an item, in order, without losing one", () => {
    const size = fc.oneof(fc.nat(100), fc.nat(40_000), fc.nat(120_000));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 200 }), (sizes) => {
        const entries = runOf(
          1,
          sizes.map((sizeBytes) => new Uint8Array(sizeBytes)),
        );
        const runs = splitEvents(entries);
        expect(runs.flat()).toEqual(entries);
        for (const run of runs) {
          expect(run.length).toBeLessThanOrEqual(MAX_ITEM_EVENTS);
          const sizeBytes = run.reduce((sum, entry) => sum + entry.bytes.length, 0);
          expect(run.length === 1 || sizeBytes <= MAX_ITEM_BYTES).toBe(true);
        }
      }),
      { ...options, numRuns: 50 },
    );
  });
});

describe("a player's item", () => {
  it("has a name for each chunk that says whose and which it is", () => {
    fc.assert(
      fc.property(count, positive, (incarnation, firstNumber) => {
        const value = encodeChunk({ atMs: 1, entries: runOf(firstNumber, [new Uint8Array(2)]) });
        const item = { p: { S: "ada" }, [chunkName(incarnation, firstNumber)]: { B: value } };
        expect(playerItemOf(item).chunks).toMatchObject([{ incarnation, firstNumber, eventCount: 1 }]);
      }),
      options,
    );
  });
});
