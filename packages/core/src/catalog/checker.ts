/** The tools of the catalog's check: they walk unknown JSON, collect every mistake with its path, and never throw. */
import { toPpm } from "../numbers.js";
import { closest } from "./suggest.js";

/** One mistake in a catalog. */
export interface Mistake {
  /** Where, for example `activities.forge-gear.takes`. Empty for the document itself. */
  readonly path: string;
  readonly problem: string;
  /** The id or key that was probably meant, or `null`. */
  readonly didYouMean: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** After so many a document is hopeless, and a list longer than this helps nobody. */
const MAX_MISTAKES = 1_000;

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export class Checker {
  readonly mistakes: Mistake[] = [];

  /** Notes a mistake. */
  add(path: string, problem: string, didYouMean: string | null = null): void {
    if (this.mistakes.length < MAX_MISTAKES) this.mistakes.push({ path, problem, didYouMean });
  }

  /** The value as an object, or `null` after noting the mistake. Absent is fine, and `null`, unless required. */
  object(value: unknown, path: string, { isRequired = false } = {}): JsonObject | null {
    if (value === undefined && !isRequired) return null;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    this.add(path, `must be an object, not ${describe(value)}`);
    return null;
  }

  /** Like {@link object}, and notes every key that isn't known. */
  record(value: unknown, path: string, keys: readonly string[], options: { isRequired?: boolean } = {}): JsonObject | null {
    const found = this.object(value, path, options);
    if (found === null) return null;
    for (const key of Object.keys(found)) {
      if (!keys.includes(key)) this.add(join(path, key), "unknown key", closest(key, keys));
    }
    return found;
  }

  list(value: unknown, path: string, { min, max }: Range, { isRequired = false } = {}): readonly unknown[] {
    if (value === undefined && !isRequired) return [];
    if (!Array.isArray(value)) {
      this.add(path, `must be a list, not ${describe(value)}`);
      return [];
    }
    if (value.length < min || value.length > max) this.add(path, `must have ${min} to ${max} entries, not ${value.length}`);
    return value as readonly unknown[];
  }

  /** Notes a mistake unless it is absent or a whole number in the range. */
  integer(value: unknown, path: string, range: Range, { isRequired = false } = {}): number | null {
    if (value === undefined && !isRequired) return null;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= range.min && value <= range.max) return value;
    this.add(path, `must be a whole number from ${range.min} to ${range.max}, not ${describe(value)}`);
    return null;
  }

  /** Notes a mistake unless it is absent or a number in the range with at most six decimal places. */
  decimal(value: unknown, path: string, range: Range, { isRequired = false } = {}): number | null {
    if (value === undefined && !isRequired) return null;
    if (typeof value !== "number" || !(value >= range.min && value <= range.max)) {
      this.add(path, `must be a number from ${range.min} to ${range.max}, not ${describe(value)}`);
      return null;
    }
    if (toPpm(value) === null) {
      this.add(path, `must have at most six decimal places: ${value}`);
      return null;
    }
    return value;
  }

  boolean(value: unknown, path: string): void {
    if (value !== undefined && typeof value !== "boolean") this.add(path, `must be true or false, not ${describe(value)}`);
  }

  text(value: unknown, path: string, { maxLength, isRequired = false }: { maxLength: number; isRequired?: boolean }): void {
    if (value === undefined && !isRequired) return;
    if (typeof value !== "string") this.add(path, `must be a text, not ${describe(value)}`);
    else if (value.length > maxLength) this.add(path, `must have at most ${maxLength} characters, not ${value.length}`);
    else if (value.length === 0 && isRequired) this.add(path, "must not be empty");
  }

  /** Notes a mistake unless it is absent or one of the choices. */
  choice(value: unknown, path: string, choices: readonly string[], what: string, { isRequired = false } = {}): void {
    if (value === undefined && !isRequired) return;
    if (typeof value !== "string") this.add(path, `must be a ${what}, not ${describe(value)}`);
    else if (!choices.includes(value)) this.add(path, `no ${what} "${value}"`, closest(value, choices));
  }

  /** Notes a mistake unless it can be an id. */
  id(value: unknown, path: string): void {
    if (typeof value !== "string" || !ID.test(value)) {
      this.add(path, `an id is 1 to 64 of a–z 0–9 . _ - and starts with a letter or digit, not ${describe(value)}`);
    }
  }

  /** An object whose keys are ids of something known and whose values are whole numbers. */
  amounts(value: unknown, path: string, known: readonly string[], { what, range }: { what: string; range: Range }): void {
    for (const [id, amount] of Object.entries(this.object(value, path) ?? {})) {
      if (!known.includes(id)) this.add(path, `no ${what} "${id}"`, closest(id, known));
      else this.integer(amount, join(path, id), range, { isRequired: true });
    }
  }
}

/** A path with one more key. */
export function join(path: string, key: string | number): string {
  return path === "" ? `${key}` : `${path}.${key}`;
}

/** A mistake as one line: `path: problem; did you mean "…"?` */
export function formatMistake({ path, problem, didYouMean }: Mistake): string {
  return `${path === "" ? "catalog" : path}: ${problem}${didYouMean === null ? "" : `; did you mean "${didYouMean}"?`}`;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}
