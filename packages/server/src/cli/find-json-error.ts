/** Where a JSON text goes wrong. `JSON.parse` says so only sometimes, and in the words of its engine. */

export interface JsonError {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

const TOKEN =
  /[ \t\n\r]*(?:(?<mark>[{}[\],:])|(?<string>"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?<other>(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.+-])))/y;

/** What may come next, in words. */
const EXPECTED = {
  value: "expected a value",
  "value or ]": "expected a value or ]",
  key: 'expected a key in "quotes"',
  "key or }": 'expected a key in "quotes", or }',
  colon: "expected :",
  "comma or ]": "expected , or ]",
  "comma or }": "expected , or }",
  end: "expected nothing more",
} as const;

type Expected = keyof typeof EXPECTED;

/** The first mistake of a text that isn't JSON; `null` if there is none. */
export function findJsonError(text: string): JsonError | null {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const after = (): Expected => {
    const inner = open.at(-1);
    return inner === undefined ? "end" : inner === "{" ? "comma or }" : "comma or ]";
  };
  for (;;) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      const rest = /\S/.exec(text.slice(at));
      if (rest === null && expected === "end") return null;
      return rest === null
        ? place(text, text.length, `it ends too early: ${EXPECTED[expected]}`)
        : place(text, at + rest.index, problemAt(text, at + rest.index, expected));
    }
    const { mark, string } = groups;
    const start = TOKEN.lastIndex - (mark ?? string ?? groups["other"] ?? "").length;
    const next = step(expected, { mark, isString: string !== undefined, open, after });
    if (next === null) return place(text, start, EXPECTED[expected]);
    expected = next;
    at = TOKEN.lastIndex;
  }
}

interface Token {
  readonly mark: string | undefined;
  readonly isString: boolean;
  readonly open: ("{" | "[")[];
  readonly after: () => Expected;
}

/** What may come after a token; `null` if the token may not stand here. */
function step(expected: Expected, { mark, isString, open, after }: Token): Expected | null {
  const closes = (mark === "}" && expected.endsWith("}")) || (mark === "]" && expected.endsWith("]"));
  if (closes) {
    open.pop();
    return after();
  }
  if (expected === "colon") return mark === ":" ? "value" : null;
  if (expected.startsWith("comma")) return mark === "," ? (open.at(-1) === "{" ? "key" : "value") : null;
  if (expected.startsWith("key")) return isString ? "colon" : null;
  if (!expected.startsWith("value")) return null;
  if (mark === undefined) return after();
  if (mark !== "{" && mark !== "[") return null;
  open.push(mark);
  return mark === "{" ? "key or }" : "value or ]";
}

function problemAt(text: string, at: number, expected: Expected): string {
  const isText = text[at] === '"';
  return isText ? "this text isn't closed, or has a character that must be escaped" : EXPECTED[expected];
}

function place(text: string, at: number, problem: string): JsonError {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1, problem };
}
