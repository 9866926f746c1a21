/** Where the recorded histories of a rules version are, and what is in them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RULES_VERSION } from "../../src/index.js";
import type { VectorInputs, VectorOutputs } from "./play-vector.mjs";

export interface Vector {
  readonly inputs: VectorInputs;
  /** SHA-256 of what each step came to. */
  readonly digests: readonly string[];
  /** In full for a few, so that a difference can be looked at. */
  readonly end: Pick<VectorOutputs, "state" | "events"> | null;
}

export interface VectorSet {
  readonly rulesVersion: number;
  readonly histories: readonly Vector[];
}

export const vectorsPath = fileURLToPath(new URL(`rules-${RULES_VERSION}.json`, import.meta.url));

export function readVectors(): VectorSet {
  return JSON.parse(readFileSync(vectorsPath, "utf8")) as VectorSet;
}
