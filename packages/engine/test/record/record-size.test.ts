// The size budget: one write unit of DynamoDB for a player with 20 tasks and 40 kinds of items, lifetime totals included.
import { expect, test } from "vitest";
import { checkInvariants } from "../../src/record/check-invariants.js";
import { decodeRecord } from "../../src/record/decode-record.js";
import { encodeRecord } from "../../src/record/encode-record.js";
import { measureRecord } from "../../src/record/measure-record.js";
import { expectSame } from "./same-record.js";
import { SHIPPED_TIMELINE } from "./sample-catalogs.js";
import { TYPICAL } from "./typical-record.js";

const BUDGET_BYTES = 1_024;

const { catalogs } = SHIPPED_TIMELINE;

test("the record that the budget names takes at most 1 KiB", () => {
  const { state, ownDigests, adjustDigests } = TYPICAL;
  const [{ tasks, cycle }] = state.lanes;
  const rewards = [...state.totals.values()].reduce((sum, totals) => sum + totals.rewards.size, 0);
  expect([tasks.length, state.items.size, state.xp.size, state.equipped.size]).toEqual([20, 40, 6, 3]);
  expect([cycle !== null, state.totals.size, rewards]).toEqual([true, 3, 40]);
  expect([ownDigests.length, adjustDigests.length]).toEqual([12, 4]);
  expect(checkInvariants(TYPICAL, catalogs)).toBeNull();
  expectSame(decodeRecord(encodeRecord(TYPICAL, catalogs), catalogs), TYPICAL);

  const { totalBytes, parts } = measureRecord(TYPICAL, catalogs);
  const lines = [...parts, { name: "total", sizeBytes: totalBytes }];
  console.log(
    lines.map(({ name, sizeBytes }) => `${name.padEnd(20)}${String(sizeBytes).padStart(6)} B`).join("\n"),
  );
  expect(totalBytes).toBeLessThanOrEqual(BUDGET_BYTES);
});
