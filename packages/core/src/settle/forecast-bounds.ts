/**
 * What could still change by a roll. Beside the expected amounts of a forecast, this keeps how far each could lie below or
 * above; a time is exact as long as every decision on the way to it comes out alike at both ends.
 *
 * The bounds are on the safe side: "exact" is never wrong; "not exact" may be too careful.
 */
import type { Activity, Catalog } from "../catalog/catalog.js";
import { levelOf } from "../catalog/levels.js";
import { divCeil, divFloor, mulDivFloor, PPM } from "../numbers.js";
import type { Task, Until } from "../player/state.js";
import { type CycleSpan, greatestAmount } from "./outcomes.js";
import type { Run, RunObserver } from "./run.js";
import { activityOf } from "./start.js";
import { type Terms, termsOf } from "./terms.js";

/** How far the real amount can lie from the expected one; `low` ≤ 0 ≤ `high`. */
interface Deviation {
  readonly low: number;
  readonly high: number;
}

interface Bounds {
  readonly isExact: () => boolean;
  readonly observer: Omit<RunObserver, "afterStart">;
}

type Deviations = Map<string, Deviation>;
type End = "low" | "high";

const NONE: Deviation = { low: 0, high: 0 };

/** Bounds for one forecast, as the observer of its run. */
export function createBounds(): Bounds {
  const items: Deviations = new Map();
  const xp: Deviations = new Map();
  let isExact = true;
  let stored = new Map<string, number>();

  const itemAt = (run: Run, id: string, end: End): number => Math.max(0, (run.items.get(id) ?? 0) + (items.get(id) ?? NONE)[end]);
  const xpAt = (run: Run, id: string, end: End): number => Math.max(0, (run.xp.get(id) ?? 0) + (xp.get(id) ?? NONE)[end]);
  const levelAt = (run: Run, id: string, end: End): number => {
    const skill = run.catalog.skills.get(id);
    return skill === undefined ? 0 : levelOf(skill, xpAt(run, id, end));
  };
  const termsAt = (run: Run, activity: Activity, end: End): Terms => {
    if (xp.size === 0) return termsOf(run, run.catalog, activity);
    const amounts = new Map(run.xp);
    for (const id of xp.keys()) amounts.set(id, xpAt(run, id, end));
    return termsOf({ xp: amounts, equipped: run.equipped, effects: run.effects }, run.catalog, activity);
  };
  const untilAt = (run: Run, until: Until, end: End): boolean =>
    until.skills.every(([skill, level]) => levelAt(run, skill, end) >= level) &&
    until.items.every(([item, amount]) => itemAt(run, item, end) >= amount);
  const isOpen = (low: number, high: number, needed: number): boolean => low < needed && high >= needed;

  /** Could a decision at the head's next start come out differently? */
  const couldTryDiffer = (run: Run, head: Task): boolean => {
    if (head.until !== null && untilAt(run, head.until, "low") !== untilAt(run, head.until, "high")) return true;
    const activity = activityOf(run.catalog, head);
    const low = termsAt(run, activity, "low");
    const high = termsAt(run, activity, "high");
    // Skill bonuses may fall with the level, so that the expected level counts too.
    const all = [low, high, termsOf(run, run.catalog, activity)];
    if (new Set(all.map(({ durationMs }) => durationMs)).size > 1) return true;
    // A success that is certain at one end only: what cycles give can't be bounded by the expected terms.
    const isCertain = ({ successPpm }: Terms): boolean => successPpm === 0 || successPpm === PPM;
    if (low.successPpm !== high.successPpm && all.some(isCertain)) return true;
    if (activity.requires.skills.some(([id, level]) => isOpen(levelAt(run, id, "low"), levelAt(run, id, "high"), level))) return true;
    const wants = [...activity.requires.items, ...activity.takes];
    if (wants.some(([id, amount]) => isOpen(itemAt(run, id, "low"), itemAt(run, id, "high"), amount))) return true;
    return run.catalog.settings.inventory.onFull === "block" && !fitsAt(run, activity, high) && activity.greatest.length > 0;
  };

  /** With everything at its high end, and once more the greatest outcome: does it fit? */
  const fitsAt = (run: Run, activity: Activity, terms: Terms): boolean => {
    if (items.size === 0) return true;
    const more = new Map(activity.greatest.map((greatest) => [greatest.item, greatestAmount(greatest, terms)]));
    return highStacks(run, items, more) <= run.catalog.settings.inventory.maxStacks;
  };

  return {
    isExact: () => isExact,
    observer: {
      beforeTry(run, head) {
        if (isExact && (items.size > 0 || xp.size > 0) && couldTryDiffer(run, head)) isExact = false;
      },
      beforeCycles(run, span) {
        if (!isExact) return;
        stored = new Map(span.activity.greatest.map(({ item }) => [item, run.items.get(item) ?? 0]));
        if (span.count === 1) return;
        const { takes, requires, speed } = span.activity;
        // The low end must have the inputs at each start of the span.
        for (const [id, amount] of takes) {
          const required = requires.items.find(([other]) => other === id)?.[1] ?? 0;
          if (items.has(id) && itemAt(run, id, "low") - (span.count - 2) * amount < Math.max(amount, required)) isExact = false;
        }
        // No end may reach a level within the span that would change its speed.
        for (const [index, { skill }] of span.activity.xp.entries()) {
          const known = run.catalog.skills.get(skill);
          if (known === undefined || !speed.some((bonus) => bonus.skill === skill)) continue;
          const { most } = xpPerCycle(span, index);
          const last = levelOf(known, xpAt(run, skill, "high") + most * (span.count - 1));
          if (last !== levelOf(known, xpAt(run, skill, "low"))) isExact = false;
        }
      },
      afterCycles(run, span) {
        if (!isExact) return;
        const head = run.tasks[0];
        const until = head?.until ?? null;
        const wasSure =
          until !== null &&
          until.items.every(([id, wanted]) => (stored.get(id) ?? run.items.get(id) ?? 0) + (items.get(id) ?? NONE).low >= wanted) &&
          until.skills.every(([id, wanted]) => !xp.has(id) && levelAt(run, id, "low") >= wanted);
        widenItems(run, span);
        widenXp(span);
        if (run.catalog.settings.inventory.onFull === "block" && !fitsAt(run, span.activity, span.terms)) isExact = false;
        if (until === null || wasSure) return;
        const isTouched = until.items.some(([id]) => items.has(id)) || until.skills.some(([id]) => xp.has(id));
        // An amount that the cycles also take may have been reached in between.
        const isTaken = until.items.some(([id]) => items.has(id) && span.activity.takes.some(([other]) => other === id));
        if (isTouched && (isTaken || untilAt(run, until, "high"))) isExact = false;
      },
    },
  };

  function widenItems(run: Run, span: CycleSpan): void {
    const { activity, count } = span;
    const ranges = activity.greatest.map((greatest) => ({ item: greatest.item, ...itemPerCycle(span, greatest.item, greatestAmount(greatest, span.terms)) }));
    const gains = ranges.map((range) => {
      const took = (activity.takes.find(([id]) => id === range.item)?.[1] ?? 0) * (count - 1);
      return { ...range, gained: (run.items.get(range.item) ?? 0) - (stored.get(range.item) ?? 0) + took };
    });
    const isChancy = items.size > 0 || gains.some(({ least, most }) => least !== most);
    if (!isChancy) return;
    const more = new Map(gains.map(({ item, most, gained }) => [item, Math.max(0, most * count - gained)]));
    const isTight =
      highStacks(run, items, more) > run.catalog.settings.inventory.maxStacks || gains.some(({ least, gained }) => gained < least * count);
    for (const { item, least, most, gained } of gains) {
      const had = items.get(item) ?? NONE;
      // Where room is short, what is stored depends on the other amounts too.
      const low = had.low + (isTight ? Math.min(0, -gained) : least * count - gained);
      const high = had.high + most * count - gained;
      if (low !== 0 || high !== 0) items.set(item, { low: Math.min(0, low), high: Math.max(0, high) });
    }
  }

  function widenXp(span: CycleSpan): void {
    for (const [index, { skill }] of span.activity.xp.entries()) {
      const { least, most } = xpPerCycle(span, index);
      if (least === most) continue;
      const had = xp.get(skill) ?? NONE;
      xp.set(skill, { low: had.low - (most - least) * span.count, high: had.high + (most - least) * span.count });
    }
  }
}

/** The least and the most xp of one cycle. */
function xpPerCycle({ activity, terms }: CycleSpan, index: number): { least: number; most: number } {
  const rule = activity.xp[index];
  if (rule === undefined) return { least: 0, most: 0 };
  const amounts = [
    ...(terms.successPpm > 0 ? [mulDivFloor(rule.onSuccess, terms.xpPpm, PPM)] : []),
    ...(terms.successPpm < PPM ? [mulDivFloor(rule.onFailure, terms.xpPpm, PPM)] : []),
  ];
  return { least: Math.min(...amounts), most: Math.max(...amounts) };
}

/** The least and the most of an item that one cycle could give. */
function itemPerCycle({ activity, terms }: CycleSpan, item: string, most: number): { least: number; most: number } {
  const extra = divFloor(terms.yieldPpm, PPM);
  const branches = [
    ...(terms.successPpm > 0 ? [activity.outcomes.success] : []),
    ...(terms.successPpm < PPM ? [activity.outcomes.failure] : []),
  ];
  const least = branches.map(({ entries }) =>
    entries.reduce((sum, { chancePpm, alternatives }) => {
      const isSure = chancePpm === PPM && alternatives.every((alternative) => alternative.item === item);
      return isSure ? sum + Math.min(...alternatives.map(({ min }) => min)) + extra : sum;
    }, 0),
  );
  const mostOf = branches.length === 1 && branches[0]?.isCertain === true && terms.yieldPpm % PPM === 0 ? Math.min(...least) : most;
  return { least: Math.min(...least), most: mostOf };
}

/** Places in use with everything at its high end, and `more` of some items. */
function highStacks(run: Run, items: Deviations, more: ReadonlyMap<string, number>): number {
  const catalog: Catalog = run.catalog;
  let stacks = 0;
  for (const id of new Set([...run.items.keys(), ...items.keys(), ...more.keys()])) {
    const maxStack = catalog.items.get(id)?.maxStack;
    if (maxStack === undefined) continue;
    stacks += divCeil((run.items.get(id) ?? 0) + (items.get(id) ?? NONE).high + (more.get(id) ?? 0), maxStack);
  }
  return stacks;
}
