/** Outcomes by chance: what really happens to a player. Works on blocks of 32 cycles that share their random bits. */
import type { Alternative, Entry, Outcome } from "../catalog/catalog.js";
import { MainspringError } from "../errors.js";
import { divFloor, mulDivFloor, PPM } from "../numbers.js";
import { type Seed, seedWords } from "../player/seed.js";
import { CYCLES_PER_BLOCK, Rolls, type Threshold, thresholdOf } from "./chance.js";
import {
  clearOutcome,
  type CycleSpan,
  cyclesBelow,
  fillXp,
  greatestAmount,
  isCertain,
  type OutcomeSource,
  playCertain,
  type RareFind,
  type RareSink,
  type SpanOutcome,
} from "./outcomes.js";

/** Roll indices; see docs/rules.md, "Rolls". */
const SUCCESS_ROLL = 0;
const chanceRoll = (entry: Entry): number => 1 + 4 * entry.index;
const choiceRoll = (entry: Entry): number => 2 + 4 * entry.index;
const countRoll = (entry: Entry): number => 3 + 4 * entry.index;
const yieldRoll = (entry: Entry): number => 4 + 4 * entry.index;

/** The part of a span that falls into one block of random bits. */
interface BlockPart {
  readonly rolls: Rolls;
  readonly task: number;
  readonly block: number;
  /** Yield effects: certain extra, and the chance of one more. */
  readonly extra: number;
  readonly oneMore: Threshold | null;
  readonly amounts: number[];
  /** Where the rare finds of the block gather, if anybody wants them. */
  readonly finds: (RareFind & { readonly order: number })[];
}

/** Outcomes rolled with a player's seed. */
export function rolledOutcomes(seed: Seed): OutcomeSource {
  let rolls: Rolls | null = null;
  return {
    isRolled: (activity, terms) => !isCertain(activity, terms),
    play(span, into, found) {
      if (isCertain(span.activity, span.terms)) {
        playCertain(span, into, found);
        return;
      }
      rolls ??= new Rolls(seedWords(seed));
      playByChance(rolls, span, into, found);
    },
    cyclesBelowItem: (span, item, less) => {
      const greatest = span.activity.greatest.find((entry) => entry.item === item);
      return greatest === undefined
        ? span.count
        : cyclesBelow(greatestAmount(greatest, span.terms), less, span.count);
    },
    cyclesBelowXp: (span, index, less) => {
      const rule = span.activity.xp[index];
      if (rule === undefined) throw new MainspringError("INTERNAL", "No such xp rule.");
      const { successPpm, xpPpm } = span.terms;
      const most = Math.max(successPpm > 0 ? rule.onSuccess : 0, successPpm < PPM ? rule.onFailure : 0);
      return cyclesBelow(mulDivFloor(most, xpPpm, PPM), less, span.count);
    },
  };
}

function playByChance(rolls: Rolls, span: CycleSpan, into: SpanOutcome, found: RareSink): void {
  const { activity, terms, task, from, count } = span;
  clearOutcome(into, activity);
  const isOpen = terms.successPpm > 0 && terms.successPpm < PPM;
  const success = thresholdOf(terms.successPpm);
  const fraction = terms.yieldPpm % PPM;
  const { amounts } = into;
  const extra = divFloor(terms.yieldPpm, PPM);
  const oneMore = fraction === 0 ? null : thresholdOf(fraction);
  const finds: BlockPart["finds"] = [];
  const end = from + count;
  for (let cycle = from; cycle < end; ) {
    const first = cycle % CYCLES_PER_BLOCK;
    const block = (cycle - first) / CYCLES_PER_BLOCK;
    const last = Math.min(CYCLES_PER_BLOCK, first + end - cycle);
    const all = maskBetween(first, last);
    let won = terms.successPpm > 0 ? all : 0;
    if (isOpen) won &= rolls.chanceMask(task, block, SUCCESS_ROLL, success);
    const lost = all & ~won;
    into.failures += countBits(lost);
    const part: BlockPart = { rolls, task, block, extra, oneMore, amounts, finds };
    playOutcome(part, activity.outcomes.success, won);
    playOutcome(part, activity.outcomes.failure, lost);
    if (finds.length > 0) {
      finds.sort((a, b) => a.cycle - b.cycle || a.order - b.order);
      for (const find of finds) found({ ...find, cycle: block * CYCLES_PER_BLOCK + find.cycle - from });
      finds.length = 0;
    }
    cycle += last - first;
  }
  fillXp(span, into);
}

/** Plays the entries of an outcome for the cycles of a block that the mask names. */
function playOutcome(part: BlockPart, outcome: Outcome, mask: number): void {
  if (mask === 0) return;
  for (const entry of outcome.entries) {
    let given = mask;
    if (entry.chancePpm < PPM)
      given &= part.rolls.chanceMask(part.task, part.block, chanceRoll(entry), thresholdOf(entry.chancePpm));
    if (given === 0) continue;
    const more =
      part.oneMore === null
        ? 0
        : given & part.rolls.chanceMask(part.task, part.block, yieldRoll(entry), part.oneMore);
    const [only, ...others] = entry.alternatives;
    if (only !== undefined && others.length === 0 && !only.isRare)
      addTogether(part, entry, only, { given, more });
    else addOneByOne(part, entry, { given, more });
  }
}

/** All cycles of a block at once: nobody asks which of them gave how much. */
function addTogether(
  part: BlockPart,
  entry: Entry,
  only: Alternative,
  { given, more }: { given: number; more: number },
): void {
  let sum = countBits(given) * (only.min + part.extra) + countBits(more);
  if (only.max > only.min) {
    sum += part.rolls.uniformSum(part.task, part.block, countRoll(entry), only.max - only.min + 1, given);
  }
  part.amounts[only.slot] = (part.amounts[only.slot] ?? 0) + sum;
}

function addOneByOne(part: BlockPart, entry: Entry, { given, more }: { given: number; more: number }): void {
  for (let rest = given; rest !== 0; rest &= rest - 1) {
    const index = 31 - Math.clz32(rest & -rest);
    const cycle = part.block * CYCLES_PER_BLOCK + index;
    const chosen = choose(part, entry, cycle);
    const range = chosen.max - chosen.min + 1;
    const count = range === 1 ? 0 : part.rolls.uniform(part.task, cycle, countRoll(entry), range);
    const amount = chosen.min + count + part.extra + ((more >>> index) & 1);
    part.amounts[chosen.slot] = (part.amounts[chosen.slot] ?? 0) + amount;
    if (chosen.isRare) part.finds.push({ cycle: index, order: entry.index, item: chosen.item, amount });
  }
}

function choose(part: BlockPart, entry: Entry, cycle: number): Alternative {
  let left =
    entry.alternatives.length === 1
      ? 0
      : part.rolls.uniform(part.task, cycle, choiceRoll(entry), entry.totalWeight);
  for (const alternative of entry.alternatives) {
    if (left < alternative.weight) return alternative;
    left -= alternative.weight;
  }
  throw new MainspringError("INTERNAL", "The weights of an entry don't add up.");
}

/** Bits `first` (inclusive) to `last` (exclusive) of 32. */
function maskBetween(first: number, last: number): number {
  const upTo = last === CYCLES_PER_BLOCK ? -1 : (1 << last) - 1;
  return upTo & ~((1 << first) - 1);
}

/** How many bits of 32 are set. */
function countBits(mask: number): number {
  let bits = mask - ((mask >>> 1) & 0x5555_5555);
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333);
  return (((bits + (bits >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
