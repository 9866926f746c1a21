/** The oracle's levels, `until` and terms. */
import type { Activity, Effect } from "../../src/catalog/catalog.js";
import type { Until } from "../../src/player/state.js";
import { catalogNow, type World } from "./oracle-state.js";

const PPM = 1_000_000n;

/** The highest n with xpFor(n) ≤ xp; 0 for a skill that the catalog doesn't know. */
export function level(world: World, skill: string): number {
  const known = catalogNow(world).skills.get(skill);
  if (known === undefined) return 0;
  const xp = world.state.xp.get(skill) ?? 0n;
  let highest = 1;
  known.xpForLevel.forEach((needed, index) => {
    if (BigInt(needed) <= xp) highest = index + 1;
  });
  return highest;
}

/** True if all of it holds. */
export function holds(world: World, until: Until): boolean {
  return (
    until.skills.every(([skill, wanted]) => level(world, skill) >= wanted) &&
    until.items.every(([item, wanted]) => (world.state.items.get(item) ?? 0n) >= BigInt(wanted))
  );
}

export interface OracleTerms {
  readonly durationMs: number;
  readonly successPpm: number;
  readonly yieldPpm: number;
  readonly xpPpm: number;
}

/** The effects of what is in the slots, and the timed ones. */
function effectsOf(world: World): Effect[] {
  const catalog = catalogNow(world);
  const worn: Effect[] = [];
  for (const [slot, id] of world.state.equipped) {
    const equip = catalog.items.get(id)?.equip;
    if (equip !== undefined && equip !== null && equip.slot === slot) worn.push(...equip.effects);
  }
  return [...worn, ...world.state.effects];
}

/** What a cycle of an activity would be like if it started now. */
export function terms(world: World, activity: Activity): OracleTerms {
  const applying = effectsOf(world).filter(
    (effect) =>
      (effect.kind === null || effect.kind === activity.kind) &&
      (effect.activity === null || effect.activity === activity.id),
  );
  const sum = (stat: Effect["stat"]): bigint =>
    applying.filter((effect) => effect.stat === stat).reduce((all, { addPpm }) => all + BigInt(addPpm), 0n);
  const levelsAboveOne = (skill: string): bigint => BigInt(Math.max(0, level(world, skill) - 1));

  let speed = PPM + sum("speed");
  for (const { skill, perLevelPpm, maxPpm } of activity.speed) {
    if (level(world, skill) >= 1) speed += least(BigInt(maxPpm), BigInt(perLevelPpm) * levelsAboveOne(skill));
  }
  speed = greatest(10_000n, speed);
  const timeMs = (BigInt(activity.durationMs) * PPM + speed / 2n) / speed;

  let success = PPM;
  if (activity.success !== null) {
    const { basePpm, skill, perLevelPpm, maxPpm } = activity.success;
    const bySkill = skill === null ? 0n : BigInt(perLevelPpm) * levelsAboveOne(skill);
    const wanted = least(BigInt(maxPpm), BigInt(basePpm) + bySkill + sum("success"));
    success = least(PPM, greatest(0n, wanted));
  }
  return {
    durationMs: Number(greatest(BigInt(catalogNow(world).settings.minCycleMs), timeMs)),
    successPpm: Number(success),
    yieldPpm: Number(greatest(0n, sum("yield"))),
    xpPpm: Number(greatest(0n, PPM + sum("xp"))),
  };
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
