/** The commands on what a player has: equipment and the stash. */
import { closest } from "../catalog/suggest.js";
import { MainspringError } from "../errors.js";
import { MAX_AMOUNT } from "../numbers.js";
import type { AppliedCommand } from "../player/command.js";
import type { Run } from "../settle/run.js";
import { changeItems, changeStash, roomFor, storeOrStash } from "../settle/storage.js";
import { checkAmounts } from "./check-command.js";
import { unknownId } from "./unknown-id.js";

/** Puts one of an item into its slot, or empties the slot. What was there goes back. */
export function equip(run: Run, atMs: number, slot: string, id: string | null): AppliedCommand {
  const { catalog, equipped } = run;
  const before = equipped.get(slot);
  // A slot that only content of the past knew can still be emptied.
  if (!catalog.slots.includes(slot) && before === undefined) {
    throw unknownId("UNKNOWN_SLOT", "slot", slot, closest(slot, catalog.slots));
  }
  if (id !== null) checkFits(run, slot, id);
  if (id === (before ?? null)) return { type: "equip", slot, item: id, result: {} };
  if (id !== null) {
    if (!run.items.has(id)) {
      throw new MainspringError("INSUFFICIENT_ITEMS", `There is no "${id}" among the items to be equipped.`, {
        item: id,
      });
    }
    changeItems(run, atMs, id, -1);
    equipped.set(slot, id);
  } else {
    equipped.delete(slot);
  }
  const stashed = before === undefined ? 0 : storeOrStash(run, atMs, before, 1);
  const result = {
    ...(before === undefined ? {} : { returned: [[before, 1]] as const }),
    ...(stashed > 0 ? { stashed: [[before ?? "", 1]] as const } : {}),
  };
  return { type: "equip", slot, item: id, result };
}

function checkFits(run: Run, slot: string, id: string): void {
  const item = run.catalog.items.get(id);
  if (item === undefined) throw unknownId("UNKNOWN_ITEM", "item", id, closest(id, run.catalog.items.keys()));
  if (item.equip?.slot !== slot) {
    const belongs = item.equip === null ? "it can't be equipped" : `it goes in "${item.equip.slot}"`;
    throw new MainspringError("UNKNOWN_SLOT", `"${id}" doesn't go in the slot "${slot}": ${belongs}.`, {
      item: id,
    });
  }
}

/** Moves what fits from the stash to the items. */
export function claimStash(
  run: Run,
  atMs: number,
  items: Readonly<Record<string, number>> | undefined,
): AppliedCommand {
  const asked =
    items === undefined
      ? [...run.stash].sort(([a], [b]) => (a < b ? -1 : 1))
      : checkAmounts(items, "items", { min: 1, max: MAX_AMOUNT });
  const claimed: [string, number][] = [];
  for (const [id, amount] of asked) {
    const there = run.stash.get(id) ?? 0;
    if (there < amount) {
      throw new MainspringError(
        "INSUFFICIENT_ITEMS",
        `The stash has ${there} of "${id.slice(0, 64)}", not ${amount}.`,
        { available: there },
      );
    }
    // An amount at its maximum takes no more, so that nothing is lost on the way.
    const fits = Math.min(amount, roomFor(run, id), MAX_AMOUNT - (run.items.get(id) ?? 0));
    if (fits === 0) continue;
    changeStash(run, atMs, id, -fits);
    changeItems(run, atMs, id, fits);
    claimed.push([id, fits]);
  }
  if (asked.length > 0 && claimed.length === 0) {
    throw new MainspringError(
      "INVENTORY_FULL",
      "Nothing of it fits into the inventory. Use or remove something first.",
    );
  }
  return { type: "claim-stash", result: { claimed: claimed } };
}
