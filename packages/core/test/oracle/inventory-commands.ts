/** The oracle's commands that change what a player owns, and being seen. */
import type { AdjustRequest, EffectRequest } from "../../src/player/command.js";
import type { TimedEffect } from "../../src/player/state.js";
import { byId, checkedAmounts, checkedPpm, checkWhole, MAX_WHOLE } from "./checking.js";
import { gainXp } from "./end-of-cycle.js";
import { least } from "./levels-and-terms.js";
import {
  type Amounts,
  catalogNow,
  change,
  changeOwned,
  MAX_AMOUNT,
  OracleError,
  type World,
} from "./oracle-state.js";
import { resultOf, type Told } from "./queue-commands.js";
import { fits, storeElseStash } from "./storing.js";

const MAX_INSTANT_MS = 8_640_000_000_000_000;
const MAX_TIMED_EFFECTS = 32;

export function equip(world: World, atMs: number, slot: string, id: string | null): Told {
  const { items, equipped } = world.state;
  const catalog = catalogNow(world);
  const told = { slot, item: id };
  const worn = equipped.get(slot);
  // A slot of former content can still be emptied.
  if (!catalog.slots.includes(slot) && worn === undefined) throw new OracleError("UNKNOWN_SLOT");
  if (id !== null) {
    const item = catalog.items.get(id);
    if (item === undefined) throw new OracleError("UNKNOWN_ITEM");
    if (item.equip?.slot !== slot) throw new OracleError("UNKNOWN_SLOT");
    if (worn === id) return { ...told, result: {} };
    if ((items.get(id) ?? 0n) === 0n) throw new OracleError("INSUFFICIENT_ITEMS");
    change(items, id, -1n);
    equipped.set(slot, id);
  } else {
    equipped.delete(slot);
  }
  if (worn === undefined) return { ...told, result: {} };
  const stashed = storeElseStash(world, atMs, worn, 1n);
  return {
    ...told,
    result: resultOf({ returned: [[worn, 1]], stashed: stashed > 0n ? [[worn, stashed]] : [] }),
  };
}

export function claimStash(
  world: World,
  atMs: number,
  items: Readonly<Record<string, number>> | undefined,
): Told {
  const { stash } = world.state;
  const asked: [string, bigint][] =
    items === undefined
      ? byId([...stash])
      : checkedAmounts(items, 1).map(([id, amount]) => [id, BigInt(amount)]);
  for (const [id, amount] of asked) {
    if ((stash.get(id) ?? 0n) < amount) throw new OracleError("INSUFFICIENT_ITEMS");
  }
  // To find out whether anything fits before anything is moved: the first that does is reached with nothing moved.
  const room = (id: string, amount: bigint): bigint =>
    least(fits(world, id, amount), MAX_AMOUNT - (world.state.items.get(id) ?? 0n));
  if (asked.length > 0 && asked.every(([id, amount]) => room(id, amount) === 0n)) {
    throw new OracleError("INVENTORY_FULL");
  }
  const claimed: [string, bigint][] = [];
  for (const [id, amount] of asked) {
    const moved = room(id, amount);
    if (moved === 0n) continue;
    change(stash, id, -moved);
    changeOwned(world, atMs, { of: "items", id, by: moved });
    claimed.push([id, moved]);
  }
  return { result: { claimed } };
}

function checkedEffect(world: World, atMs: number, request: EffectRequest): TimedEffect {
  const catalog = catalogNow(world);
  const { stat, add, kind = null, activity = null, untilMs } = request;
  if (kind !== null && !catalog.kinds.includes(kind)) throw new OracleError("INVALID_REQUEST");
  if (activity !== null && !catalog.activities.has(activity)) throw new OracleError("UNKNOWN_ACTIVITY");
  if (!["speed", "success", "yield", "xp"].includes(stat)) throw new OracleError("INVALID_REQUEST");
  checkWhole(untilMs, atMs + 1, MAX_INSTANT_MS);
  return { stat, addPpm: checkedPpm(add), kind, activity, untilMs };
}

/** What is really taken of what is asked for: no more than there is, if that will do. */
function checkTaking(
  changes: readonly [string, number][],
  from: Amounts,
  { code, isAtMost }: { code: "INSUFFICIENT_ITEMS" | "INSUFFICIENT_XP"; isAtMost: boolean },
): [string, bigint][] {
  return changes.map(([id, by]) => {
    const there = from.get(id) ?? 0n;
    if (BigInt(by) + there >= 0n) return [id, BigInt(by)];
    if (!isAtMost) throw new OracleError(code);
    return [id, -there];
  });
}

export function adjust(world: World, atMs: number, request: AdjustRequest): Told {
  const { state } = world;
  const catalog = catalogNow(world);
  const items = checkedAmounts(request.items, -MAX_WHOLE);
  const xp = checkedAmounts(request.xp, -MAX_WHOLE);
  const effects = (request.effects ?? []).map((effect) => checkedEffect(world, atMs, effect));
  if (items.length + xp.length + effects.length === 0) throw new OracleError("INVALID_REQUEST");
  if (items.some(([id]) => !catalog.items.has(id))) throw new OracleError("UNKNOWN_ITEM");
  if (xp.some(([id]) => !catalog.skills.has(id))) throw new OracleError("UNKNOWN_SKILL");
  if (state.effects.length + effects.length > MAX_TIMED_EFFECTS) throw new OracleError("TOO_MANY_EFFECTS");
  const isAtMost = request.atMost === true;
  const itemChanges = checkTaking(items, state.items, { code: "INSUFFICIENT_ITEMS", isAtMost });
  const xpChanges = checkTaking(xp, state.xp, { code: "INSUFFICIENT_XP", isAtMost });

  for (const [id, by] of itemChanges) if (by < 0n) change(state.items, id, by);
  const stashed: [string, bigint][] = [];
  for (const [id, by] of itemChanges) {
    if (by <= 0n) continue;
    const rest = storeElseStash(world, atMs, id, by);
    if (rest > 0n) stashed.push([id, rest]);
  }
  for (const [id, by] of xpChanges) gainXp(world, atMs, id, by);
  state.effects.push(...effects);
  const isChange = ([, by]: [string, bigint]): boolean => by !== 0n;
  return {
    ...(effects.length > 0 ? { effects } : {}),
    result: {
      items: itemChanges.filter(isChange),
      xp: xpChanges.filter(isChange),
      ...resultOf({ stashed }),
    },
  };
}
