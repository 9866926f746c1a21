// What is stored today is read for ever: recorded bytes of a record that has something of everything.
import { createSeed, type Task } from "@mainspring/core";
import { expect, test } from "vitest";
import { decodeRecord, readTombstone } from "../../src/record/decode-record.js";
import { encodeRecord, encodeTombstone } from "../../src/record/encode-record.js";
import { decodeEvent, encodeEvent } from "../../src/record/event-codec.js";
import { HEADER_BYTES, sealHeader } from "../../src/record/header.js";
import type { PlayerRecord } from "../../src/record/player-record.js";
import { AFTER, BEFORE, CATALOGS, FIRST_MS } from "./sample-catalogs.js";
import { expectSame } from "./same-record.js";

const bytesOf = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, at) => first + at);
const charactersOf = (first: number, count: number): string =>
  Buffer.from(bytesOf(first, count)).toString("latin1");

const waiting: Task = {
  number: 4,
  activity: "fire-brick",
  repeat: null,
  until: {
    skills: [["firing", 2]],
    items: [
      ["brick", 10],
      ["gone", 1],
    ],
  },
  onBlocked: "skip",
  startedAtMs: null,
  cyclesDone: 0,
  failures: 0,
  ranMs: 0,
  rareFinds: 0,
  gave: new Map(),
  took: new Map(),
  stashed: new Map(),
  discarded: new Map(),
  xp: new Map(),
};

const running: Task = {
  ...waiting,
  number: 2,
  activity: "dig-clay",
  repeat: 500,
  until: null,
  onBlocked: "wait",
  startedAtMs: FIRST_MS - 5_000,
  cyclesDone: 3,
  failures: 1,
  ranMs: 12_000,
  rareFinds: 1,
  gave: new Map([
    ["clay", 900],
    ["pearl", 1],
  ]),
  took: new Map([["brick", 2]]),
  stashed: new Map([["clay", 300]]),
  discarded: new Map([["clay", 200]]),
  xp: new Map([["digging", 21]]),
};

const record: PlayerRecord = {
  state: {
    catalog: BEFORE.hash,
    catalogAtMs: FIRST_MS - 86_400_000,
    clockOffsetMs: 60_000,
    settledAtMs: FIRST_MS,
    lastSeenMs: FIRST_MS + 1_500,
    revision: 300,
    eventCount: 20_000,
    nextTask: 5,
    items: new Map([
      ["clay", 70_000],
      ["spade", 1],
      ["gone", Number.MAX_SAFE_INTEGER],
    ]),
    stash: new Map([["brick", 6]]),
    xp: new Map([["digging", 24]]),
    equipped: new Map([
      ["hand", "spade"],
      ["tail", "gone"],
    ]),
    effects: [
      { stat: "xp", addPpm: -250_000, kind: "dig", activity: null, untilMs: FIRST_MS + 3_600_000 },
      { stat: "speed", addPpm: 1_000_000, kind: null, activity: "gone", untilMs: FIRST_MS + 1 },
    ],
    lanes: [
      {
        tasks: [running, waiting],
        cycle: {
          startedAtMs: FIRST_MS - 1_000,
          durationMs: 4_000,
          successPpm: 1_000_000,
          yieldPpm: 500_000,
          xpPpm: 750_000,
          catalog: AFTER.hash,
        },
        paused: { reason: "AWAY", sinceMs: FIRST_MS },
        blocked: null,
      },
    ],
    totals: new Map([
      ["dig", { tasks: 1, cycles: 40, failures: 2, timeMs: 160_000, rewards: new Map([["clay", 99]]) }],
    ]),
    seed: createSeed(bytesOf(0x50, 16)),
  },
  ownDigests: [
    {
      key: charactersOf(0xa0, 8),
      request: charactersOf(0xa8, 8),
      revision: 290,
      eventNumber: 19_000,
      atMs: FIRST_MS - 9_000,
    },
    {
      key: charactersOf(0xb0, 8),
      request: charactersOf(0xb8, 8),
      revision: 300,
      eventNumber: 19_999,
      atMs: FIRST_MS,
    },
  ],
  adjustDigests: [
    {
      key: charactersOf(0xc0, 8),
      request: charactersOf(0xc8, 8),
      revision: 299,
      eventNumber: 19_500,
      atMs: FIRST_MS + 7,
    },
  ],
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// If one of these fails, the format has changed: raise its number and go on reading the old one.

/** What follows the header. The hashes are the only part of it that other code makes. */
const BODY = [
  "01",
  BEFORE.hash,
  "80d095ffbc319c17c0f0b252e0d403ac02a09c0105505152535455565758595a",
  "5b5c5d5e5f0501f0a20402010104676f6e65ffffffffffffff0f020006020018",
  "02010500047461696c0004676f6e65020301d0c21e0280bab703000280897a00",
  "04676f6e650107a80fa01fc0843da0c21eb0e32d",
  AFTER.hash,
  "010002090300f403884e0301e05d011f0401840701010200020201ac020201c8",
  "0102001506010102010203000a0104676f6e6501010201280280e20902016302",
  "b0b1b2b3b4b5b6b7b8b9babbbcbdbebf000100a0a1a2a3a4a5a6a7a8a9aaabac",
  "adaeaf0ae707a88c0101c0c1c2c3c4c5c6c7c8c9cacbcccdcecf01f40347",
].join("");

test("a record of format 1 is stored and read as ever", () => {
  const stored = Uint8Array.from(Buffer.from("00".repeat(HEADER_BYTES) + BODY, "hex"));
  sealHeader(stored, { format: 1, rulesVersion: 1 });
  expectSame(decodeRecord(stored, CATALOGS), record);
  expect(hex(encodeRecord(record, CATALOGS).subarray(HEADER_BYTES))).toBe(BODY);
});

test("a header of format 1 is written as ever", () => {
  const bytes = Uint8Array.from([...new Uint8Array(HEADER_BYTES), 1, 2, 3]);
  sealHeader(bytes, { format: 1, rulesVersion: 1 });
  expect(hex(bytes)).toBe("0101006d6bdb654d010203");
});

test("a tombstone of format 1 is stored as ever", () => {
  const bytes = encodeTombstone({ erasedAtMs: FIRST_MS });
  expect(hex(bytes.subarray(HEADER_BYTES))).toBe("0280d095ffbc31");
  expect(readTombstone(bytes)).toEqual({ erasedAtMs: FIRST_MS });
});

test("an event of format 1 is stored as ever", () => {
  const event = {
    type: "level-reached",
    number: 7,
    atMs: FIRST_MS,
    skill: "digging",
    fromLevel: 1,
    level: 2,
  } as const;
  const bytes = encodeEvent(event);
  expect(hex(bytes.subarray(0, 5))).toBe("01abbcb524");
  expect(Buffer.from(bytes.subarray(5)).toString()).toBe(
    '{"type":"level-reached","number":7,"atMs":1700000000000,"skill":"digging","fromLevel":1,"level":2}',
  );
  expect(decodeEvent(bytes)).toEqual(event);
});
