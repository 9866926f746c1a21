/**
 * What could still change by a roll. Beside the expected amounts of a forecast, this keeps how far each could lie below or
 * above; a time is exact as long as every decision on the way to it comes out alike at both ends.
 *
 * The bounds are on the safe side: "exact" is never wrong; "not exact" may be too careful.
 */
import { levelOf } from "../catalog/levels.js";
import { divFloor, mulDivFloor, PPM } from "../numbers.js";
import type { Task, Until } from "../player/state.js";
import { type CycleSpan, greatestAmount, isCertain } from "./outcomes.js";
import type { Run, RunObserver } from "./run.js";
import { activityOf } from "./start.js";
import { type Terms, termsOf } from "./terms.js";
import { Uncertainty } from "./uncertainty.js";

export interface Bounds {
  /** False once a decision on the way could have come out differently. */
  readonly isExact: () => boolean;
  readonly observer: Omit<RunObserver, "afterStart">;
}

/** Bounds for one forecast, as the observer of its run. */
export function createBounds(): Bounds {
  const unsure = new Uncertainty();
  let isExact = true;
  /** Amounts of what the span could give, before it. */
  let before: ReadonlyMap<string, number> = new Map();
  /** All is certain so far, and these cycles change nothing about that. */
  const isCertainStill = ({ activity, terms }: CycleSpan): boolean =>
    unsure.isNone() && isCertain(activity, terms);
  return {
    isExact: () => isExact,
    observer: {
      beforeTry(run, head) {
        if (isExact && !unsure.isNone() && couldTryDiffer(unsure, run, head)) isExact = false;
      },
      beforeCycles(run, span) {
        if (!isExact || isCertainStill(span)) return;
        before = new Map(span.activity.greatest.map(({ item }) => [item, run.items.get(item) ?? 0]));
        if (span.count > 1 && couldSpanDiffer(unsure, run, span)) isExact = false;
      },
      afterCycles(run, span) {
        if (!isExact || isCertainStill(span)) return;
        const until = run.tasks[0]?.until ?? null;
        widenItems(unsure, run, span, before);
        widenXp(unsure, span);
        const isBlocking = run.catalog.settings.inventory.onFull === "block";
        if (isBlocking && !unsure.surelyFits(run, span.activity, span.terms)) isExact = false;
        if (until !== null && couldUntilDiffer(unsure, run, until, span)) isExact = false;
      },
    },
  };
}

/** Could a decision at the head's next start come out differently? */
function couldTryDiffer(unsure: Uncertainty, run: Run, head: Task): boolean {
  if (
    head.until !== null &&
    unsure.untilAt(run, head.until, "low") !== unsure.untilAt(run, head.until, "high")
  )
    return true;
  const activity = activityOf(run.catalog, head);
  const low = unsure.termsAt(run, activity, "low");
  const high = unsure.termsAt(run, activity, "high");
  // Skill bonuses may fall with the level, so that the expected level counts too.
  const all = [low, high, termsOf(run, run.catalog, activity)];
  if (new Set(all.map(({ durationMs }) => durationMs)).size > 1) return true;
  // A success that is certain at one end only: what cycles give can't be bounded by the expected terms.
  const isDecided = ({ successPpm }: Terms): boolean => successPpm === 0 || successPpm === PPM;
  if (new Set(all.map(({ successPpm }) => successPpm)).size > 1 && all.some(isDecided)) return true;
  const isOpen = (atLow: number, atHigh: number, needed: number): boolean =>
    atLow < needed && atHigh >= needed;
  const levels = activity.requires.skills;
  if (
    levels.some(([id, level]) =>
      isOpen(unsure.levelAt(run, id, "low"), unsure.levelAt(run, id, "high"), level),
    )
  )
    return true;
  const amounts = [...activity.requires.items, ...activity.takes];
  if (
    amounts.some(([id, amount]) =>
      isOpen(unsure.itemAt(run, id, "low"), unsure.itemAt(run, id, "high"), amount),
    )
  )
    return true;
  return (
    run.catalog.settings.inventory.onFull === "block" &&
    activity.greatest.length > 0 &&
    !unsure.surelyFits(run, activity, high)
  );
}

/** Could a start within a span of cycles come out differently, or at other terms? */
function couldSpanDiffer(unsure: Uncertainty, run: Run, span: CycleSpan): boolean {
  const { takes, requires, speed, xp } = span.activity;
  const lacksInputs = takes.some(([id, amount]) => {
    const required = requires.items.find(([other]) => other === id)?.[1] ?? 0;
    return (
      unsure.items.has(id) &&
      unsure.itemAt(run, id, "low") - (span.count - 2) * amount < Math.max(amount, required)
    );
  });
  if (lacksInputs) return true;
  return xp.some(({ skill: id }, index) => {
    const skill = run.catalog.skills.get(id);
    if (skill === undefined || !speed.some((bonus) => bonus.skill === id)) return false;
    const most = unsure.xpAt(run, id, "high") + xpPerCycle(span, index).most * (span.count - 1);
    return levelOf(skill, most) !== levelOf(skill, unsure.xpAt(run, id, "low"));
  });
}

/** An `until` that held before the span would have ended the task then: could it hold now, or earlier in the span? */
function couldUntilDiffer(unsure: Uncertainty, run: Run, until: Until, { activity }: CycleSpan): boolean {
  const isTouched =
    until.items.some(([id]) => unsure.items.has(id)) || until.skills.some(([id]) => unsure.xp.has(id));
  // An amount that the cycles also take may have been reached in between.
  const isTaken = until.items.some(
    ([id]) => unsure.items.has(id) && activity.takes.some(([other]) => other === id),
  );
  return isTouched && (isTaken || unsure.untilAt(run, until, "high"));
}

function widenItems(
  unsure: Uncertainty,
  run: Run,
  span: CycleSpan,
  before: ReadonlyMap<string, number>,
): void {
  const { activity, terms, count } = span;
  const gains = activity.greatest.map((greatest) => {
    const { item } = greatest;
    const took = (activity.takes.find(([id]) => id === item)?.[1] ?? 0) * (count - 1);
    const gained = (run.items.get(item) ?? 0) - (before.get(item) ?? 0) + took;
    return { item, gained, ...itemPerCycle(span, item, greatestAmount(greatest, terms)) };
  });
  if (unsure.items.size === 0 && gains.every(({ least, most }) => least === most)) return;
  const more = new Map(gains.map(({ item, most, gained }) => [item, Math.max(0, most * count - gained)]));
  const isTight =
    unsure.highStacks(run, more) > run.catalog.settings.inventory.maxStacks ||
    gains.some(({ least, gained }) => gained < least * count);
  for (const { item, least, most, gained } of gains) {
    // Where room is short, what is stored depends on the other amounts too.
    unsure.widen("items", item, {
      low: isTight ? -gained : least * count - gained,
      high: most * count - gained,
    });
  }
}

function widenXp(unsure: Uncertainty, span: CycleSpan): void {
  for (const [index, { skill }] of span.activity.xp.entries()) {
    const { least, most } = xpPerCycle(span, index);
    if (least === most) continue;
    unsure.widen("xp", skill, { low: -(most - least) * span.count, high: (most - least) * span.count });
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
function itemPerCycle(
  { activity, terms }: CycleSpan,
  item: string,
  greatest: number,
): { least: number; most: number } {
  const extra = divFloor(terms.yieldPpm, PPM);
  const branches = [
    ...(terms.successPpm > 0 ? [activity.outcomes.success] : []),
    ...(terms.successPpm < PPM ? [activity.outcomes.failure] : []),
  ];
  const leastOf = branches.map(({ entries }) =>
    entries.reduce((sum, { chancePpm, alternatives }) => {
      const isSure = chancePpm === PPM && alternatives.every((alternative) => alternative.item === item);
      return isSure ? sum + Math.min(...alternatives.map(({ min }) => min)) + extra : sum;
    }, 0),
  );
  const least = Math.min(...leastOf);
  return { least, most: isCertain(activity, terms) ? least : greatest };
}
