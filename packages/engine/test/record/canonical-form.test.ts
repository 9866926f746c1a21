// One record, one form: what could be read but would have been written otherwise is damage.
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/record/byte-reader.js";
import { ByteWriter } from "../../src/record/byte-writer.js";
import { indexOf } from "../../src/record/catalog-index.js";
import { decodeLane, decodeTasks } from "../../src/record/decode-lane.js";
import type { Decoding } from "../../src/record/decoding.js";
import { LANE_FLAGS, TASK_FLAGS, TOTALS_FLAGS } from "../../src/record/layout.js";
import { readAmounts, readId } from "../../src/record/read-amounts.js";
import { BEFORE, CATALOGS } from "./sample-catalogs.js";

const writer = new ByteWriter();
const index = indexOf(BEFORE);
const corrupt = expect.objectContaining({ code: "RECORD_CORRUPT" });

/** A reader of numbers below 128 and of ids. */
function readerOf(...parts: readonly (number | string)[]): ByteReader {
  writer.restart(0);
  for (const part of parts) {
    if (typeof part === "number") writer.byte(part);
    else writer.id(part);
  }
  return new ByteReader(writer.written().slice(), 0);
}

function decodingOf(...parts: readonly (number | string)[]): Decoding {
  return {
    reader: readerOf(...parts),
    catalogs: CATALOGS,
    catalog: BEFORE.hash,
    index,
    settledAtMs: 50,
    nextTask: 9,
  };
}

describe("amounts by id", () => {
  const amounts = (...parts: readonly (number | string)[]) => readAmounts(readerOf(...parts), index.items);

  test("are known ids by their place, then inert ones in their order", () => {
    expect([...amounts(5, 0, 7, 1, 8, 2, "a", 1, "b", 2)]).toEqual([
      [index.items.ids[0], 7],
      [index.items.ids[2], 8],
      ["a", 1],
      ["b", 2],
    ]);
  });

  test.each([
    ["inert ids out of order", [1, 2, "b", 1, "a", 2]],
    ["an inert id twice", [1, 2, "a", 1, "a", 2]],
    ["an id in full that the catalog knows", [1, 1, "clay", 1]],
    ["a list of inert ids without one", [1, 0]],
    ["a place that the catalog doesn't have", [2, 100, 1]],
    ["more known ids than there are", [100, 0, 1, 0, 1, 0, 1]],
  ])("are refused with %s", (_, parts) => {
    expect(() => amounts(...parts)).toThrow(corrupt);
  });

  test("are named in full only if they must be", () => {
    expect(readId(readerOf(0, "gone"), index.items)).toBe("gone");
    expect(() => readId(readerOf(0, "clay"), index.items)).toThrow(corrupt);
  });
});

describe("a task", () => {
  const started = [1, 1, 0, 0, 0, 0, 0];

  test("has amounts behind each of its flags, and no flags that nobody knows", () => {
    const fresh = decodeTasks(decodingOf(1, 0, 1, 0));
    expect(fresh).toMatchObject([{ number: 8, repeat: null, startedAtMs: null }]);
    const played = decodeTasks(decodingOf(1, TASK_FLAGS.started, ...started, TOTALS_FLAGS.took, 2, 0, 5));
    expect(played[0]?.took.size).toBe(1);
    const empty = decodingOf(1, TASK_FLAGS.started, ...started, TOTALS_FLAGS.took, 0);
    expect(() => decodeTasks(empty)).toThrow(corrupt);
    expect(() => decodeTasks(decodingOf(1, 16, 1, 0))).toThrow(corrupt);
    expect(() => decodeTasks(decodingOf(1, TASK_FLAGS.started, ...started, 32))).toThrow(corrupt);
  });
});

describe("a lane", () => {
  test("has what its flags say, and no flags that nobody knows", () => {
    expect(decodeLane(decodingOf(LANE_FLAGS.paused, 1, 5))).toEqual({
      cycle: null,
      paused: { reason: "AWAY", sinceMs: 45 },
      blocked: null,
    });
    for (const flags of [32, 128, LANE_FLAGS.otherCatalog, LANE_FLAGS.retry]) {
      expect(() => decodeLane(decodingOf(flags))).toThrow(corrupt);
    }
    expect(() => decodeLane(decodingOf(LANE_FLAGS.paused, 2, 5))).toThrow(corrupt);
  });

  test("names the catalog of its cycle only if it is another one", () => {
    const hash = [...Buffer.from(BEFORE.hash, "hex")];
    const cycle = [5, 1, 0, 0, 0];
    const plain = decodeLane(decodingOf(LANE_FLAGS.cycle, ...cycle));
    expect(plain.cycle?.catalog).toBe(BEFORE.hash);
    const named = decodingOf(LANE_FLAGS.cycle | LANE_FLAGS.otherCatalog, ...cycle, ...hash);
    expect(() => decodeLane(named)).toThrow(corrupt);
  });
});
