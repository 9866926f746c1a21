/** What a broken catalog of the tests is: a document, and everything that the check must say about it. */

export interface BrokenCatalog {
  /** What is wrong with it. */
  readonly name: string;
  /** The document as text: some of it survives no `JSON.stringify`. */
  readonly json: string;
  /** All mistakes: path, problem, and what was probably meant, if anything. */
  readonly mistakes: readonly (readonly [path: string, problem: string, didYouMean?: string])[];
}

/** Stands for a number that is too large for a double. */
export const TOO_LARGE = "1e400, unquoted";

/** Far longer than an id may be. */
export const LONG_ID = "x".repeat(100);

/** A broken catalog from its document. */
export function broken(name: string, document: unknown, mistakes: BrokenCatalog["mistakes"]): BrokenCatalog {
  return { name, json: JSON.stringify(document).replaceAll(`"${TOO_LARGE}"`, "1e400"), mistakes };
}

/** How the check speaks of ids that are none. */
export const NO_ID = "an id is 1 to 64 of a–z 0–9 . _ - and starts with a letter or digit, not";
