// Holds docs/requirements.md to the files: every place that it names exists, and no row is missing.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../..");
const page = readFileSync(path.join(root, "docs/requirements.md"), "utf8");
const rows = [...page.matchAll(/^\| ([SQ]\d+) \|.*\|$/gm)].map(([line, id]) => ({ id, line }));

it("has every row of what was asked for, once and in order", () => {
  const numbered = (letter: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
  expect(rows.map(({ id }) => id)).toEqual([...numbered("S", 42), ...numbered("Q", 11)]);
});

it.each(rows)("names places that exist, or says not yet: $id", ({ line }) => {
  const cells = line.split("|").slice(3, 5);
  const places = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, place]) => place ?? ""));
  expect(places.filter((place) => !existsSync(path.join(root, place)))).toEqual([]);
  if (places.length === 0) expect(cells.join(" ")).toContain("not yet");
});
