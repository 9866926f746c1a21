/** Keys that stand in one object of a JSON text twice: `JSON.parse` takes the last one, and nobody learns of the others. */
import type { JsonError } from "./find-json-error.js";

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

interface OpenObject {
  /** Of each key, where the first one is. */
  readonly begins: Map<string, number>;
}

/** The first of them, in a text that is JSON; `null` if there is none. */
export function findRepeatedKey(text: string): JsonError | null {
  /** `null` is a list. */
  const open: (OpenObject | null)[] = [];
  let before = "";
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === "{") open.push({ begins: new Map() });
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    const inner = open.at(-1) ?? null;
    const isKey = inner !== null && token.startsWith('"') && (before === "{" || before === ",");
    before = token;
    if (!isKey) continue;
    const key = JSON.parse(token) as string;
    const first = inner.begins.get(key);
    if (first !== undefined) {
      // Lines are counted only here: to do it for each key would read the text as often as it has keys.
      const firstLine = placeOf(text, first).line;
      return {
        ...placeOf(text, index),
        problem: `${token} is there twice; the first is in line ${firstLine}`,
      };
    }
    inner.begins.set(key, index);
  }
  return null;
}

function placeOf(text: string, index: number): { readonly line: number; readonly column: number } {
  const lineStart = text.lastIndexOf("\n", index - 1) + 1;
  return { line: text.slice(0, lineStart).split("\n").length, column: index - lineStart + 1 };
}
