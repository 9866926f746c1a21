// Damaged and too new records: each gets its code, whatever the bytes, and none is taken for another.
import { isMainspringError, RULES_VERSION } from "@mainspring/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRecord, readTombstone } from "../../src/record/decode-record.js";
import { encodeRecord, encodeTombstone } from "../../src/record/encode-record.js";
import { HEADER_BYTES, RECORD_FORMAT, sealHeader } from "../../src/record/header.js";
import { anyRecord } from "./arbitrary-records.js";
import { BEFORE, CATALOGS } from "./sample-catalogs.js";

/** No record of these tests is as large; decoding takes a few microseconds. */
const MOST_MS = 1_000;

const anyBytes = anyRecord.map((record) => encodeRecord(record, CATALOGS));

/** The code of what decoding throws; `null` if it doesn't. Anything without a code is passed on. */
function codeOf(bytes: Uint8Array): string | null {
  const startedAtMs = performance.now();
  try {
    decodeRecord(bytes, CATALOGS);
    return null;
  } catch (error) {
    if (!isMainspringError(error)) throw error;
    return error.code;
  } finally {
    expect(performance.now() - startedAtMs).toBeLessThan(MOST_MS);
  }
}

const refused = expect.stringMatching(/^(RECORD_CORRUPT|UPGRADE_REQUIRED)$/);

describe("damage is found", () => {
  test("in any bytes at all", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400, size: "max" }), (bytes) => {
        expect(codeOf(bytes)).toEqual(refused);
      }),
      { numRuns: 10_000 },
    );
  });

  test("in a record of which some bits were turned over", () => {
    const turns = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(anyBytes, turns, (bytes, list) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, mask] of list) damaged[at % bytes.length] = (damaged[at % bytes.length] ?? 0) ^ mask;
        if (Buffer.compare(damaged, bytes) !== 0) expect(codeOf(damaged)).toEqual(refused);
      }),
      { numRuns: 1_000 },
    );
  });

  test("wherever a single bit of a record is turned over", () => {
    for (const bytes of fc.sample(anyBytes, { numRuns: 5, seed: 1 })) {
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const damaged = Uint8Array.from(bytes);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(codeOf(damaged)).toBe("RECORD_CORRUPT");
      }
    }
  });

  test("in a record that was cut off or has something behind it", () => {
    fc.assert(
      fc.property(anyBytes, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 }), (bytes, cut, more) => {
        expect(codeOf(bytes.subarray(0, cut % bytes.length))).toBe("RECORD_CORRUPT");
        expect(codeOf(Uint8Array.from([...bytes, ...more]))).toBe("RECORD_CORRUPT");
      }),
      { numRuns: 300 },
    );
  });

  test("behind a checksum that is right, unless the bytes are exactly those of another sound record", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    const ends = fc.integer({ min: -8, max: 8 });
    let foundSound = 0;
    fc.assert(
      fc.property(anyBytes, edits, ends, (bytes, list, end) => {
        const forged = new Uint8Array(Math.max(HEADER_BYTES + 1, bytes.length + end));
        forged.set(bytes.subarray(0, forged.length));
        for (const [at, value] of list) forged[HEADER_BYTES + (at % (forged.length - HEADER_BYTES))] = value;
        sealHeader(forged);
        const code = codeOf(forged);
        if (code === null) {
          foundSound += 1;
          expect(encodeRecord(decodeRecord(forged, CATALOGS), CATALOGS)).toEqual(forged);
        } else {
          expect(code).toEqual(refused);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(foundSound).toBeGreaterThan(0);
  });

  test("in any content behind a checksum that is right", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300, size: "max" }), (content) => {
        const hash = Buffer.from(BEFORE.hash, "hex");
        const bytes = Uint8Array.from([...new Uint8Array(HEADER_BYTES), 1, ...hash, ...content]);
        sealHeader(bytes);
        expect(codeOf(bytes)).toEqual(refused);
      }),
      { numRuns: 2_000 },
    );
  });

  test("at once where a length is out of all proportion", () => {
    const hash = Buffer.from(BEFORE.hash, "hex");
    const counters = new Uint8Array(7);
    const most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    const content = [1, ...hash, ...counters, ...new Uint8Array(16), ...most, ...new Uint8Array(64)];
    const bytes = Uint8Array.from([...new Uint8Array(HEADER_BYTES), ...content]);
    sealHeader(bytes);
    expect(codeOf(bytes)).toBe("RECORD_CORRUPT");
  });

  test("in a tombstone", () => {
    const bytes = encodeTombstone({ erasedAtMs: 1_700_000_000_000 });
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => readTombstone(damaged)).toThrow(expect.objectContaining({ code: "RECORD_CORRUPT" }));
    }
  });

  test("and told without a word of what the record holds", () => {
    const [bytes] = fc.sample(anyBytes, { numRuns: 1, seed: 4 });
    const damaged = Uint8Array.from(bytes ?? []);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const expected = { code: "RECORD_CORRUPT", details: { reason: "the checksum" } };
    expect(() => decodeRecord(damaged, CATALOGS)).toThrow(expect.objectContaining(expected));
  });
});

describe("a record that is too new", () => {
  test("is never taken for a damaged one, whatever is in it", () => {
    const versions = fc.oneof(
      fc.record({
        format: fc.integer({ min: RECORD_FORMAT + 1, max: 255 }),
        rules: fc.integer({ min: 0, max: 65_535 }),
      }),
      fc.record({
        format: fc.constant(RECORD_FORMAT),
        rules: fc.integer({ min: RULES_VERSION + 1, max: 65_535 }),
      }),
    );
    const content = fc.oneof(anyBytes, fc.uint8Array({ minLength: HEADER_BYTES + 1, maxLength: 99 }));
    fc.assert(
      fc.property(content, versions, fc.boolean(), (bytes, { format, rules }, hasOtherChecksum) => {
        const newer = Uint8Array.from(bytes);
        sealHeader(newer, { format, rulesVersion: rules });
        // A later format may well have another one.
        if (hasOtherChecksum) newer[HEADER_BYTES - 1] = (newer[HEADER_BYTES - 1] ?? 0) ^ 0xff;
        expect(codeOf(newer)).toBe("UPGRADE_REQUIRED");
        expect(() => readTombstone(newer)).toThrow(expect.objectContaining({ code: "UPGRADE_REQUIRED" }));
      }),
      { numRuns: 1_000 },
    );
  });

  test("is told from one whose version was damaged", () => {
    const [bytes] = fc.sample(anyBytes, { numRuns: 1, seed: 5 });
    for (const at of [0, 1, 2, 3]) {
      const damaged = Uint8Array.from(bytes ?? []);
      damaged[at] = (damaged[at] ?? 0) ^ 0x04;
      expect(codeOf(damaged)).toBe("RECORD_CORRUPT");
    }
  });
});
