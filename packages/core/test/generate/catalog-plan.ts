/**
 * Plans of random catalogs. A plan refers to things by number, so that it stays valid whatever else of it shrinks; what
 * it becomes as a document is decided in `build-catalog.ts`.
 */
import * as fc from "fast-check";
import type { OnBlocked, OnFull, Stat } from "../../src/catalog/source.js";

/** A number that is taken modulo what there is. */
export type Ref = number;

export interface EffectPlan {
  readonly stat: Stat;
  readonly add: number;
  readonly kind: Ref | null;
  readonly activity: Ref | null;
}

export interface ItemPlan {
  readonly rarity: Ref;
  readonly maxStack: number | null;
  readonly isTagged: boolean;
  readonly equip: { readonly slot: Ref; readonly effects: readonly EffectPlan[] } | null;
}

export interface GivePlan {
  readonly things: readonly { readonly weight: number; readonly item: Ref; readonly count: CountPlan }[];
  readonly chance: number | null;
}

export type CountPlan = number | readonly [number, number] | null;

export interface OutcomePlan {
  readonly gives: readonly GivePlan[];
  readonly xp: readonly (readonly [skill: Ref, xp: number])[];
}

export interface ActivityPlan {
  readonly kind: Ref;
  /** In units of the plan's time. */
  readonly units: number;
  readonly extraMs: number;
  readonly window: { readonly fromUnits: number | null; readonly lengthUnits: number | null } | null;
  readonly skills: readonly (readonly [skill: Ref, level: number])[];
  readonly slot: Ref | null;
  readonly items: readonly (readonly [item: Ref, amount: number])[];
  readonly takes: readonly (readonly [item: Ref, amount: number])[];
  readonly outcome: OutcomePlan;
  readonly speed: readonly { readonly skill: Ref; readonly perLevel: number; readonly max: number }[];
  readonly success: SuccessPlan | null;
}

export interface SuccessPlan {
  readonly base: number;
  readonly skill: Ref | null;
  readonly perLevel: number;
  readonly max: number | null;
  readonly onFailure: OutcomePlan | null;
}

export interface SettingsPlan {
  readonly minCycleMs: number;
  readonly maxTasks: number;
  readonly maxTaskUnits: number;
  readonly awayMs: number;
  readonly maxStacks: number;
  readonly onFull: OnFull;
  readonly onBlocked: OnBlocked;
  readonly rareFrom: Ref | null;
}

export type SkillPlan =
  | readonly number[]
  | { readonly xpBase: number; readonly xpGrowth: number; readonly max: number };

export interface CatalogPlan {
  readonly unitMs: number;
  readonly skills: readonly SkillPlan[];
  readonly items: readonly ItemPlan[];
  readonly activities: readonly ActivityPlan[];
  readonly settings: SettingsPlan;
  readonly newPlayer: {
    readonly items: readonly (readonly [item: Ref, amount: number])[];
    readonly equipped: readonly Ref[];
    readonly xp: readonly (readonly [skill: Ref, xp: number])[];
  };
}

const ref = fc.nat(11);

/** Something so many times out of so many, `null` otherwise. */
export function maybe<T>(arbitrary: fc.Arbitrary<T>, times: number, outOf: number): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: outOf - times, arbitrary: fc.constant(null) }, { weight: times, arbitrary });
}

/** Mostly nothing, since what is required blocks. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return maybe(arbitrary, 1, 10);
}

/** One of several; a counterexample shrinks towards the first. */
function pick<T>(...choices: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...choices);
}

export const effectAdd = pick(0.25, 0.1, 1, -0.3, 2.5, -0.99, 0.000001, -0.5, 0.333333, 10, -5, 1000);

export const effectPlan: fc.Arbitrary<EffectPlan> = fc.record({
  stat: pick<Stat>("speed", "yield", "success", "xp"),
  add: effectAdd,
  kind: maybe(fc.nat(1), 1, 2),
  activity: maybe(ref, 1, 4),
});

/** Often none: then taking a thing off changes nothing but what it was needed for. */
const someEffects = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(effectPlan, { minLength: 1, maxLength: 2 }) },
);

const itemPlan: fc.Arbitrary<ItemPlan> = fc.record({
  rarity: fc.nat(2),
  maxStack: pick(null, 1, 2, 5, 100, 7, 1_000_000, 3),
  isTagged: fc.constantFrom(false, true, true, true),
  equip: maybe(fc.record({ slot: fc.nat(1), effects: someEffects }), 3, 4),
});

const count: fc.Arbitrary<CountPlan> = pick<CountPlan>(
  null,
  [1, 3],
  2,
  3,
  5,
  [2, 9],
  1,
  40,
  [1, 1_000_000],
  1_000,
);

const thing = fc.record({ weight: pick(1, 9, 2, 100_000), item: ref, count });

/** Mostly one thing, for certain: what cycles give alike is what long stretches are made of. */
const givePlan: fc.Arbitrary<GivePlan> = fc.record({
  things: fc.oneof(
    { weight: 2, arbitrary: fc.array(thing, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(thing, { minLength: 2, maxLength: 3 }) },
  ),
  chance: pick(null, null, null, null, null, 0.5, 0.02, 0.999999, 0.25, 0.000001),
});

const outcomePlan: fc.Arbitrary<OutcomePlan> = fc.record({
  gives: fc.array(givePlan, { maxLength: 3 }),
  xp: fc.array(fc.tuple(ref, pick(1, 3, 0, 7, 25, 1_000, 1_000_000_000)), { maxLength: 2 }),
});

const requirement = fc.array(fc.tuple(ref, pick(1, 1, 2, 4)), { minLength: 1, maxLength: 2 });

const successPlan: fc.Arbitrary<SuccessPlan> = fc.record({
  base: pick(0.9, 0.5, 0.1, 0.75, 0, 1, 1.5, -1, 0.333333),
  skill: maybe(ref, 3, 4),
  perLevel: pick(0.02, 0.1, -0.05, 0.000001),
  max: pick(null, 1, 0.98, 0.6, 0),
  onFailure: maybe(outcomePlan, 3, 4),
});

const activityPlan: fc.Arbitrary<ActivityPlan> = fc.record({
  kind: fc.nat(1),
  units: fc.integer({ min: 0, max: 8 }),
  extraMs: pick(0, 0, 1, -1, 7),
  window: seldom(
    fc.record({
      fromUnits: maybe(fc.integer({ min: -20, max: 80 }), 3, 4),
      lengthUnits: maybe(fc.integer({ min: 1, max: 150 }), 3, 4),
    }),
  ),
  skills: fc.oneof({ weight: 10, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: requirement }),
  slot: maybe(fc.nat(1), 1, 3),
  items: fc.oneof({ weight: 10, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: requirement }),
  takes: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(ref, pick(1, 2, 3, 1, 10)), { minLength: 1, maxLength: 2 }) },
  ),
  outcome: outcomePlan,
  speed: fc.array(
    fc.record({ skill: ref, perLevel: pick(0.01, 0.25, 0.5, -0.1, -2), max: pick(0.5, 5, 0, -0.2, 1_000) }),
    { maxLength: 2 },
  ),
  success: maybe(successPlan, 2, 5),
});

export const settingsPlan: fc.Arbitrary<SettingsPlan> = fc.record({
  minCycleMs: pick(1, 5, 250, 3),
  maxTasks: pick(6, 3, 20, 1, 12, 8, 50),
  maxTaskUnits: pick(2_000, 100, 30, 100_000, 500),
  awayMs: pick(2_592_000_000, 60_000, 2_592_000_000, 3_600_000, 90_000_000),
  maxStacks: pick(4, 8, 200, 2, 1, 3, 6, 15),
  onFull: pick<OnFull>("stash", "discard", "stash", "discard", "block"),
  onBlocked: pick<OnBlocked>("wait", "wait", "skip"),
  rareFrom: maybe(fc.nat(2), 3, 4),
});

const skillPlan: fc.Arbitrary<SkillPlan> = pick<SkillPlan>(
  { xpBase: 10, xpGrowth: 1.15, max: 25 },
  [0, 5, 12, 12, 40, 100, 101, 500, 10_000],
  { xpBase: 1, xpGrowth: 1, max: 120 },
  [0],
  { xpBase: 100, xpGrowth: 1.333333, max: 20 },
  [0, 0, 3, Number.MAX_SAFE_INTEGER],
);

/** From tiny cycles to cycles of hours: boundaries of all sorts meet each other at different scales. */
const unitMs = pick(1_000, 1, 10, 60_000, 1_000, 5, 3_600_000);

export const catalogPlan: fc.Arbitrary<CatalogPlan> = fc.record({
  unitMs,
  skills: fc.array(skillPlan, { minLength: 2, maxLength: 5 }),
  items: fc.array(itemPlan, { minLength: 3, maxLength: 6 }),
  activities: fc.array(activityPlan, { minLength: 2, maxLength: 5 }),
  settings: settingsPlan,
  newPlayer: fc.record({
    items: fc.array(fc.tuple(ref, pick(5, 1, 50, 1_000, 300)), { maxLength: 6, size: "max" }),
    equipped: fc.array(ref, { minLength: 1, maxLength: 4 }),
    xp: fc.array(fc.tuple(ref, pick(11, 100, 1_000_000)), { maxLength: 2 }),
  }),
});

/** How a later catalog differs from the first: what is gone, and whose content is another's. */
export interface ChangePlan {
  readonly goneSkills: number;
  readonly goneItems: number;
  readonly goneActivities: number;
  /** Each activity gets the content of the one so many places further. */
  readonly rotate: number;
  readonly settings: SettingsPlan | null;
  /** After the catalog before it. */
  readonly afterUnits: number;
}

/** Bits of what is gone; few of them. */
const gone = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 4, 8, 6, 10, 63) },
);

export const changePlan: fc.Arbitrary<ChangePlan> = fc.record({
  goneSkills: gone,
  goneItems: gone,
  goneActivities: gone,
  rotate: pick(0, 1, 2),
  settings: maybe(settingsPlan, 1, 2),
  afterUnits: fc.integer({ min: 1, max: 90 }),
});
