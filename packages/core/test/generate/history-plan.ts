/** Plans of random histories: catalogs, when they become active, and what happens to a player, step by step. */
import * as fc from "fast-check";
import type { Stat } from "../../src/catalog/source.js";
import {
  type CatalogPlan,
  catalogPlan,
  type ChangePlan,
  changePlan,
  effectAdd,
  maybe,
  type Ref,
} from "./catalog-plan.js";

/** How far a step lies after the one before: resolved against the oracle's state when it comes to it. */
export type GapPlan =
  | { readonly to: "now" }
  | { readonly to: "boundary" | "away" | "entry"; readonly deltaMs: number }
  | { readonly to: "later"; readonly units: number; readonly extraMs: number };

export interface TaskPlan {
  readonly activity: Ref;
  readonly repeat: number | null | undefined;
  /** Asks for more than a task may take, if it comes to that. */
  readonly isCareless: boolean;
  readonly until: {
    readonly skills: readonly (readonly [Ref, number])[];
    readonly items: readonly (readonly [Ref, number])[];
  } | null;
  readonly onBlocked: "wait" | "skip" | null;
  readonly position: number | null;
}

export interface TimedEffectPlan {
  readonly stat: Stat;
  readonly add: number;
  readonly kind: Ref | null;
  readonly activity: Ref | null;
  readonly forUnits: number;
}

/** References past what there is by 90 or more are to something unknown. */
export const UNKNOWN_REF = 90;

export type CommandPlan =
  | { readonly type: "enqueue"; readonly tasks: readonly TaskPlan[] }
  | { readonly type: "cancel"; readonly task: Ref }
  | { readonly type: "move"; readonly task: Ref; readonly before: Ref | null }
  | {
      readonly type: "reorder";
      readonly keys: readonly number[];
      readonly flaw: "none" | "missing" | "twice" | "extra";
    }
  | { readonly type: "pause" | "resume" | "stop" }
  | { readonly type: "equip"; readonly slot: Ref; readonly item: Ref | null }
  | { readonly type: "claim-stash"; readonly items: readonly (readonly [Ref, number])[] | null }
  | {
      readonly type: "adjust";
      readonly items: readonly (readonly [Ref, number])[];
      readonly xp: readonly (readonly [Ref, number])[];
      readonly effects: readonly TimedEffectPlan[];
      readonly atMost: boolean;
    }
  | { readonly type: "fast-forward"; readonly units: number };

export type ActionPlan = { readonly type: "settle" } | { readonly type: "seen" } | CommandPlan;

export interface StepPlan {
  readonly gap: GapPlan;
  readonly action: ActionPlan;
  /** How the way to this step is cut up for the slices law. */
  readonly maxCost: number;
  /** Where a settlement on the way happens, in thousandths. */
  readonly midway: number;
}

export interface HistoryPlan {
  readonly catalog: CatalogPlan;
  readonly changes: readonly ChangePlan[];
  /** The last catalog becomes known only at this step (`null`: everything is known from the start). */
  readonly lastKnownAtStep: number | null;
  readonly seed: Uint8Array;
  readonly steps: readonly StepPlan[];
}

const ref = fc.nat(11);

/** Mostly something that is there. */
const someRef = fc.oneof({ weight: 40, arbitrary: ref }, { weight: 1, arbitrary: fc.constant(UNKNOWN_REF) });

const seldom = fc.oneof(
  { weight: 15, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
);

const delta = fc.constantFrom(0, 1, -1);

const gap: fc.Arbitrary<GapPlan> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ to: "now" as const }) },
  { weight: 28, arbitrary: fc.record({ to: fc.constant("boundary" as const), deltaMs: delta }) },
  {
    weight: 32,
    arbitrary: fc.record({
      to: fc.constant("later" as const),
      units: fc.integer({ min: 0, max: 60 }),
      extraMs: fc.constantFrom(0, 0, 1, 3, 137),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      to: fc.constant("later" as const),
      units: fc.integer({ min: 100, max: 1_500 }),
      extraMs: fc.constant(0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ to: fc.constant("away" as const), deltaMs: delta }) },
  { weight: 3, arbitrary: fc.record({ to: fc.constant("entry" as const), deltaMs: delta }) },
);

const repeat = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom(undefined, 3, 20, 1, null, 200, 7, 60, 2_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1.5, 1_000_000_000, 1_000_000_001) },
);

const until: fc.Arbitrary<TaskPlan["until"]> = fc.oneof(
  { weight: 36, arbitrary: fc.constant(null) },
  {
    weight: 20,
    arbitrary: fc.record({
      skills: fc.array(fc.tuple(ref, fc.integer({ min: 1, max: 9 })), { maxLength: 1 }),
      items: fc.array(fc.tuple(someRef, fc.constantFrom(60, 20, 100, 400, 3, 1_500, 1_000_000)), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      skills: fc.array(fc.tuple(someRef, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 2 }),
      items: fc.constant([]),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ skills: [], items: [] }) },
);

const taskPlan: fc.Arbitrary<TaskPlan> = fc.record({
  activity: someRef,
  repeat,
  isCareless: seldom,
  until,
  onBlocked: fc.constantFrom(null, "wait" as const, null, "skip" as const),
  position: fc.constantFrom(null, null, null, 0, 1, 2, 99),
});

const change = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(3, 1, 20, -2, 1_000, -7, 50, 0) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      1_000_000_000,
      -1_000,
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER - 30,
      -Number.MAX_SAFE_INTEGER,
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(0.5, Number.NaN, 2 ** 53) },
);

const someKind = fc.constantFrom(0, 1, 0, 1, 0, 1, 0, 1, UNKNOWN_REF);

const effect: fc.Arbitrary<TimedEffectPlan> = fc.record({
  stat: fc.constantFrom<Stat[]>("speed", "yield", "success", "xp"),
  add: fc.oneof(
    { weight: 40, arbitrary: effectAdd },
    { weight: 1, arbitrary: fc.constantFrom(0.0000001, 1_000.5, -1_001, Number.NaN) },
  ),
  kind: maybe(someKind, 1, 4),
  activity: maybe(someRef, 1, 4),
  forUnits: fc.integer({ min: 0, max: 60 }),
});

const enqueue: fc.Arbitrary<CommandPlan> = fc.record({
  type: fc.constant("enqueue" as const),
  tasks: fc.oneof(
    { weight: 2, arbitrary: fc.array(taskPlan, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(taskPlan, { minLength: 2, maxLength: 3 }) },
  ),
});

const command: fc.Arbitrary<ActionPlan> = fc.oneof(
  { weight: 6, arbitrary: enqueue },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cancel" as const), task: someRef }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("move" as const),
      task: someRef,
      before: maybe(someRef, 2, 3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("reorder" as const),
      keys: fc.array(fc.nat(99), { maxLength: 4 }),
      flaw: fc.constantFrom("none", "none", "none", "extra" as const, "missing" as const, "twice" as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "pause" as const }) },
  { weight: 2, arbitrary: fc.constant({ type: "resume" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "stop" as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("equip" as const),
      slot: someRef,
      item: maybe(someRef, 1, 2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("claim-stash" as const),
      items: maybe(fc.array(fc.tuple(someRef, fc.constantFrom(1, 2, 5, 1_000, 0)), { maxLength: 2 }), 1, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("adjust" as const),
      items: fc.array(fc.tuple(someRef, change), { maxLength: 2 }),
      xp: fc.array(fc.tuple(someRef, change), { maxLength: 1 }),
      effects: fc.oneof(
        { weight: 19, arbitrary: fc.array(effect, { maxLength: 2 }) },
        { weight: 1, arbitrary: fc.array(effect, { minLength: 17, maxLength: 20, size: "max" }) },
      ),
      atMost: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("fast-forward" as const),
      units: fc.constantFrom(5, 1, 100, 30, 7, 0, 1_000_000_000_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: "seen" as const }) },
);

const action: fc.Arbitrary<ActionPlan> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ type: "settle" as const }) },
  { weight: 3, arbitrary: command },
);

const maxCost = fc.constantFrom(1, 40, 1_000, 200_000);

const step: fc.Arbitrary<StepPlan> = fc.record({ gap, action, maxCost, midway: fc.nat(1_000) });

/** Every history begins with something to do. */
const firstStep: fc.Arbitrary<StepPlan> = fc.record({
  gap: fc.constant({ to: "now" as const }),
  action: enqueue,
  maxCost,
  midway: fc.constant(0),
});

/** Without fast-check's liking for extremes: with it, most histories would be over before anything happens in them. */
export const historyPlan: fc.Arbitrary<HistoryPlan> = fc.noBias(
  fc.record({
    catalog: catalogPlan,
    changes: fc.array(changePlan, { maxLength: 2 }),
    lastKnownAtStep: maybe(fc.nat(8), 1, 3),
    seed: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    steps: fc
      .tuple(firstStep, fc.array(step, { minLength: 3, maxLength: 12, size: "max" }))
      .map(([first, others]) => [first, ...others]),
  }),
);
