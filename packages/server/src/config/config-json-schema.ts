/** The schema of a configuration file, as editors understand it. */
import type { KeyNotes } from "@mainspring/engine/config";
import { SERVE_KEYS } from "./load-serve-config.js";
import { SERVE_SCHEMA } from "./serve-schema.js";

type Json = Readonly<Record<string, unknown>>;

/** Notes of ours, which no other program understands. */
const NOTES: readonly (keyof KeyNotes)[] = ["unit", "defaultIs", "env", "flag", "expected", "isDelicate"];

/** Validators divide in floating point, and would refuse every eighth share with two decimals: 33.33 for example. */
const isInexact = (name: string, value: unknown): boolean =>
  name === "multipleOf" && !Number.isInteger(value);

/** JSON Schema. In a file every key and section may be left out. */
export function configJsonSchema(): Json {
  const { properties, ...root } = sectionOf(SERVE_SCHEMA as unknown as Json, "");
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of mainspring serve",
    ...root,
    properties: {
      $schema: { type: "string", description: "Where this schema is, for editors." },
      ...(properties as Json),
    },
  };
}

function sectionOf(section: Json, path: string): Json {
  const { properties, required: _, ...rest } = section;
  const parts = Object.entries(properties as Readonly<Record<string, Json>>).map(([name, part]) => {
    const at = path === "" ? name : `${path}.${name}`;
    return [name, part["type"] === "object" ? sectionOf(part, at) : keyOf(part, at)];
  });
  return { ...rest, properties: Object.fromEntries(parts) as Json };
}

function keyOf(schema: Json, path: string): Json {
  const key = SERVE_KEYS.find((known) => known.path === path);
  if (key === undefined) throw new RangeError(`There is no key ${path}.`);
  const facts = [
    ...(key.unit === undefined ? [] : [`In ${key.unit}.`]),
    ...(key.defaultIs === undefined ? [] : [`Default: ${key.defaultIs}.`]),
    `Environment: ${key.env}.`,
  ];
  return {
    ...withoutNotes(schema),
    description: [key.description, ...facts].join(" ").replaceAll("`", ""),
  };
}

/** Also of what lies within. Tuples are written as later drafts do. */
function withoutNotes(part: unknown): Json {
  return clean(part) as Json;
}

function clean(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(clean);
  if (typeof part !== "object" || part === null) return part;
  const kept = Object.entries(part).filter(
    ([name, inner]) => !(NOTES as readonly string[]).includes(name) && !isInexact(name, inner),
  );
  const cleaned = Object.fromEntries(kept.map(([name, inner]) => [name, clean(inner)]));
  const { items, additionalItems: _, ...rest } = cleaned;
  return Array.isArray(items) ? { ...rest, prefixItems: items, items: false } : cleaned;
}
