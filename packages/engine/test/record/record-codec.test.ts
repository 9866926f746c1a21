// Records survive being stored: every sound one comes back equal, and equal ones are equal bytes.
import {
  type AmountMap,
  createPlayer,
  createSeed,
  isMainspringError,
  type PlayerState,
} from "@mainspring/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkInvariants } from "../../src/record/check-invariants.js";
import { decodeRecord, readTombstone } from "../../src/record/decode-record.js";
import { encodeRecord, encodeTombstone } from "../../src/record/encode-record.js";
import { measureRecord } from "../../src/record/measure-record.js";
import type { PlayerRecord } from "../../src/record/player-record.js";
import { anyRecord } from "./arbitrary-records.js";
import { livesIn, play } from "./played-states.js";
import { expectSame } from "./same-record.js";
import { AFTER, BEFORE, CATALOGS, FIRST_MS, SHIPPED_TIMELINE, TIMELINE } from "./sample-catalogs.js";

const newcomer: PlayerRecord = {
  state: createPlayer(TIMELINE, { nowMs: FIRST_MS, seed: createSeed(new Uint8Array(16).fill(7)) }),
  ownDigests: [],
  adjustDigests: [],
};

function backwards<V>(map: ReadonlyMap<string, V>): Map<string, V> {
  return new Map([...map].reverse());
}

/** The same record with every map filled in the opposite order. */
function reordered({ state, ...digests }: PlayerRecord): PlayerRecord {
  const turn = (amounts: AmountMap): AmountMap => backwards(amounts);
  const [lane] = state.lanes;
  const tasks = lane.tasks.map((task) => ({
    ...task,
    gave: turn(task.gave),
    took: turn(task.took),
    stashed: turn(task.stashed),
    discarded: turn(task.discarded),
    xp: turn(task.xp),
  }));
  const totals = [...state.totals].map(([kind, of]) => [kind, { ...of, rewards: turn(of.rewards) }] as const);
  const turned: PlayerState = {
    ...state,
    items: turn(state.items),
    stash: turn(state.stash),
    xp: turn(state.xp),
    equipped: backwards(state.equipped),
    totals: backwards(new Map(totals)),
    lanes: [{ ...lane, tasks }],
  };
  return { state: turned, ...digests };
}

describe("a record", () => {
  test("comes back equal from its bytes, and gives the same bytes again", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(checkInvariants(record, CATALOGS)).toBeNull();
        const bytes = encodeRecord(record, CATALOGS);
        const decoded = decodeRecord(bytes, CATALOGS);
        expectSame(decoded, record);
        expect(encodeRecord(decoded, CATALOGS)).toEqual(bytes);
      }),
      { numRuns: 600 },
    );
  });

  test("has the same bytes in whatever order its maps were filled", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(encodeRecord(reordered(record), CATALOGS)).toEqual(encodeRecord(record, CATALOGS));
      }),
      { numRuns: 200 },
    );
  });

  test("with more amounts than are sorted by insertion has the same bytes in either order", () => {
    const amounts = Array.from({ length: 500 }, (_, index) => [`id-${index}`, index + 1] as const);
    const items = new Map([...amounts, ...newcomer.state.items]);
    const record = { ...newcomer, state: { ...newcomer.state, items } };
    const bytes = encodeRecord(record, CATALOGS);
    expect(encodeRecord(reordered(record), CATALOGS)).toEqual(bytes);
    expectSame(decodeRecord(bytes, CATALOGS), record);
  });

  test("of every state that the rules make is sound and comes back equal, across moves of the catalog", () => {
    fc.assert(
      fc.property(livesIn(TIMELINE, 40), (life) => {
        for (const state of play(TIMELINE, life).states) expectRoundTrip(state, TIMELINE.catalogs);
      }),
      { numRuns: 150 },
    );
  });

  test("of every state under the shipped catalog is sound and comes back equal", () => {
    fc.assert(
      fc.property(livesIn(SHIPPED_TIMELINE, 30), (life) => {
        for (const state of play(SHIPPED_TIMELINE, life).states)
          expectRoundTrip(state, SHIPPED_TIMELINE.catalogs);
      }),
      { numRuns: 80 },
    );
  });

  test("keeps nothing of the bytes that it was read from, and gives bytes that nothing changes later", () => {
    const digest = {
      key: "\x01".repeat(8),
      request: "\x02".repeat(8),
      revision: 1,
      eventNumber: 1,
      atMs: 5,
    };
    const state = { ...newcomer.state, revision: 1, eventCount: 1 };
    const record: PlayerRecord = { state, ownDigests: [digest], adjustDigests: [] };
    const bytes = Buffer.from(encodeRecord(record, CATALOGS));
    const decoded = decodeRecord(bytes, CATALOGS);
    bytes.fill(0);
    expectSame(decoded, record);
    const first = encodeRecord(record, CATALOGS);
    const copy = Uint8Array.from(first);
    encodeRecord(newcomer, CATALOGS);
    expect(first).toEqual(copy);
  });

  test("is measured part by part, to the byte", () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const { totalBytes, parts } = measureRecord(record, CATALOGS);
        expect(totalBytes).toBe(encodeRecord(record, CATALOGS).length);
        expect(parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBe(totalBytes);
      }),
      { numRuns: 200 },
    );
  });

  test("that only a bug could make is not written", () => {
    const broken = [
      { revision: -1 },
      { nextTask: 1.5 },
      { clockOffsetMs: Number.NaN },
      { items: new Map([["gone\n", 1]]) },
    ];
    for (const change of broken) {
      const record = { ...newcomer, state: { ...newcomer.state, ...change } };
      expect(() => encodeRecord(record, CATALOGS)).toThrow(expect.objectContaining({ code: "INTERNAL" }));
    }
    // And the next one is none the worse for it.
    expectSame(decodeRecord(encodeRecord(newcomer, CATALOGS), CATALOGS), newcomer);
  });

  test("whose catalog isn't there (yet) is neither read nor written, and may be later", () => {
    const bytes = encodeRecord(newcomer, CATALOGS);
    const none = new Map();
    for (const attempt of [() => decodeRecord(bytes, none), () => encodeRecord(newcomer, none)]) {
      expect(attempt).toThrow(expect.objectContaining({ code: "UPGRADE_REQUIRED" }));
    }
  });

  test("whose cycle in flight is of a catalog that isn't there may be read later", () => {
    const seed = new Uint8Array(16);
    const command = { type: "enqueue", tasks: [{ activity: "dig-clay", repeat: 30 }] } as const;
    // Four seconds a cycle (three with the spade): one is in flight when the catalog moves.
    const step = { afterMs: 290_001, isSeen: false, command };
    const pause = { afterMs: 10_500, isSeen: false, command: { type: "pause" } } as const;
    const state = play(TIMELINE, { seed, steps: [step, pause] }).states.at(-1) ?? newcomer.state;
    const catalog = state.lanes[0].cycle?.catalog;
    expect([state.catalog, catalog]).toEqual([AFTER.hash, BEFORE.hash]);
    const bytes = encodeRecord({ ...newcomer, state }, CATALOGS);
    const one = new Map([[AFTER.hash, AFTER]]);
    expect(() => decodeRecord(bytes, one)).toThrow(expect.objectContaining({ code: "UPGRADE_REQUIRED" }));
  });
});

describe("a tombstone", () => {
  test("comes back, and is no player", () => {
    const bytes = encodeTombstone({ erasedAtMs: 1_700_000_000_123 });
    expect(readTombstone(bytes)).toEqual({ erasedAtMs: 1_700_000_000_123 });
    const error = caught(() => decodeRecord(bytes, CATALOGS));
    expect(isMainspringError(error) && error.code).toBe("PLAYER_ERASED");
  });

  test("is not what a player's record is", () => {
    expect(readTombstone(encodeRecord(newcomer, CATALOGS))).toBeNull();
    expect(newcomer.state.catalog).toBe(BEFORE.hash);
  });
});

function expectRoundTrip(state: PlayerState, catalogs: typeof CATALOGS): void {
  const record = { ...newcomer, state };
  expect(checkInvariants(record, catalogs)).toBeNull();
  const bytes = encodeRecord(record, catalogs);
  const decoded = decodeRecord(bytes, catalogs);
  expectSame(decoded, record);
  expect(encodeRecord(decoded, catalogs)).toEqual(bytes);
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}
