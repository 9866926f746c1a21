/**
 * Catalogs with mistakes, and what the check must say about each: every mistake, in order, with its path. A table without
 * test code, so that whatever takes a catalog (the check, the command line, the HTTP API) can be held to the same.
 */
import type { BrokenCatalog } from "./broken-catalog.js";
import { REFERENCES } from "./broken-references.js";
import { DOCUMENTS, KEYS, PARTS } from "./broken-structure.js";
import { CONTRADICTIONS, LEVELS, NUMBERS } from "./broken-values.js";

export type { BrokenCatalog } from "./broken-catalog.js";

/** All of them. */
export const BROKEN_CATALOGS: readonly BrokenCatalog[] = [
  ...DOCUMENTS,
  ...KEYS,
  ...REFERENCES,
  ...NUMBERS,
  ...LEVELS,
  ...CONTRADICTIONS,
  ...PARTS,
];
