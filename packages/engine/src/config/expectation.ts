/** What a schema asks for, in words: for messages and for the reference. */
import { type TSchema, Type } from "typebox";
import type { KeyNotes } from "./config-key.js";

interface Bounds extends Partial<KeyNotes> {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** `a whole number from 1 to 10000`, `true or false`, `"lmdb", "memory" or "dynamodb"`. */
export function expectationOf(schema: TSchema): string {
  const bounds: Bounds = schema;
  const { expected, unit } = bounds;
  if (expected !== undefined) return expected;
  if (Type.IsUnion(schema)) return listed(schema.anyOf.map(expectationOf), "or");
  if (Type.IsLiteral(schema)) return JSON.stringify(schema.const);
  if (Type.IsBoolean(schema)) return "true or false";
  const inUnit = unit === undefined ? "" : ` (${unit})`;
  if (Type.IsInteger(schema)) return `a whole number ${rangeOf(bounds)}${inUnit}`;
  if (Type.IsNumber(schema)) return `a number ${rangeOf(bounds)}${inUnit}`;
  if (Type.IsString(schema)) return textOf(bounds);
  if (Type.IsTuple(schema))
    return `a list of ${schema.items.length}, each ${expectationOf(schema.items[0] ?? {})}`;
  if (Type.IsArray(schema)) return `a list of at most ${String(bounds.maxItems)}`;
  return "an object";
}

function rangeOf(schema: Bounds): string {
  const { minimum, exclusiveMinimum, maximum } = schema;
  if (exclusiveMinimum !== undefined) return `above ${exclusiveMinimum} and up to ${String(maximum)}`;
  return `from ${String(minimum)} to ${String(maximum)}`;
}

function textOf({ minLength = 0, maxLength }: Bounds): string {
  return `a text of ${minLength} to ${String(maxLength)} characters`;
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(words: readonly string[], conjunction: "and" | "or"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1) ?? ""}`;
}
