/** Where a configuration comes from: sources, each of which gives values for some keys. */
import { type TObject, type TSchema, Type } from "typebox";
import { type ConfigKey, pathOf, type SecretKey } from "./config-key.js";
import { expectationOf, listed } from "./expectation.js";
import { isObject, type JsonObject, type Objection, propertyOf, unknownKey } from "./objections.js";
import { shown } from "./shown.js";

/** Who said something: `{ kind: "file", name: "layers.json" }`, `{ kind: "flag", name: "--port" }`. */
export interface ConfigOrigin {
  readonly kind: "default" | "preset" | "file" | "environment" | "flag";
  /** Of the preset, file, variable or flag; empty for a default. */
  readonly name: string;
}

/** A mistake in a configuration. */
export interface ConfigMistake extends Objection {
  /** Who made it; `null`: nobody said what should have been said. */
  readonly origin: ConfigOrigin | null;
}

/** The value of a key, as somebody said it. */
export interface Given {
  readonly path: string;
  readonly value: unknown;
  readonly origin: ConfigOrigin;
}

/** What one of them gives, and what is wrong with it as a whole. */
export interface ConfigSource {
  readonly given: readonly Given[];
  readonly mistakes: readonly ConfigMistake[];
}

/** Schema and secrets: what can be said. */
export interface ConfigVocabulary<Schema extends TObject = TObject> {
  readonly schema: Schema;
  readonly secrets: readonly SecretKey[];
}

const DEFAULT: ConfigOrigin = { kind: "default", name: "" };

/** A name like these is no key, and its value may be a secret. */
const SECRET_NAME = /passw|secret|token|credential|apikey|privatekey/i;

/** `file layers.json`, `flag --port`. */
export function describeOrigin({ kind, name }: ConfigOrigin): string {
  return name === "" ? kind : `${kind} ${name}`;
}

export function fromDefaults(keys: readonly ConfigKey[]): ConfigSource {
  const given = keys
    .filter((key) => key.default !== undefined)
    .map(({ path, default: value }) => ({ path, value, origin: DEFAULT }));
  return { given, mistakes: [] };
}

/** From the parsed JSON of a file, or from a preset. */
export function fromObject(
  { schema, secrets }: ConfigVocabulary,
  value: unknown,
  origin: ConfigOrigin,
): ConfigSource {
  const given: Given[] = [];
  const mistakes: ConfigMistake[] = [];
  const walk = (section: TObject, part: unknown, path: string): void => {
    if (!isObject(part)) {
      mistakes.push({
        path,
        origin,
        // A text in place of a section may be a key, or an address with a password in it.
        problem: `must be an object, not ${typeof part === "string" ? "a text" : shown(part)}`,
        remedy: objectOf(section),
      });
      return;
    }
    for (const [name, inner] of Object.entries(part)) take(section, { name, inner, above: path });
  };
  const take = (section: TObject, { name, inner, above }: Entry): void => {
    const known = propertyOf(section, name);
    const path = pathOf(above, name);
    if (known === undefined) mistakes.push({ ...unknownIn(section, { above, name, secrets }), origin });
    else if (Type.IsObject(known)) walk(known, inner, path);
    else given.push({ path, value: inner, origin });
  };
  walk(schema, value, "");
  return { given, mistakes };
}

interface Entry {
  readonly name: string;
  readonly inner: unknown;
  readonly above: string;
}

/** What can't be said in a section, and why. */
function unknownIn(
  section: TObject,
  { above, name, secrets }: { above: string; name: string; secrets: readonly SecretKey[] },
): Objection {
  return secretAt(pathOf(above, name), name, secrets) ?? unknownKey(section, above, name);
}

function secretAt(path: string, name: string, secrets: readonly SecretKey[]): Objection | null {
  const secret = secrets.find((known) => known.path === path);
  if (secret === undefined && !SECRET_NAME.test(name)) return null;
  const variables = secrets.map(({ env }) => env);
  return {
    path,
    problem: "secrets come from the environment alone, where nobody else can read them",
    remedy: `Remove it here, replace the secret if others could read it, and set ${secret?.env ?? listed(variables, "or")}.`,
  };
}

/** A value for the key at a path, as a text: from a flag or a variable. */
export interface SaidText {
  readonly path: string;
  readonly text: string;
  readonly origin: ConfigOrigin;
}

/** From texts whose paths were typed by somebody: `--set batch.maxBatchSize=7`. */
export function fromTexts(vocabulary: ConfigVocabulary, texts: readonly SaidText[]): ConfigSource {
  const parts = texts.map(({ path, text, origin }): ConfigSource => {
    const key = schemaAt(vocabulary, path, origin);
    if ("problem" in key) return { given: [], mistakes: [key] };
    return { given: [{ path, value: valueOfText(key.schema, text), origin }], mistakes: [] };
  });
  return { given: parts.flatMap(({ given }) => given), mistakes: parts.flatMap(({ mistakes }) => mistakes) };
}

function schemaAt(
  { schema, secrets }: ConfigVocabulary,
  path: string,
  origin: ConfigOrigin,
): { readonly schema: TSchema } | ConfigMistake {
  let section = schema;
  const names = path.split(".");
  for (const [index, name] of names.entries()) {
    const above = names.slice(0, index).join(".");
    const at = pathOf(above, name);
    const known = propertyOf(section, name);
    if (known === undefined) return { ...unknownIn(section, { above, name, secrets }), origin };
    if (!Type.IsObject(known)) {
      if (index === names.length - 1) return { schema: known };
      const remedy = `Give all of it as JSON: ${at}='…'. It must be ${expectationOf(known)}.`;
      return { path, origin, problem: `${at} has no parts that could be set alone`, remedy };
    }
    section = known;
  }
  return { path, origin, problem: "is a section, not a key", remedy: objectOf(section) };
}

function objectOf(section: TObject): string {
  return `It has ${listed(Object.keys(section.properties), "and")}.`;
}

/** Texts stay texts, everything else is JSON. What isn't stays as it is, for the schema to object to. */
export function valueOfText(schema: TSchema, text: string): unknown {
  if (takesOnlyText(schema)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function takesOnlyText(schema: TSchema): boolean {
  if (Type.IsUnion(schema)) return schema.anyOf.every(takesOnlyText);
  return Type.IsString(schema) || (Type.IsLiteral(schema) && typeof schema.const === "string");
}

export type { JsonObject };
