/** What cycles give. Settling rolls for it, the forecast takes the expected value; what has no chance in it is shared. */
import type { Activity, Alternative, Entry } from "../catalog/catalog.js";
import { divFloor, divCeil, mulDivFloor, multiplyUpToMax, PPM } from "../numbers.js";
import type { Terms } from "./terms.js";

/** Cycles of one task that run one after the other under the same terms. */
export interface CycleSpan {
  readonly activity: Activity;
  readonly terms: Terms;
  readonly task: number;
  /** Number of the first cycle. */
  readonly from: number;
  readonly count: number;
}

/** What a span of cycles gave. Reused from span to span. */
export interface SpanOutcome {
  /** By the slot of the alternative. */
  readonly amounts: number[];
  /** By the index of the activity's xp rule. */
  readonly xp: number[];
  failures: number;
}

/** A rare thing that a cycle gave. `cycle` counts from the span's first. */
export interface RareFind {
  readonly cycle: number;
  readonly item: string;
  readonly amount: number;
}

/** Receives rare finds in order. It is told of all, since all are counted. */
export type RareSink = (find: RareFind) => void;

export interface OutcomeSource {
  /** Whether cycles under these terms are rolled one by one. */
  isRolled(activity: Activity, terms: Terms): boolean;
  /** Plays a span: fills `into`, reports rare finds. */
  play(span: CycleSpan, into: SpanOutcome, found: RareSink): void;
  /** The most cycles from the span's first that surely give less than `less` of the item in all; at most `span.count`. */
  cyclesBelowItem(span: CycleSpan, item: string, less: number): number;
  /** The same for the xp of one of the activity's xp rules. */
  cyclesBelowXp(span: CycleSpan, rule: number, less: number): number;
}

/** An empty outcome to be filled. */
export function emptyOutcome(): SpanOutcome {
  return { amounts: [], xp: [], failures: 0 };
}

/** Makes room for an activity's slots and sets all to zero. */
export function clearOutcome(outcome: SpanOutcome, { alternatives, xp }: Activity): void {
  for (let slot = 0; slot < alternatives.length; slot += 1) outcome.amounts[slot] = 0;
  for (let rule = 0; rule < xp.length; rule += 1) outcome.xp[rule] = 0;
  outcome.failures = 0;
}

/** True if every cycle under these terms gives the same. */
export function isCertain(activity: Activity, terms: Terms): boolean {
  const { success, failure } = activity.outcomes;
  if (terms.yieldPpm % PPM !== 0) return false;
  if (terms.successPpm === PPM) return success.isCertain;
  return terms.successPpm === 0 && failure.isCertain;
}

/** Plays a span of cycles that are all alike: one multiplication. */
export function playCertain(span: CycleSpan, into: SpanOutcome, found: RareSink): void {
  const { activity, terms, count } = span;
  clearOutcome(into, activity);
  const isSuccess = terms.successPpm === PPM;
  const extra = divFloor(terms.yieldPpm, PPM);
  const { entries } = isSuccess ? activity.outcomes.success : activity.outcomes.failure;
  let hasRare = false;
  for (const entry of entries) {
    const given = onlyAlternative(entry);
    into.amounts[given.slot] = multiplyUpToMax(given.min + extra, count);
    hasRare ||= given.isRare;
  }
  if (!isSuccess) into.failures = count;
  fillXp(span, into);
  if (!hasRare) return;
  const rare = entries.map(onlyAlternative).filter(({ isRare }) => isRare);
  for (let cycle = 0; cycle < count; cycle += 1) {
    for (const given of rare) found({ cycle, item: given.item, amount: given.min + extra });
  }
}

/** An entry without chance has one alternative. */
function onlyAlternative({ alternatives }: Entry): Alternative {
  return alternatives[0] as Alternative;
}

/** The xp of a span by its failures. */
export function fillXp({ activity, terms, count }: CycleSpan, into: SpanOutcome): void {
  let index = 0;
  for (const rule of activity.xp) {
    const onSuccess = mulDivFloor(rule.onSuccess, terms.xpPpm, PPM);
    const onFailure = mulDivFloor(rule.onFailure, terms.xpPpm, PPM);
    into.xp[index] =
      multiplyUpToMax(onSuccess, count - into.failures) + multiplyUpToMax(onFailure, into.failures);
    index += 1;
  }
}

/** The greatest amount of an item that one cycle could give under these terms, per item of the activity. */
export function greatestAmount({ success, failure }: Activity["greatest"][number], terms: Terms): number {
  const extra = divCeil(terms.yieldPpm, PPM);
  return Math.max(success.amount + success.entries * extra, failure.amount + failure.entries * extra);
}

/** How many cycles, each giving at most `most`, surely stay below `less`. */
export function cyclesBelow(most: number, less: number, count: number): number {
  return most === 0 ? count : Math.min(count, divFloor(Math.max(0, less - 1), most));
}
