/** `mainspring catalog check`, in processes of their own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BROKEN_CATALOGS } from "../../../core/test/catalog/broken-catalogs.js";
import { checkCatalogFile } from "../../src/cli/check-catalog-file.js";
import { FOUNDRY, run, temporaryFolder } from "../support/run-command.js";

function file(text: string | Uint8Array): string {
  const path = join(temporaryFolder(), "catalog.json");
  writeFileSync(path, text);
  return path;
}

describe("catalog check", () => {
  it("says that a good catalog is fine, what is in it, and its hash", async () => {
    const { code, stdout, stderr } = await run(["catalog", "check", FOUNDRY]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /is fine: clockwork-foundry\n {2}activities {2}\d+ \(\d+ harvest, \d+ craft, \d+ combat\)\n/,
    );
    expect(stdout).toMatch(/\n {2}hash {8}[0-9a-f]{32}\n$/);
  });

  it.each(BROKEN_CATALOGS)("lists every mistake: $name", ({ json, mistakes }) => {
    const path = file(json);
    const printed: string[] = [];
    expect(checkCatalogFile(path, (line) => printed.push(line))).toBe(false);
    const lines = mistakes.map(([at, problem, didYouMean]) => {
      const hint = didYouMean === undefined ? "" : `; did you mean "${didYouMean}"?`;
      return `${at === "" ? "catalog" : at}: ${problem}${hint}`;
    });
    const count = mistakes.length === 1 ? "one mistake" : `${mistakes.length} mistakes`;
    expect(printed).toEqual([...lines, `${path} has ${count}.`]);
  });

  it("ends with 1 when there are mistakes, and has them on standard output", async () => {
    const path = file('{ "name": "x", "kinds": ["a"], "activites": {} }');
    const { code, stdout, stderr } = await run(["catalog", "check", path]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain('activites: unknown key; did you mean "activities"?\n');
    expect(stdout).toContain("activities: must be an object, not nothing\n");
  });

  const unreadable: readonly (readonly [name: string, text: string | Uint8Array, says: string])[] = [
    ["a comma too many", '{\n  "name": "x",\n}', ':3:1: this is not JSON: expected a key in "quotes".'],
    [
      "an end that comes too early",
      '{ "name": [1, 2',
      ":1:16: this is not JSON: it ends too early: expected , or ].",
    ],
    [
      "a text that isn't closed",
      '{ "name": "x }',
      ":1:11: this is not JSON: this text isn't closed, or has a character that must be escaped.",
    ],
    [
      "a comment",
      '{\n  // hello\n  "name": "x"\n}',
      ':2:3: this is not JSON: expected a key in "quotes", or }.',
    ],
    ["nothing", "", ":1:1: this is not JSON: it ends too early: expected a value."],
    ["bytes that aren't text", Buffer.from([0x7b, 0xff, 0x7d]), " is not in UTF-8."],
  ];

  it.each(unreadable)("says where it stops being JSON: %s", async (_name, text, says) => {
    const path = file(text);
    expect(await run(["catalog", "check", path])).toEqual({
      code: 1,
      stdout: "",
      stderr: `mainspring: ${path}${says}\n`,
    });
  });
});
