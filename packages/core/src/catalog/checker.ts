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

export type JsonObject = Readonly<Record<string, unknown>>;

/** What may be referred to. `null`: the part that should say so is itself no list or object, so references aren't judged. */
export type Names = ReadonlySet<string> | null;

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** After so many a document is hopeless, and a list longer than this helps nobody. */
export const MAX_MISTAKES = 1_000;

/**
 * Words compared in search of suggestions for one document. A catalog of 10,000 items is searched 30 times; further
 * mistakes are reported without a suggestion, lest a document full of them keep the process busy.
 */
const MAX_COMPARISONS = 300_000;

/** Ids are shorter. What is longer is cut, lest a mistake repeat a megabyte. */
const MAX_SHOWN = 64;

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The one word that every JavaScript object seems to have already: `items["constructor"]` in a game's code is a trap. */
const RESERVED_ID = "constructor";

export class Checker {
  readonly mistakes: Mistake[] = [];
  private comparisonCount = 0;

  /** Notes a mistake; the last one that is noted says that there are more. */
  add(path: string, problem: string, didYouMean: string | null = null): void {
    if (this.mistakes.length < MAX_MISTAKES) this.mistakes.push({ path, problem, didYouMean });
    else if (this.mistakes.length === MAX_MISTAKES) {
      this.mistakes.push({
        path: "",
        problem: `there are more mistakes than these ${MAX_MISTAKES}`,
        didYouMean: null,
      });
    }
  }

  /** Notes a mistake about a word, with the known word that was probably meant. */
  addUnknown(path: string, problem: string, word: string, known: ReadonlySet<string>): void {
    const isSearched = this.mistakes.length < MAX_MISTAKES && this.comparisonCount < MAX_COMPARISONS;
    if (isSearched) this.comparisonCount += known.size;
    this.add(path, problem, isSearched ? closest(word, known) : null);
  }

  /** The value as an object, or `null` after noting the mistake. Absent is fine unless required. */
  object(value: unknown, path: string, { isRequired = false } = {}): JsonObject | null {
    if (value === undefined && !isRequired) return null;
    if (isObject(value)) return value;
    this.add(path, `must be an object, not ${describe(value)}`);
    return null;
  }

  /** Like {@link object}, and notes every key that isn't known. */
  record(
    value: unknown,
    path: string,
    keys: ReadonlySet<string>,
    options: { isRequired?: boolean } = {},
  ): JsonObject | null {
    const found = this.object(value, path, options);
    if (found === null) return null;
    for (const key of Object.keys(found)) {
      if (!keys.has(key)) this.addUnknown(join(path, key), "unknown key", key, keys);
    }
    return found;
  }

  list(value: unknown, path: string, { min, max }: Range, { isRequired = false } = {}): readonly unknown[] {
    if (value === undefined && !isRequired) return [];
    if (!Array.isArray(value)) {
      this.add(path, `must be a list, not ${describe(value)}`);
      return [];
    }
    this.size(value.length, path, { min, max });
    return value as readonly unknown[];
  }

  /** Notes a mistake unless a list or object has as many entries as it should. */
  size(count: number, path: string, { min, max }: Range): void {
    if (count < min || count > max)
      this.add(path, `must have ${min === max ? min : `${min} to ${max}`} entries, not ${count}`);
  }

  /** Notes a mistake unless it is absent or a whole number in the range. */
  integer(value: unknown, path: string, range: Range, { isRequired = false } = {}): number | null {
    if (value === undefined && !isRequired) return null;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= range.min && value <= range.max)
      return value;
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
    if (value !== undefined && typeof value !== "boolean")
      this.add(path, `must be true or false, not ${describe(value)}`);
  }

  text(
    value: unknown,
    path: string,
    { maxLength, isRequired = false }: { maxLength: number; isRequired?: boolean },
  ): void {
    if (value === undefined && !isRequired) return;
    if (typeof value !== "string") this.add(path, `must be a text, not ${describe(value)}`);
    else if (value.length > maxLength)
      this.add(path, `must have at most ${maxLength} characters, not ${value.length}`);
    else if (value.length === 0 && isRequired) this.add(path, "must not be empty");
  }

  /** Notes a mistake unless it is absent or one of a few fixed words. */
  word(value: unknown, path: string, words: ReadonlySet<string>, { isRequired = false } = {}): void {
    if (value === undefined && !isRequired) return;
    if (typeof value === "string" && words.has(value)) return;
    const problem = `must be one of ${[...words].map(describe).join(", ")}, not ${describe(value)}`;
    if (typeof value === "string") this.addUnknown(path, problem, value, words);
    else this.add(path, problem);
  }

  /** Notes a mistake unless it is absent or the id of something known. */
  reference(value: unknown, path: string, known: Names, what: string, { isRequired = false } = {}): void {
    if (value === undefined && !isRequired) return;
    if (typeof value !== "string")
      this.add(path, `must be the id of ${withArticle(what)}, not ${describe(value)}`);
    else if (known !== null && !known.has(value))
      this.addUnknown(path, `no ${what} ${describe(value)}`, value, known);
  }

  /** Notes a mistake unless it is a slot that some item goes in. */
  slot(value: string, path: string, known: Names): void {
    if (known !== null && !known.has(value))
      this.addUnknown(path, `no item goes in a slot ${describe(value)}`, value, known);
  }

  /** Notes a mistake unless it can be an id. */
  id(value: unknown, path: string): void {
    if (typeof value !== "string" || !ID.test(value)) {
      this.add(
        path,
        `an id is 1 to 64 of a–z 0–9 . _ - and starts with a letter or digit, not ${describe(value)}`,
      );
    } else if (value === RESERVED_ID) {
      this.add(path, `"${RESERVED_ID}" can't be an id: every JavaScript object has it already`);
    }
  }

  /** An object whose keys are ids of something known and whose values are whole numbers. */
  amounts(value: unknown, path: string, known: Names, { what, range }: { what: string; range: Range }): void {
    for (const [id, amount] of Object.entries(this.object(value, path) ?? {})) {
      this.reference(id, path, known, what);
      this.integer(amount, join(path, id), range, { isRequired: true });
    }
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path with one more key. */
export function join(path: string, key: string | number): string {
  const shown = typeof key === "number" ? `${key}` : shorten(key);
  return path === "" ? shown : `${path}.${shown}`;
}

/** A mistake as one line: `path: problem; did you mean "…"?` */
export function formatMistake({ path, problem, didYouMean }: Mistake): string {
  return `${path === "" ? "catalog" : path}: ${problem}${didYouMean === null ? "" : `; did you mean "${shorten(didYouMean)}"?`}`;
}

/** What a value is, in a few words. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `"${shorten(value)}"`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}

/** One line, whatever is in it. */
function shorten(text: string): string {
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return JSON.stringify(cut).slice(1, -1);
}

function withArticle(what: string): string {
  return `${/^[aeiou]/.test(what) ? "an" : "a"} ${what}`;
}
