/** The manual for designers, docs/catalog.md, is true: its catalogs compile, its mistakes are reported so, its limits are the limits. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkCatalog, compileCatalog, DEFAULT_SETTINGS, formatMistake, LIMITS } from "../../src/index.js";

const page = readFileSync(new URL("../../../../docs/catalog.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));
const documents = blocks
  .filter(({ language }) => language.startsWith("json"))
  .map(({ text }): unknown => JSON.parse(text.replaceAll(/ \/\/ .*$/gm, "")));
const [smallest, whole, mistaken] = documents;

describe("the manual of catalogs", () => {
  it("shows catalogs that compile", () => {
    expect(documents).toHaveLength(3);
    expect(compileCatalog(smallest).activities.size).toBe(1);
    expect(compileCatalog(whole).activities.size).toBe(3);
  });

  it("shows mistakes as they are reported", () => {
    const check = checkCatalog(mistaken);
    const shown = blocks.find(({ language }) => language === "text")?.text;
    expect(check.isValid ? [] : check.mistakes.map(formatMistake)).toEqual(shown?.trimEnd().split("\n"));
  });

  it("uses every field of the content model in its example, or lists it", () => {
    const fields = new Set([...page.matchAll(/[`".]([a-z][a-zA-Z]+)(?=["`.])/g)].map(([, field]) => field));
    const model = readFileSync(new URL("../../src/catalog/source.ts", import.meta.url), "utf8");
    const known = [...model.matchAll(/readonly (\w+)\??:/g)].map(([, field]) => field);
    expect(known.length).toBeGreaterThan(50);
    expect([...new Set(known)].filter((field) => !fields.has(field))).toEqual([]);
  });

  it("names every limit and every default", () => {
    const numbers = [LIMITS, DEFAULT_SETTINGS]
      .flatMap(numbersIn)
      .filter((number) => number !== Number.MAX_SAFE_INTEGER);
    const missing = numbers.filter((number) => !page.includes(written(number)));
    expect([...new Set(missing)]).toEqual([]);
  });
});

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** As the page writes numbers: with commas, and a true minus. */
function written(number: number): string {
  if (!Number.isInteger(number)) return `${number}`;
  return `${number}`.replaceAll(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
}
