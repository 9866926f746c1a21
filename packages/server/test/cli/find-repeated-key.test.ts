/** Keys that stand in a JSON file twice. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findRepeatedKey } from "../../src/cli/find-repeated-key.js";
import { run, temporaryFolder } from "../support/run-command.js";

describe("the search for repeated keys", () => {
  it("finds none in what was written from a value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        expect(findRepeatedKey(JSON.stringify(value, null, indent))).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it("finds one wherever it is put in, however it is spelt", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), (key, first, second) => {
        const codes = Array.from({ length: key.length }, (_, at) => key.charCodeAt(at));
        const escaped = codes.map((code) => `\\u${code.toString(16).padStart(4, "0")}`).join("");
        const inner = `{${JSON.stringify(key)}:${JSON.stringify(first)},\n"${escaped}":${JSON.stringify(second)}}`;
        expect(findRepeatedKey(`[1,${inner}]`)).toMatchObject({ line: 2, column: 1 });
      }),
    );
  });

  it("says where, and lets equal keys of different objects be", () => {
    expect(findRepeatedKey('{ "a": { "b": 1 }, "c": { "b": ["b", "b"] } }')).toBeNull();
    expect(findRepeatedKey('{\n  "a": "{",\n  "b": 1,\n  "a": 2\n}')).toEqual({
      line: 4,
      column: 3,
      problem: '"a" is there twice; the first is in line 2',
    });
  });

  it("reads a text once, however many keys it has", () => {
    const activities = Array.from({ length: 50_000 }, (_, index) => [
      `activity-${index}`,
      { seconds: 1, xp: 2 },
    ]);
    const text = JSON.stringify({ activities: Object.fromEntries(activities) as unknown }, null, 2);
    expect(findRepeatedKey(text)).toBeNull();
    expect(findRepeatedKey(`${text.slice(0, -1)},\n"activities": {} }`)).toMatchObject({
      problem: '"activities" is there twice; the first is in line 2',
    });
  });

  it("reads past a text of any length", () => {
    expect(findRepeatedKey(JSON.stringify({ a: "x".repeat(20_000_000) }))).toBeNull();
  });

  it("stops a server whose file has one", async () => {
    const path = join(temporaryFolder(), "game.json");
    writeFileSync(path, '{ "layers": { "cache": true },\n  "layers": { "batching": true } }');
    expect(await run(["serve", "--dev", "--config", path])).toEqual({
      code: 1,
      stdout: "",
      stderr: `mainspring: ${path}:2:3: "layers" is there twice; the first is in line 1. Leave one of them out.\n`,
    });
  });
});
