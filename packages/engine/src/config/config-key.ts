/** The keys of a configuration, as its schema has them: whatever isn't an object of further keys is one. */
import { type TObject, type TSchema, Type } from "typebox";
import { shown } from "./shown.js";

/** What a key's schema says of it, besides its type and bounds. Left out where there is nothing to say. */
export interface KeyNotes {
  /** What it does, in a sentence or two. */
  readonly description: string;
  readonly unit?: "ms" | "s" | "bytes";
  readonly default?: unknown;
  /** What it is without, where that depends on something else; for the reference. */
  readonly defaultIs?: string;
  /** Its variable, where that isn't derived from the path. */
  readonly env?: string;
  /** Its own flag of the command line, such as `--port`. */
  readonly flag?: string;
  /** What a value must be, where type and bounds don't say it in words. */
  readonly expected?: string;
  /** A wrong value may well be a secret that ended up here, and is never repeated. */
  readonly isDelicate?: boolean;
}

export interface ConfigKey extends KeyNotes {
  /** With dots: `batch.maxBatchSize`. */
  readonly path: string;
  readonly env: string;
  readonly schema: TSchema;
  /** There may be none. */
  readonly isOptional: boolean;
}

/** A value that is never in the configuration itself: it comes from the environment alone. */
export interface SecretKey {
  readonly path: string;
  readonly env: string;
  readonly description: string;
}

/** All keys of a schema, in its order. */
export function keysOf(schema: TObject, above = ""): readonly ConfigKey[] {
  return Object.entries(schema.properties).flatMap(([name, inner]) => {
    const path = pathOf(above, name);
    if (Type.IsObject(inner)) return keysOf(inner, path);
    const notes = inner as TSchema & KeyNotes;
    return [
      {
        path,
        schema: inner,
        isOptional: Type.IsOptional(inner),
        description: notes.description,
        env: notes.env ?? variableOf(path),
        ...(notes.unit !== undefined && { unit: notes.unit }),
        ...(notes.default !== undefined && { default: notes.default }),
        ...(notes.defaultIs !== undefined && { defaultIs: notes.defaultIs }),
        ...(notes.flag !== undefined && { flag: notes.flag }),
        ...(notes.expected !== undefined && { expected: notes.expected }),
        ...(notes.isDelicate !== undefined && { isDelicate: notes.isDelicate }),
      },
    ];
  });
}

/** The path of a part. Names that no key could have are put in quotes, and cut off. */
export function pathOf(above: string, name: string): string {
  const part = /^[A-Za-z0-9_$-]{1,60}$/.test(name) ? name : shown(name);
  return above === "" ? part : `${above}.${part}`;
}

/** `MAINSPRING_BATCH_MAX_BATCH_SIZE` for `batch.maxBatchSize`. */
function variableOf(path: string): string {
  const words = path.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(".", "_");
  return `MAINSPRING_${words.toUpperCase()}`;
}
