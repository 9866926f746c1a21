/** Random schedules for a batcher: what is submitted when, how the server answers, and how the batcher is set up. */
import * as fc from "fast-check";
import type { Priority } from "../../src/batch/index.js";

export interface SubmittedOperation {
  readonly group: string;
  readonly key?: string;
  readonly priority: Priority;
  readonly sizeBytes: number;
  readonly lingers: boolean;
}

export type Step =
  | { readonly type: "submit"; readonly operation: SubmittedOperation }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "flush" };

export type Fate = "done" | "unprocessed" | "failed";

export interface Settings {
  readonly maxBatchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxConcurrentBatches: number;
  readonly maxWaitingBytes: number;
  readonly maxWaitingOperations: number;
  readonly ageingMs: number;
  readonly maxOperations: number;
  readonly maxBytes: number;
  /** Groups whose batches may hold several operations of one key. */
  readonly repeatingGroups: readonly string[];
}

export interface Schedule {
  readonly settings: Settings;
  readonly steps: readonly Step[];
  /** What the server does with each operation that it gets, over and over. */
  readonly fates: readonly Fate[];
  readonly latenciesMs: readonly number[];
  /** What the batcher is given as chance, over and over. */
  readonly chances: readonly number[];
}

const GROUPS = ["records", "journal"] as const;
export const MAX_OPERATION_BYTES = 40;

const operation = fc
  .record({
    group: fc.constantFrom(...GROUPS),
    key: fc.option(fc.constantFrom("ada", "bob", "cleo"), { nil: null }),
    priority: fc.constantFrom<Priority>(0, 1, 2),
    sizeBytes: fc.integer({ min: 1, max: MAX_OPERATION_BYTES }),
    lingers: fc.boolean(),
  })
  .map(({ key, ...rest }): SubmittedOperation => (key === null ? rest : { ...rest, key }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: operation.map((submitted): Step => ({ type: "submit", operation: submitted })) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 12 }).map((ms): Step => ({ type: "wait", ms })) },
  { weight: 1, arbitrary: fc.constant<Step>({ type: "flush" }) },
);

const settings = fc.record({
  maxBatchSize: fc.integer({ min: 1, max: 6 }),
  batchTimeoutMs: fc.integer({ min: 1, max: 20 }),
  maxConcurrentBatches: fc.integer({ min: 1, max: 3 }),
  maxWaitingBytes: fc.integer({ min: MAX_OPERATION_BYTES, max: 600 }),
  maxWaitingOperations: fc.integer({ min: 1, max: 30 }),
  ageingMs: fc.integer({ min: 0, max: 20 }),
  maxOperations: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: MAX_OPERATION_BYTES, max: 120 }),
  repeatingGroups: fc.subarray([...GROUPS]),
});

/** Most operations are done, some are left unprocessed, a few fail. */
const fate = fc.constantFrom<Fate>("done", "done", "done", "done", "unprocessed", "unprocessed", "failed");

export interface ScheduleOptions {
  /** Default: all of them. */
  readonly fates?: readonly Fate[];
  readonly maxSteps?: number;
}

export function schedules({ fates, maxSteps = 60 }: ScheduleOptions = {}): fc.Arbitrary<Schedule> {
  return fc.record({
    settings,
    steps: fc.array(step, { minLength: 1, maxLength: maxSteps, size: "max" }),
    fates: fc.array(fates === undefined ? fate : fc.constantFrom(...fates), { minLength: 1, maxLength: 40 }),
    latenciesMs: fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 10 }),
    chances: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 10 }),
  });
}
