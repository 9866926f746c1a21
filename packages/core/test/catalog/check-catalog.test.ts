/** The check of a catalog: each mistake is found, all are found at once, and nothing makes it throw. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCatalog, compileCatalog, formatMistake, type Mistake } from "../../src/index.js";
import { BROKEN_CATALOGS } from "./broken-catalogs.js";
import { patched, workshop } from "./workshop.js";

function mistakesOf(document: unknown): readonly Mistake[] {
  const check = checkCatalog(document);
  return check.isValid ? [] : check.mistakes;
}

describe("checking a catalog", () => {
  it("lets a catalog without mistakes pass", () => {
    expect(mistakesOf(workshop())).toEqual([]);
  });

  it.each(BROKEN_CATALOGS)("reports every mistake of a catalog with $name", ({ json, mistakes }) => {
    expect(mistakesOf(JSON.parse(json))).toEqual(
      mistakes.map(([path, problem, didYouMean = null]) => ({ path, problem, didYouMean })),
    );
  });

  it("has a table of at least 25 broken catalogs, each of its own", () => {
    expect(new Set(BROKEN_CATALOGS.map(({ json }) => json)).size).toBe(BROKEN_CATALOGS.length);
    expect(new Set(BROKEN_CATALOGS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
  });

  it("says it in one line, as the manual shows", () => {
    const [mistake] = mistakesOf(patched({ "activities.forge-gear.takes": { "coper-ore": 5 } }));
    expect(mistake && formatMistake(mistake)).toBe(
      'activities.forge-gear.takes: no item "coper-ore"; did you mean "copper-ore"?',
    );
    expect(formatMistake({ path: "", problem: "must be an object, not null", didYouMean: null })).toBe(
      "catalog: must be an object, not null",
    );
  });

  it("stays on one line whatever is in the document", () => {
    const mistakes = mistakesOf(patched({ "a\nb": 1, "items.gear.rarity": "com\u0000\u2028\nmon" }));
    expect(mistakes).toHaveLength(2);
    for (const line of mistakes.map(formatMistake)) expect(line.split(/\r|\n|\0/)).toHaveLength(1);
  });

  it("throws all mistakes at once when it is compiled", () => {
    const document = patched({ "items.gear.rarity": "x", "activities.mine-copper.durationMs": 0 });
    expect(() => compileCatalog(document)).toThrow(
      expect.objectContaining({
        code: "CATALOG_INVALID",
        message: expect.stringMatching(
          /2 mistake.*\nitems\.gear\.rarity: .*\nactivities\.mine-copper\.durationMs: /,
        ),
        details: { mistakes: mistakesOf(document) },
      }),
    );
  });
});

describe("checking anything", () => {
  /** Parts of a good catalog replaced by arbitrary JSON: deeper than arbitrary documents would ever get. */
  const mutated = fc
    .tuple(fc.constantFrom(...pathsOf(workshop(), "")), fc.jsonValue())
    .map(([path, value]) => ({ path, document: patched({ [path]: value }) }));

  it("never throws, and gives every mistake a path that starts in the document", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (document) => {
        for (const { path, problem } of mistakesOf(document)) {
          expect(typeof path).toBe("string");
          expect(problem).not.toBe("");
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("never throws on a catalog with something else in the place of a part, and what passes compiles", () => {
    fc.assert(
      fc.property(mutated, ({ document }) => {
        if (checkCatalog(document).isValid) expect(compileCatalog(document).hash).toMatch(/^[0-9a-f]{32}$/);
      }),
      { numRuns: 3000 },
    );
  });

  it("takes any of the required parts to be missing", () => {
    for (const path of pathsOf(workshop(), ""))
      expect(() => checkCatalog(patched({ [path]: undefined }))).not.toThrow();
  });
});

describe("checking a great catalog", () => {
  const COUNT = 10_000;

  function great(reference: (index: number) => string): unknown {
    const items: Record<string, unknown> = {};
    const activities: Record<string, unknown> = {};
    for (let index = 0; index < COUNT; index += 1) {
      items[`thing-number-${index}`] = {};
      const item = reference((index * 7919) % COUNT);
      activities[`activity-${index}`] = {
        kind: "craft",
        durationMs: 1000,
        takes: { [item]: 1 },
        gives: [{ item }],
      };
    }
    return { name: "great", kinds: ["craft"], items, activities };
  }

  // The times are generous: the machine is shared. What they must catch is work that grows with the square (minutes).
  it("takes time in proportion to its size", { timeout: 20_000 }, () => {
    expect(compileCatalog(great((index) => `thing-number-${index}`)).items.size).toBe(COUNT);
  });

  it("reports the first 1,000 of very many mistakes, and looks for what was meant only so long", {
    timeout: 20_000,
  }, () => {
    const mistakes = mistakesOf(great((index) => `thimg-numbr-${index}`));
    expect(mistakes).toHaveLength(1001);
    expect(mistakes.at(-1)).toEqual({
      path: "",
      problem: "there are more mistakes than these 1000",
      didYouMean: null,
    });
    expect(mistakes[0]?.didYouMean).toMatch(/^thing-number-\d+$/);
    expect(mistakes[999]?.didYouMean).toBeNull();
  });

  it("finds duplicates in a list of any length without comparing each with each", { timeout: 20_000 }, () => {
    const kinds = Array.from({ length: 200_000 }, (_, index) => `kind-${index}`);
    expect(mistakesOf({ ...workshop(), kinds: [...kinds, "kind-0"] })).toContainEqual({
      path: "kinds.200000",
      problem: '"kind-0" is there twice',
      didYouMean: null,
    });
  });
});

/** Every path of a document. */
function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [at, ...pathsOf(entry, at)];
  });
}
