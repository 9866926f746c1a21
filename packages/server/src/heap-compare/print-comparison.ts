/** A comparison as lines for a terminal. */
import type { Comparison, Growth } from "./compare-snapshots.js";

const KIBIBYTE = 1024;

/** Where fewer of the objects are held alike, one path says nothing about the others. */
const MIN_ALIKE = 0.1;

export function comparisonLines(comparison: Comparison): string[] {
  const { byRetainedSize, byCount, before, after } = comparison;
  return [
    `${before.objects} objects before, ${after.objects} after. ${processLine(comparison)}`,
    "",
    "What grew most, by what it retains (what would be free without all objects of the constructor; a byte may count for several):",
    ...table(byRetainedSize),
    "",
    "What grew most, by number (constructors alone, without the texts, arrays and code that objects are made of):",
    ...table(byCount),
    "",
    comparison.sameProcess === "no" ? "What holds them:" : "What holds the new ones:",
    ...pathLines([...byCount, ...byRetainedSize]),
  ];
}

function processLine({ sameProcess }: Comparison): string {
  switch (sameProcess) {
    case "yes":
      return "Both are of one process: new is what wasn't there before and is still there.";
    case "no":
      return "They are of two processes: which objects are new can't be told, only how many more there are.";
    case "unknown":
      return "Their names don't say whether they are of one process; if they are not, nothing can be said about what is new.";
  }
}

const HEADINGS = ["constructor", "retained before", "after", "more", "count before", "after", "more", "new"];

function table(growths: readonly Growth[]): string[] {
  if (growths.length === 0) return ["  nothing"];
  const rows = growths.map(({ constructorName, before, after, newCount }) => [
    constructorName,
    inKibibytes(before.retainedBytes),
    inKibibytes(after.retainedBytes),
    `+${inKibibytes(after.retainedBytes - before.retainedBytes)}`.replace("+-", "-"),
    String(before.count),
    String(after.count),
    `+${after.count - before.count}`.replace("+-", "-"),
    newCount === null ? "?" : String(newCount),
  ]);
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`.trimEnd(),
  );
}

function inKibibytes(bytes: number): string {
  return `${(bytes / KIBIBYTE).toFixed(1)} KiB`;
}

function pathLines(growths: readonly Growth[]): string[] {
  const lines: string[] = [];
  const told = new Set<string>();
  for (const { constructorName, heldBy } of growths) {
    if (told.has(constructorName) || heldBy === null) continue;
    if (heldBy.alike < heldBy.lookedAt * MIN_ALIKE) continue;
    told.add(constructorName);
    lines.push(
      `  ${constructorName} (${heldBy.alike} of ${heldBy.lookedAt} looked at)`,
      ...heldBy.steps.map(({ by, what }) => `    ${by === "" ? what : `${by} ${what}`}`),
    );
  }
  return lines.length === 0 ? ["  nothing to tell"] : lines;
}
