/** Where JSON goes wrong. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonError } from "../../src/cli/find-json-error.js";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("the search for JSON mistakes", () => {
  it("finds one exactly where JSON.parse refuses", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"',
      "1",
      "-",
      "01",
      "1.5e3",
      "true",
      "nul",
      " ",
      "\n",
      "\\",
      '"\\u12"',
      '"\u007f"',
      '"\t"',
    );
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", "}", '"', "x"))
      .map(([json, at, put]) => {
        const index = at % (json.length + 1);
        return json.slice(0, index) + put + json.slice(index + 1);
      });
    const texts = fc.oneof(
      fc.json(),
      broken,
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(findJsonError(text) === null).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it("counts lines and columns from one", () => {
    expect(findJsonError('{\n  "a": 1\n  "b": 2\n}')).toEqual({
      line: 3,
      column: 3,
      problem: "expected , or }",
    });
  });
});
