// Digests: what tells a repeated command from a new one, within bounds.
import { createHash } from "node:crypto";
import { MainspringError } from "@mainspring/core";
import { describe, expect, test } from "vitest";
import { addAdjustDigest, addOwnDigest, digestOf, findDigest } from "../../src/record/digest.js";
import type { Digest, PlayerRecord } from "../../src/record/player-record.js";
import { TYPICAL } from "./typical-record.js";

const DAY_MS = 86_400_000;
const NOW_MS = 1_800_000_000_000;
const empty: PlayerRecord = { ...TYPICAL, ownDigests: [], adjustDigests: [] };

function digest(number: number, atMs = NOW_MS): Digest {
  return {
    key: digestOf(`key ${number}`),
    request: digestOf("request"),
    revision: number,
    eventNumber: number,
    atMs,
  };
}

function filled(count: number, atMsOf: (number: number) => number): PlayerRecord {
  return {
    ...empty,
    adjustDigests: Array.from({ length: count }, (_, index) => digest(index + 1, atMsOf(index + 1))),
  };
}

describe("a digest", () => {
  test("is the first eight bytes of the SHA-256 of the text in UTF-8", () => {
    const whole = createHash("sha256").update(Buffer.from("clé 🔑")).digest("hex");
    expect(Buffer.from(digestOf("clé 🔑"), "latin1").toString("hex")).toBe(whole.slice(0, 16));
  });

  test("is found by its key among the player's own and those of adjust, the newest first", () => {
    const record = { ...empty, ownDigests: [digest(1), digest(2)], adjustDigests: [digest(3), digest(1, 5)] };
    expect(findDigest(record, digestOf("key 2"))).toBe(record.ownDigests[1]);
    expect(findDigest(record, digestOf("key 3"))).toBe(record.adjustDigests[0]);
    expect(findDigest(record, digestOf("key 1"))).toBe(record.ownDigests[0]);
    expect(findDigest({ ...record, ownDigests: [] }, digestOf("key 1"))).toBe(record.adjustDigests[1]);
    expect(findDigest(record, digestOf("key 4"))).toBeNull();
  });
});

describe("the player's own digests", () => {
  test("are the last twelve, and the record before is left as it was", () => {
    let record = empty;
    for (let number = 1; number <= 30; number += 1) {
      record = addOwnDigest(record, digest(number));
      expect(record.ownDigests.length).toBe(Math.min(number, 12));
    }
    expect(record.ownDigests.map(({ revision }) => revision)).toEqual([
      19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    ]);
    expect(empty.ownDigests).toEqual([]);
  });
});

describe("the digests of adjust", () => {
  test("make room after 24 hours, to the millisecond", () => {
    const record = filled(3, (number) => NOW_MS + number);
    const left = addAdjustDigest(record, digest(9), NOW_MS + 2 + DAY_MS).adjustDigests;
    expect(left.map(({ revision }) => revision)).toEqual([3, 9]);
  });

  test("are refused when 256 younger ones are there, with the time until one may be forgotten", () => {
    // The clock was set back in between: the oldest isn't the first.
    const record = filled(256, (number) => (number === 77 ? NOW_MS - 3_600_000 : NOW_MS));
    let error: unknown = null;
    try {
      addAdjustDigest(record, digest(999), NOW_MS + 1_000);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MainspringError);
    expect(error).toMatchObject({ code: "RATE_LIMITED", details: { retryAfterMs: DAY_MS - 3_601_000 } });
    const later = addAdjustDigest(record, digest(999), NOW_MS + 1_000 + DAY_MS - 3_601_000);
    expect(later.adjustDigests.length).toBe(256);
    expect(later.adjustDigests.some(({ revision }) => revision === 77)).toBe(false);
  });

  test("of a clock that was ahead stay", () => {
    const record = filled(1, () => NOW_MS + 5 * DAY_MS);
    expect(addAdjustDigest(record, digest(2), NOW_MS).adjustDigests.length).toBe(2);
  });
});
