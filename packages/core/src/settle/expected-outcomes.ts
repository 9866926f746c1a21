/**
 * Outcomes by expected value: what the forecast goes by. Knows no seed.
 *
 * A cycle gives whole things, so expectation is spread over cycles: the first n cycles of a task give `floor(n × rate)`
 * in all. What has no chance in it comes out exactly as it will happen.
 */
import type { Activity, Alternative } from "../catalog/catalog.js";
import { divFloor, mulDivFloor, PPM } from "../numbers.js";
import {
  clearOutcome,
  type CycleSpan,
  isCertain,
  type OutcomeSource,
  playCertain,
  type SpanOutcome,
} from "./outcomes.js";
import type { Terms } from "./terms.js";

/** Outcomes by expected value. */
export const EXPECTED_OUTCOMES: OutcomeSource = {
  isRolled: () => false,
  play(span, into) {
    if (isCertain(span.activity, span.terms)) playCertain(span, into, ignoreFind);
    else playExpected(span, into);
  },
  cyclesBelowItem: (span, item, less) => {
    const rates = ratesOf(span.activity, span.terms).filter(
      (_, slot) => span.activity.alternatives[slot]?.item === item,
    );
    return lastCountBelow(span.count, less, (count) =>
      rates.reduce((sum, rate) => sum + between(rate, span.from, count), 0),
    );
  },
  cyclesBelowXp: (span, rule, less) => {
    const rate = xpRate(span, rule);
    return lastCountBelow(span.count, less, (count) => between(rate, span.from, count));
  },
};

function ignoreFind(): void {
  // The forecast foresees no finds.
}

function playExpected(span: CycleSpan, into: SpanOutcome): void {
  const { activity, terms, from, count } = span;
  clearOutcome(into, activity);
  for (const [slot, rate] of ratesOf(activity, terms).entries())
    into.amounts[slot] = between(rate, from, count);
  into.failures = between(PPM - terms.successPpm, from, count);
  for (let rule = 0; rule < activity.xp.length; rule += 1)
    into.xp[rule] = between(xpRate(span, rule), from, count);
}

/** What the cycles from `from` on give at a rate in millionths per cycle. */
function between(ratePpm: number, from: number, count: number): number {
  return mulDivFloor(from + count, ratePpm, PPM) - mulDivFloor(from, ratePpm, PPM);
}

/** The rate of each slot in millionths per cycle. The chances of one item are put together in its first slot. */
function ratesOf(activity: Activity, terms: Terms): number[] {
  const rates = activity.alternatives.map(() => 0);
  const firstSlot = new Map<string, number>();
  const branches = [
    { outcome: activity.outcomes.success, likelyPpm: terms.successPpm },
    { outcome: activity.outcomes.failure, likelyPpm: PPM - terms.successPpm },
  ];
  for (const { outcome, likelyPpm } of branches) {
    for (const entry of outcome.entries) {
      for (const alternative of entry.alternatives) {
        const chancePpm = divFloor(
          mulDivFloor(likelyPpm, entry.chancePpm, PPM) * alternative.weight,
          entry.totalWeight,
        );
        const rate = mulDivFloor(chancePpm, meanPpm(alternative, terms), PPM);
        const isSure = chancePpm === PPM && alternative.min === alternative.max && terms.yieldPpm % PPM === 0;
        const slot = isSure ? alternative.slot : (firstSlot.get(alternative.item) ?? alternative.slot);
        if (!isSure) firstSlot.set(alternative.item, slot);
        rates[slot] = (rates[slot] ?? 0) + rate;
      }
    }
  }
  return rates;
}

function meanPpm(alternative: Alternative, terms: Terms): number {
  return divFloor((alternative.min + alternative.max) * PPM, 2) + terms.yieldPpm;
}

function xpRate({ activity, terms }: CycleSpan, rule: number): number {
  const xp = activity.xp[rule];
  if (xp === undefined) return 0;
  return (
    mulDivFloor(mulDivFloor(xp.onSuccess, terms.xpPpm, PPM), terms.successPpm, 1) +
    mulDivFloor(mulDivFloor(xp.onFailure, terms.xpPpm, PPM), PPM - terms.successPpm, 1)
  );
}

/** The greatest count, up to `max`, whose total is below `less`; totals never fall. */
function lastCountBelow(max: number, less: number, total: (count: number) => number): number {
  let low = 0;
  let high = max;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (total(middle) < less) low = middle;
    else high = middle - 1;
  }
  return low;
}
