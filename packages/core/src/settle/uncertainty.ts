/** How far real amounts can lie from the expected ones of a forecast, and what follows at either end. */
import type { Activity } from "../catalog/catalog.js";
import { levelOf } from "../catalog/levels.js";
import { divCeil } from "../numbers.js";
import type { Until } from "../player/state.js";
import { greatestAmount } from "./outcomes.js";
import type { Run } from "./run.js";
import { type Terms, termsOf } from "./terms.js";

/** How far an amount can lie from the expected one; `low` ≤ 0 ≤ `high`. */
export interface Deviation {
  readonly low: number;
  readonly high: number;
}

export type End = keyof Deviation;

const NONE: Deviation = { low: 0, high: 0 };

/** Deviations of items and xp; an amount without one is certain. */
export class Uncertainty {
  readonly items = new Map<string, Deviation>();
  readonly xp = new Map<string, Deviation>();

  isNone(): boolean {
    return this.items.size === 0 && this.xp.size === 0;
  }

  /** Moves the ends of an amount. An end never crosses the expected amount. */
  widen(of: "items" | "xp", id: string, by: Deviation): void {
    const had = this[of].get(id) ?? NONE;
    const has = { low: Math.min(0, had.low + by.low), high: Math.max(0, had.high + by.high) };
    if (has.low !== 0 || has.high !== 0) this[of].set(id, has);
  }

  itemAt(run: Run, id: string, end: End): number {
    return Math.max(0, (run.items.get(id) ?? 0) + (this.items.get(id) ?? NONE)[end]);
  }

  xpAt(run: Run, id: string, end: End): number {
    return Math.max(0, (run.xp.get(id) ?? 0) + (this.xp.get(id) ?? NONE)[end]);
  }

  levelAt(run: Run, id: string, end: End): number {
    const skill = run.catalog.skills.get(id);
    return skill === undefined ? 0 : levelOf(skill, this.xpAt(run, id, end));
  }

  termsAt(run: Run, activity: Activity, end: End): Terms {
    if (this.xp.size === 0) return termsOf(run, run.catalog, activity);
    const amounts = new Map(run.xp);
    for (const id of this.xp.keys()) amounts.set(id, this.xpAt(run, id, end));
    return termsOf({ xp: amounts, equipped: run.equipped, effects: run.effects }, run.catalog, activity);
  }

  untilAt(run: Run, until: Until, end: End): boolean {
    return (
      until.skills.every(([skill, level]) => this.levelAt(run, skill, end) >= level) &&
      until.items.every(([item, amount]) => this.itemAt(run, item, end) >= amount)
    );
  }

  /** Places in use with everything at its high end, and `more` of some items. */
  highStacks(run: Run, more: ReadonlyMap<string, number>): number {
    let stacks = 0;
    for (const id of new Set([...run.items.keys(), ...this.items.keys(), ...more.keys()])) {
      const maxStack = run.catalog.items.get(id)?.maxStack;
      if (maxStack === undefined) continue;
      stacks += divCeil(
        (run.items.get(id) ?? 0) + (this.items.get(id) ?? NONE).high + (more.get(id) ?? 0),
        maxStack,
      );
    }
    return stacks;
  }

  /** With everything at its high end: would the greatest outcome of one more cycle fit for certain? */
  surelyFits(run: Run, activity: Activity, terms: Terms): boolean {
    if (this.items.size === 0) return true;
    const more = new Map(
      activity.greatest.map((greatest) => [greatest.item, greatestAmount(greatest, terms)]),
    );
    return this.highStacks(run, more) <= run.catalog.settings.inventory.maxStacks;
  }
}
