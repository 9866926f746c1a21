/** The terms of a cycle: what level, equipment and effects make of an activity at the cycle's start. */
import type { Activity, Catalog, Effect } from "../catalog/catalog.js";
import { divFloor, MAX_AMOUNT, PPM } from "../numbers.js";
import type { AmountMap, TimedEffect } from "../player/state.js";
import { levelOf } from "../catalog/levels.js";

export interface Terms {
  readonly durationMs: number;
  readonly successPpm: number;
  readonly yieldPpm: number;
  readonly xpPpm: number;
}

/** What terms depend on. Both states and runs have it. */
export interface TermsSource {
  readonly xp: AmountMap;
  readonly equipped: ReadonlyMap<string, string>;
  readonly effects: readonly TimedEffect[];
}

/** A hundredth: however much slows a player down, a cycle ends. */
const MIN_SPEED_PPM = 10_000;

/** The terms of a cycle that starts now. The effects must be those in force. */
export function termsOf(source: TermsSource, catalog: Catalog, activity: Activity): Terms {
  let speedPpm = PPM;
  let successPpm = 0;
  let yieldPpm = 0;
  let xpPpm = PPM;
  const add = (effect: Effect): void => {
    if (effect.kind !== null && effect.kind !== activity.kind) return;
    if (effect.activity !== null && effect.activity !== activity.id) return;
    if (effect.stat === "speed") speedPpm += effect.addPpm;
    else if (effect.stat === "success") successPpm += effect.addPpm;
    else if (effect.stat === "yield") yieldPpm += effect.addPpm;
    else xpPpm += effect.addPpm;
  };
  for (const [slot, id] of source.equipped) {
    const equip = catalog.items.get(id)?.equip;
    if (equip !== undefined && equip !== null && equip.slot === slot) equip.effects.forEach(add);
  }
  source.effects.forEach(add);
  for (const bonus of activity.speed) {
    const level = levelIn(source, catalog, bonus.skill);
    if (level > 0) speedPpm += Math.min(bonus.maxPpm, bonus.perLevelPpm * (level - 1));
  }
  const { success } = activity;
  if (success === null) {
    successPpm = PPM;
  } else {
    const level = success.skill === null ? 0 : levelIn(source, catalog, success.skill);
    if (level > 0) successPpm += success.perLevelPpm * (level - 1);
    successPpm = Math.max(0, Math.min(PPM, success.maxPpm, successPpm + success.basePpm));
  }
  return {
    durationMs: cycleTimeMs(
      activity.durationMs,
      Math.max(MIN_SPEED_PPM, speedPpm),
      catalog.settings.minCycleMs,
    ),
    successPpm,
    yieldPpm: Math.max(0, yieldPpm),
    xpPpm: Math.max(0, xpPpm),
  };
}

/** The level of a skill; 0 if the catalog doesn't know it. */
export function levelIn(source: Pick<TermsSource, "xp">, catalog: Catalog, id: string): number {
  const skill = catalog.skills.get(id);
  return skill === undefined ? 0 : levelOf(skill, source.xp.get(id) ?? 0);
}

/** `max(minCycleMs, durationMs / speed)`, rounded to the nearest, half up. */
function cycleTimeMs(durationMs: number, speedPpm: number, minCycleMs: number): number {
  const dividend = durationMs * PPM + divFloor(speedPpm, 2);
  const quotient =
    dividend <= MAX_AMOUNT
      ? divFloor(dividend, speedPpm)
      : Number((BigInt(durationMs) * BigInt(PPM) + BigInt(divFloor(speedPpm, 2))) / BigInt(speedPpm));
  return Math.max(minCycleMs, quotient);
}

/** True if two sets of terms are alike. */
export function sameTerms(a: Terms, b: Terms): boolean {
  return (
    a.durationMs === b.durationMs &&
    a.successPpm === b.successPpm &&
    a.yieldPpm === b.yieldPpm &&
    a.xpPpm === b.xpPpm
  );
}
