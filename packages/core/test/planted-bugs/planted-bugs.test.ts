/** The law tests can fail: bugs are planted one at a time into a copy of the built package, and each is found. */
import { beforeAll, describe, expect, test } from "vitest";
import { PLANTED_BUGS } from "./bugs.js";
import { build, importCopy, judge } from "./mutant.js";

/** A quarter of what `npm test` plays by default. */
const HISTORIES = 5_000;

/** Any will do; a fixed one makes the outcome the same each time. */
const SEED = 20_260;

beforeAll(build);

describe("a planted bug is found", () => {
  test.each(PLANTED_BUGS)("$what", async (bug) => {
    const { foundAfter, law } = judge(await importCopy(bug), { histories: HISTORIES, seed: SEED });
    if (process.env["MAINSPRING_VERBOSE"] === "1")
      console.log(`${foundAfter} histories: ${bug.what} (${law})`);
    expect(foundAfter, "histories until a law broke").not.toBeNull();
  });
});

test("without a bug planted nothing is found", async () => {
  expect(judge(await importCopy(null), { histories: 200, seed: SEED })).toEqual({
    foundAfter: null,
    law: "",
  });
});
