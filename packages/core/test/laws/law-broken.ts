/** What is thrown when a law doesn't hold: with what was compared, and where it differs. */

/** So much of the difference is shown. */
const MAX_SHOWN = 3_000;

export class LawBroken extends Error {
  constructor(law: string, difference = "") {
    super(difference === "" ? law : `${law}\n${difference}`);
    this.name = "LawBroken";
  }
}

/** Compares canonical texts. */
export function assertSame(law: string, actual: string, expected: string): void {
  if (actual !== expected) throw new LawBroken(law, differenceOf(actual, expected));
}

export function assertLaw(law: string, holds: boolean): void {
  if (!holds) throw new LawBroken(law);
}

/** Only the members or entries in which two canonical texts differ. */
function differenceOf(actual: string, expected: string): string {
  const a = parse(actual);
  const b = parse(expected);
  if (a === null || b === null) return `  got      ${actual}\n  expected ${expected}`;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const lines = [...keys].flatMap((key) => {
    const got = JSON.stringify(a[key]) ?? "nothing";
    const wanted = JSON.stringify(b[key]) ?? "nothing";
    return got === wanted ? [] : [`  ${key}:\n    got      ${got}\n    expected ${wanted}`];
  });
  return lines.join("\n").slice(0, MAX_SHOWN);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
