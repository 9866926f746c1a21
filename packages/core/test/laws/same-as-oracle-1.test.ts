/** Random histories, a quarter of them: the product does what the oracle does. */
import { expect, test } from "vitest";
import * as core from "../../src/index.js";
import { checkHistories, historiesPerShard, replay } from "./check-laws.js";
import { playHistory } from "./play-history.js";

test("states and events are the oracle's, byte for byte, after every step (part 1 of 4)", () => {
  const numRuns = historiesPerShard();
  checkHistories((plan) => void playHistory(core, plan), { numRuns, ...replay(0) });
  expect(numRuns).toBeGreaterThan(0);
});
