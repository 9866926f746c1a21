/** Adjust: what a game's own servers put in or take out. Quests, shops, support. */
import type { EffectRequest, AdjustRequest, AppliedCommand } from "../player/command.js";
import { LIMITS } from "../catalog/limits.js";
import { STATS } from "../catalog/source.js";
import { closest } from "../catalog/suggest.js";
import { MainspringError } from "../errors.js";
import { MAX_AMOUNT } from "../numbers.js";
import type { TimedEffect } from "../player/state.js";
import { changeXp } from "../settle/finish.js";
import type { Run } from "../settle/run.js";
import { changeItems, storeOrStash } from "../settle/storage.js";
import { checkAmount, checkAmounts, checkChoice, checkDecimal } from "./check-command.js";
import { unknownId } from "./unknown-id.js";

/** Timed effects that a player can have at once. */
export const MAX_TIMED_EFFECTS = 32;

const CHANGE = { min: -MAX_AMOUNT, max: MAX_AMOUNT };

/** Items out, items in, xp, effects: all or nothing. */
export function adjust(run: Run, atMs: number, request: AdjustRequest): AppliedCommand {
  const { catalog } = run;
  const items = checkAmounts(request.items, "items", CHANGE);
  const xp = checkAmounts(request.xp, "xp", CHANGE);
  const effects = (request.effects ?? []).map((effect) => createEffect(run, atMs, effect));
  if (items.length + xp.length + effects.length === 0) {
    throw new MainspringError("INVALID_REQUEST", "adjust needs items, xp or effects.");
  }
  for (const [id] of items) {
    if (!catalog.items.has(id))
      throw unknownId("UNKNOWN_ITEM", "item", id, closest(id, catalog.items.keys()));
  }
  for (const [id] of xp) {
    if (!catalog.skills.has(id))
      throw unknownId("UNKNOWN_SKILL", "skill", id, closest(id, catalog.skills.keys()));
  }
  if (run.effects.length + effects.length > MAX_TIMED_EFFECTS) {
    throw new MainspringError(
      "TOO_MANY_EFFECTS",
      `A player has at most ${MAX_TIMED_EFFECTS} timed effects at once.`,
    );
  }
  const isAtMost = request.atMost === true;
  const taken = take(items, run.items, { code: "INSUFFICIENT_ITEMS", isAtMost });
  const xpTaken = take(xp, run.xp, { code: "INSUFFICIENT_XP", isAtMost });
  for (const [id, amount] of taken) changeItems(run, atMs, id, amount);
  const stashed: [string, number][] = [];
  for (const [id, amount] of items) {
    if (amount <= 0) continue;
    const rest = storeOrStash(run, atMs, id, amount);
    if (rest > 0) stashed.push([id, rest]);
  }
  const isGain = ([, amount]: readonly [string, number]): boolean => amount > 0;
  for (const [id, amount] of [...xpTaken, ...xp.filter(isGain)].sort(byId)) changeXp(run, atMs, id, amount);
  run.effects.push(...effects);
  return {
    type: "adjust",
    ...(effects.length === 0 ? {} : { effects }),
    result: {
      items: [...taken, ...items.filter(isGain)].sort(byId),
      xp: [...xpTaken, ...xp.filter(isGain)].sort(byId),
      ...(stashed.length === 0 ? {} : { stashed }),
    },
  };
}

function byId([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

/** The amounts (negative) to be taken, in the order of ids. */
function take(
  changes: readonly [string, number][],
  from: ReadonlyMap<string, number>,
  { code, isAtMost }: { code: "INSUFFICIENT_ITEMS" | "INSUFFICIENT_XP"; isAtMost: boolean },
): [string, number][] {
  return changes.flatMap(([id, change]): [string, number][] => {
    const there = from.get(id) ?? 0;
    if (change >= 0 || there >= -change) return change < 0 ? [[id, change]] : [];
    if (!isAtMost) {
      throw new MainspringError(
        code,
        `There are ${there} of "${id}", not ${-change}. Use "atMost" to take what is there.`,
        { id, available: there },
      );
    }
    return there === 0 ? [] : [[id, -there]];
  });
}

function createEffect(run: Run, atMs: number, request: EffectRequest): TimedEffect {
  const { kind = null, activity = null } = request;
  if (kind !== null && !run.catalog.kinds.includes(kind)) {
    throw unknownId("INVALID_REQUEST", "kind", kind, closest(kind, run.catalog.kinds));
  }
  if (activity !== null && !run.catalog.activities.has(activity)) {
    throw unknownId(
      "UNKNOWN_ACTIVITY",
      "activity",
      activity,
      closest(activity, run.catalog.activities.keys()),
    );
  }
  return {
    stat: checkChoice(request.stat, "stat", STATS),
    addPpm: checkDecimal(request.add, "add", LIMITS.effectAdd),
    kind,
    activity,
    untilMs: checkAmount(request.untilMs, "untilMs (player time)", {
      min: atMs + 1,
      max: LIMITS.instantMs.max,
    }),
  };
}
