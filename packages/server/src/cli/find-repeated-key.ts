/** Keys that stand in one object of a JSON text twice: `JSON.parse` takes the last one, and nobody learns of the others. */
import type { JsonError } from "./find-json-error.js";

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

interface OpenObject {
  /** Of each key, the line of the first one. */
  readonly lines: Map<string, number>;
}

/** The first of them, in a text that is JSON; `null` if there is none. */
export function findRepeatedKey(text: string): JsonError | null {
  /** `null` is a list. */
  const open: (OpenObject | null)[] = [];
  let before = "";
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "{") open.push({ lines: new Map() });
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    const inner = open.at(-1) ?? null;
    const isKey = inner !== null && token.startsWith('"') && (before === "{" || before === ",");
    before = token;
    if (!isKey) continue;
    const key = JSON.parse(token) as string;
    const { line, column } = placeOf(text, index);
    const firstLine = inner.lines.get(key);
    if (firstLine !== undefined) {
      return { line, column, problem: `${token} is there twice; the first is in line ${firstLine}` };
    }
    inner.lines.set(key, line);
  }
  return null;
}

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const lineStart = text.lastIndexOf("\n", index - 1) + 1;
  return { line: text.slice(0, lineStart).split("\n").length, column: index - lineStart + 1 };
}
