/** Equality of records down to what a plain comparison can't see: the seed. The order of maps is no part of it. */
import { deepStrictEqual } from "node:assert/strict";
import { seedBytes } from "@mainspring/core";
import type { PlayerRecord } from "../../src/record/player-record.js";

/** Fails unless two records are equal. */
export function expectSame(actual: PlayerRecord, expected: PlayerRecord): void {
  deepStrictEqual(actual, expected);
  deepStrictEqual(seedBytes(actual.state.seed), seedBytes(expected.state.seed));
}
