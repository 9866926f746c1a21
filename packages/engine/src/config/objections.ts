/** What is wrong with a value, by its schema: every place of it, with its path and in words. */
import { closest } from "@mainspring/core";
import { type TObject, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { type KeyNotes, pathOf } from "./config-key.js";
import { expectationOf, listed } from "./expectation.js";
import { shown } from "./shown.js";

/** Something wrong, and what to do about it, each as a sentence without its path. */
export interface Objection {
  readonly path: string;
  readonly problem: string;
  /** `null` where the problem says it. */
  readonly remedy: string | null;
  /** The key, section or variable that was probably meant. */
  readonly didYouMean?: string;
}

/** Objections to one value are told up to here. */
const MAX_OBJECTIONS = 20;

export function objectionsTo(schema: TSchema, value: unknown, path: string): readonly Objection[] {
  if (Type.IsUnion(schema) && isObject(value)) {
    const inner = schema.anyOf.find((option) => Type.IsObject(option));
    if (inner !== undefined) return objectionsTo(inner, value, path);
  }
  if (Type.IsObject(schema) && isObject(value)) return objectionsToParts(schema, value, path);
  if (Type.IsArray(schema) && Array.isArray(value) && value.length <= (maxItemsOf(schema) ?? Infinity)) {
    const inItems = value.flatMap((item: unknown, index) =>
      objectionsTo(schema.items, item, `${path}.${index}`),
    );
    if (inItems.length > 0) return inItems.slice(0, MAX_OBJECTIONS);
  }
  if (Value.Check(schema, value)) return [];
  const { isDelicate = false } = schema as TSchema & KeyNotes;
  // A text in place of a list holds what the list would: players' ids.
  const isJoined = Type.IsArray(schema) && typeof value === "string";
  const instead = isDelicate ? "" : `, not ${isJoined ? "a text" : describe(value)}`;
  return [{ path, problem: `must be ${expectationOf(schema)}${instead}`, remedy: null }];
}

function objectionsToParts(schema: TObject, value: JsonObject, path: string): readonly Objection[] {
  const lacking = Object.entries(schema.properties)
    .filter(([name, inner]) => !Type.IsOptional(inner) && !Object.hasOwn(value, name))
    .map(([name, inner]) => ({
      path: pathOf(path, name),
      problem: `is missing; it must be ${expectationOf(inner)}`,
      remedy: null,
    }));
  const wrong = Object.entries(value).flatMap(([name, part]) => {
    const inner = propertyOf(schema, name);
    const at = pathOf(path, name);
    return inner === undefined ? [unknownKey(schema, path, name)] : objectionsTo(inner, part, at);
  });
  return [...lacking, ...wrong];
}

/** A key that its section doesn't have, with the one that was probably meant, or all that there are. */
export function unknownKey(section: TObject, above: string, name: string): Objection {
  const path = pathOf(above, name);
  const known = Object.keys(section.properties);
  const problem = "there is no such key";
  const [first = "", ...rest] = name.split(".");
  if (rest.length > 0 && known.includes(first)) {
    const whole = [first, ...rest].reduceRight((inner, part) => `{ ${shown(part)}: ${inner} }`, "…");
    return { path, problem, remedy: `Sections are objects: ${whole}.`, didYouMean: pathOf(above, first) };
  }
  const meant = closest(name, known);
  if (meant === null) return { path, problem, remedy: `There are ${listed(known, "and")}.` };
  const didYouMean = pathOf(above, meant);
  return { path, problem, remedy: `Did you mean ${didYouMean}?`, didYouMean };
}

/** Names that an object merely inherits are no keys. */
export function propertyOf(schema: TObject, name: string): TSchema | undefined {
  return Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return Array.isArray(value) ? `a list of ${value.length}` : shown(value);
}

function maxItemsOf(schema: TSchema): number | undefined {
  return (schema as { readonly maxItems?: number }).maxItems;
}
