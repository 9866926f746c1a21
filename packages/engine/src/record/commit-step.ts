/**
 * What it takes, beside the events, to play a commit again: to which instant the player was settled, whether the player was
 * seen, and which key a command carried. It travels in the last event of the commit, or, if there is none, as its mark.
 */
import { RULES_VERSION } from "@mainspring/core";
import { DIGEST_BYTES } from "./player-record.js";
import { corrupt, upgradeRequired } from "./record-errors.js";
import { openJson, sealJson } from "./sealed-json.js";

export interface StepDigest {
  /** See `Digest`. */
  readonly key: string;
  readonly request: string;
  readonly isAdjust: boolean;
  readonly atMs: number;
}

export interface CommitStep {
  /** Of the commit. */
  readonly version: number;
  /** To which the player was settled, before a command or sight (player time). */
  readonly arrivedAtMs: number;
  /** The player's `lastSeenMs` before the commit: commits before it without events may have moved it. */
  readonly seenBeforeMs: number;
  /** The player was marked as seen, after settling. */
  readonly isSeen: boolean;
  /** Of a command with a key. */
  readonly digest: StepDigest | null;
}

/** As it stands in JSON: rules version, version, arrivedAtMs, seenBeforeMs, seen (1 or 0), and of a digest key, request, adjust (1 or 0), atMs. */
export type StepJson = readonly (number | string)[];

export function stepToJson({ version, arrivedAtMs, seenBeforeMs, isSeen, digest }: CommitStep): StepJson {
  const step = [RULES_VERSION, version, arrivedAtMs, seenBeforeMs, isSeen ? 1 : 0];
  if (digest === null) return step;
  const { key, request, isAdjust, atMs } = digest;
  return [...step, textOf(key), textOf(request), isAdjust ? 1 : 0, atMs];
}

/** @throws MainspringError `UPGRADE_REQUIRED` for other rules than this release's, `RECORD_CORRUPT` for another form. */
export function stepFromJson(json: unknown): CommitStep {
  if (!Array.isArray(json)) throw corrupt("the form of a commit's step");
  const [rules, version, arrivedAtMs, seenBeforeMs, isSeen, key, request, isAdjust, atMs] = json as unknown[];
  if (rules !== RULES_VERSION) {
    throw upgradeRequired(`A commit was made under rules ${String(rules)}; these are ${RULES_VERSION}.`);
  }
  return {
    version: whole(version),
    arrivedAtMs: whole(arrivedAtMs),
    seenBeforeMs: whole(seenBeforeMs),
    isSeen: whole(isSeen) === 1,
    digest:
      key === undefined
        ? null
        : {
            key: digestOf(key),
            request: digestOf(request),
            isAdjust: whole(isAdjust) === 1,
            atMs: whole(atMs),
          },
  };
}

export function encodeMark(step: CommitStep): Uint8Array {
  return sealJson(JSON.stringify(stepToJson(step)));
}

/** @throws MainspringError `UPGRADE_REQUIRED`, `RECORD_CORRUPT`. */
export function decodeMark(bytes: Uint8Array): CommitStep {
  const text = openJson(bytes);
  try {
    return stepFromJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw corrupt("the form of a mark");
    throw error;
  }
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw corrupt("a number of a commit's step");
  return value;
}

function textOf(digest: string): string {
  return Buffer.from(digest, "latin1").toString("base64");
}

function digestOf(text: unknown): string {
  const digest = Buffer.from(typeof text === "string" ? text : "", "base64").toString("latin1");
  if (digest.length !== DIGEST_BYTES) throw corrupt("a digest of a commit's step");
  return digest;
}
