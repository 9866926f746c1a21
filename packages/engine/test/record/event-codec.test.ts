// Events survive the journal: every one that the rules emit, and ids and texts of every kind.
import { deepStrictEqual } from "node:assert/strict";
import { isMainspringError, type PlayerEvent } from "@mainspring/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEvent, encodeEvent } from "../../src/record/event-codec.js";
import { JOURNAL_FORMAT } from "../../src/record/sealed-json.js";
import { livesIn, play } from "./played-states.js";
import { SHIPPED_TIMELINE, TIMELINE } from "./sample-catalogs.js";

const started: PlayerEvent = { type: "task-started", number: 1, atMs: 5, task: 1, activity: "dig" };
const commanded: PlayerEvent = {
  type: "command",
  number: 2,
  atMs: 5,
  revision: 1,
  command: { type: "pause", result: {} },
};

/** Of amounts in any order, by ids that a plain object has of itself. */
function ended(amounts: readonly [string, number][]): PlayerEvent {
  const map = new Map(amounts);
  const numbers = { cyclesDone: 3, failures: 1, ranMs: 9, rareFinds: 0 };
  const totals = { ...numbers, gave: map, took: new Map(), stashed: map, discarded: new Map(), xp: map };
  return {
    type: "task-ended",
    number: 3,
    atMs: 5,
    task: 1,
    activity: "dig",
    reason: "done",
    block: null,
    totals,
  };
}

/** The code of what decoding throws, and nothing without one. */
function codeOf(bytes: Uint8Array): string | null {
  try {
    decodeEvent(bytes);
    return null;
  } catch (error) {
    if (!isMainspringError(error)) throw error;
    return error.code;
  }
}

const odd: [string, number][] = [
  ["toString", 1],
  ["__proto__", 2],
  ["constructor", 3],
  ["1", Number.MAX_SAFE_INTEGER],
];

describe("an event", () => {
  test.each([
    ["with moves of the catalog", TIMELINE, 8],
    ["under the shipped catalog", SHIPPED_TIMELINE, 4],
  ])("of any life %s comes back equal", (_, timeline, leastTypes) => {
    const types = new Set<string>();
    fc.assert(
      fc.property(livesIn(timeline, 40), (life) => {
        for (const event of play(timeline, life).events) {
          types.add(event.type);
          deepStrictEqual(decodeEvent(encodeEvent(event)), event);
        }
      }),
      { numRuns: 100 },
    );
    expect(types.size).toBeGreaterThanOrEqual(leastTypes);
  });

  test("keeps ids that a plain object has of itself, and has the same bytes in whatever order its maps were filled", () => {
    const event = ended(odd);
    const bytes = encodeEvent(event);
    deepStrictEqual(decodeEvent(bytes), event);
    expect(encodeEvent(ended([...odd].reverse()))).toEqual(bytes);
  });

  test("of a command tells who sent it and why, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.option(fc.string({ unit: "binary" })),
        fc.option(fc.string({ unit: "binary" })),
        (actor, reason) => {
          const meta = { ...(actor === null ? {} : { actor }), ...(reason === null ? {} : { reason }) };
          deepStrictEqual(decodeEvent(encodeEvent(commanded, { meta })), { ...commanded, ...meta });
        },
      ),
    );
  });

  test("that no command made keeps its own reason", () => {
    deepStrictEqual(
      decodeEvent(encodeEvent(ended([]), { meta: { actor: "ada", reason: "why" } })),
      ended([]),
    );
  });

  test("that is damaged is found", () => {
    const bytes = encodeEvent(ended(odd));
    for (let bit = 8; bit < bytes.length * 8; bit += 1) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(damaged)).toBe("RECORD_CORRUPT");
    }
    for (let end = 0; end < bytes.length; end += 1)
      expect(codeOf(bytes.subarray(0, end))).toBe("RECORD_CORRUPT");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), (any) => {
        expect(codeOf(any)).toMatch(/^(RECORD_CORRUPT|UPGRADE_REQUIRED)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("that a newer release wrote is not taken for a damaged one", () => {
    const newer = Uint8Array.from(encodeEvent(started));
    newer[0] = JOURNAL_FORMAT + 1;
    expect(codeOf(newer)).toBe("UPGRADE_REQUIRED");
    const unheardOf = { ...started, type: "toString" } as unknown as PlayerEvent;
    expect(codeOf(encodeEvent(unheardOf))).toBe("UPGRADE_REQUIRED");
  });

  test("that has no form is refused", () => {
    for (const any of [[], 5, "event", { type: "away" }, { ...started, number: "1" }]) {
      expect(codeOf(encodeEvent(any as unknown as PlayerEvent))).toBe("RECORD_CORRUPT");
    }
  });
});
