/** The check of a whole catalog: every mistake at once, each with its path. */
import { PPM } from "../numbers.js";
import { checkActivity } from "./check-activity.js";
import { Checker, type JsonObject, join, type Mistake } from "./checker.js";
import { collectKnown, entriesOf, idList, type Known } from "./known.js";
import { xpByGrowth } from "./levels.js";
import { DEFAULT_SETTINGS, LIMITS } from "./limits.js";
import { type CatalogSource, STATS } from "./source.js";

export type CatalogCheck =
  | { readonly isValid: true; readonly source: CatalogSource }
  | { readonly isValid: false; readonly mistakes: readonly Mistake[] };

const KEYS = {
  top: new Set([
    "$schema",
    "name",
    "description",
    "settings",
    "rarities",
    "kinds",
    "skills",
    "items",
    "activities",
    "newPlayer",
  ]),
  settings: new Set(["minCycleMs", "queue", "away", "inventory", "onBlocked", "rareFrom", "hideChances"]),
  queue: new Set(["maxTasks", "maxTaskMs", "warnTotalMs"]),
  away: new Set(["maxMs"]),
  inventory: new Set(["maxStacks", "onFull"]),
  skill: new Set(["name", "description", "levels"]),
  levels: new Set(["xpBase", "xpGrowth", "max", "table"]),
  item: new Set(["name", "description", "rarity", "maxStack", "tags", "equip"]),
  equip: new Set(["slot", "effects"]),
  effect: new Set(["stat", "add", "kind", "activity"]),
  newPlayer: new Set(["items", "equipped", "xp"]),
};

const WORDS = {
  onFull: new Set(["stash", "discard", "block"]),
  onBlocked: new Set(["wait", "skip"]),
  stats: new Set<string>(STATS),
};

/** Checks a document: anything that `JSON.parse` can give. Never throws. */
export function checkCatalog(document: unknown): CatalogCheck {
  const check = new Checker();
  const top = check.record(document, "", KEYS.top, { isRequired: true });
  if (top !== null) {
    check.text(top["$schema"], "$schema", { maxLength: 2_000 });
    check.text(top["name"], "name", { maxLength: 64, isRequired: true });
    check.text(top["description"], "description", { maxLength: 2_000 });
    const known = collectKnown(check, top);
    checkSettings(check, top["settings"], known);
    for (const [id, skill] of entriesOf(top["skills"])) checkSkill(check, skill, join("skills", id));
    for (const [id, item] of entriesOf(top["items"])) checkItem(check, item, join("items", id), known);
    for (const [id, activity] of entriesOf(top["activities"]))
      checkActivity(check, activity, join("activities", id), known);
    checkNewPlayer(check, top["newPlayer"], known);
  }
  if (check.mistakes.length > 0) return { isValid: false, mistakes: check.mistakes };
  return { isValid: true, source: document as CatalogSource };
}

function checkSettings(check: Checker, value: unknown, known: Known): void {
  const settings = check.record(value, "settings", KEYS.settings);
  if (settings === null) return;
  const minCycleMs = check.integer(settings["minCycleMs"], "settings.minCycleMs", LIMITS.durationMs);
  const queue = check.record(settings["queue"], "settings.queue", KEYS.queue);
  check.integer(queue?.["maxTasks"], "settings.queue.maxTasks", LIMITS.maxTasks);
  const maxTaskMs = check.integer(queue?.["maxTaskMs"], "settings.queue.maxTaskMs", LIMITS.durationMs);
  check.integer(queue?.["warnTotalMs"], "settings.queue.warnTotalMs", LIMITS.warnTotalMs);
  const shortestMs = minCycleMs ?? DEFAULT_SETTINGS.minCycleMs;
  const longestMs = maxTaskMs ?? DEFAULT_SETTINGS.queue.maxTaskMs;
  if (shortestMs > longestMs) {
    check.add(
      "settings",
      `no task could ever be queued: a cycle takes at least ${shortestMs} ms, a task at most ${longestMs} ms`,
    );
  }
  const away = check.record(settings["away"], "settings.away", KEYS.away);
  check.integer(away?.["maxMs"], "settings.away.maxMs", LIMITS.awayMs);
  const inventory = check.record(settings["inventory"], "settings.inventory", KEYS.inventory);
  check.integer(inventory?.["maxStacks"], "settings.inventory.maxStacks", LIMITS.maxStacks);
  check.word(inventory?.["onFull"], "settings.inventory.onFull", WORDS.onFull);
  check.word(settings["onBlocked"], "settings.onBlocked", WORDS.onBlocked);
  check.reference(settings["rareFrom"], "settings.rareFrom", known.rarities, "rarity");
  check.boolean(settings["hideChances"], "settings.hideChances");
}

function checkSkill(check: Checker, value: unknown, path: string): void {
  const skill = check.record(value, path, KEYS.skill, { isRequired: true });
  if (skill === null) return;
  checkTexts(check, skill, path);
  const at = join(path, "levels");
  const levels = check.record(skill["levels"], at, KEYS.levels, { isRequired: true });
  if (levels === null) return;
  if (levels["table"] !== undefined) {
    const isMixed =
      levels["xpBase"] !== undefined || levels["xpGrowth"] !== undefined || levels["max"] !== undefined;
    if (isMixed) check.add(at, "must have either a table, or xpBase, xpGrowth and max, not both");
    checkLevelTable(check, levels["table"], join(at, "table"));
    return;
  }
  const xpBase = check.integer(levels["xpBase"], join(at, "xpBase"), LIMITS.xpBase, { isRequired: true });
  const xpGrowth = check.decimal(levels["xpGrowth"], join(at, "xpGrowth"), LIMITS.xpGrowth, {
    isRequired: true,
  });
  const max = check.integer(levels["max"], join(at, "max"), LIMITS.level, { isRequired: true });
  if (xpBase === null || xpGrowth === null || max === null) return;
  if (xpByGrowth({ xpBase, xpGrowthPpm: Math.round(xpGrowth * PPM), max }) === null) {
    check.add(at, `level ${max} would ask for more than 2^53 xp`);
  }
}

function checkLevelTable(check: Checker, value: unknown, path: string): void {
  let last = 0;
  for (const [index, xp] of check.list(value, path, LIMITS.level).entries()) {
    const number = check.integer(
      xp,
      join(path, index),
      { min: 0, max: Number.MAX_SAFE_INTEGER },
      { isRequired: true },
    );
    if (number === null) continue;
    if (index === 0 && number !== 0) check.add(join(path, index), "level 1 asks for 0 xp");
    else if (number < last)
      check.add(join(path, index), `levels must not ask for less than the one before (${last})`);
    last = number;
  }
}

function checkItem(check: Checker, value: unknown, path: string, known: Known): void {
  const item = check.record(value, path, KEYS.item, { isRequired: true });
  if (item === null) return;
  checkTexts(check, item, path);
  check.reference(item["rarity"], join(path, "rarity"), known.rarities, "rarity");
  check.integer(item["maxStack"], join(path, "maxStack"), LIMITS.maxStack);
  idList(check, item["tags"], join(path, "tags"), LIMITS.tags);
  const at = join(path, "equip");
  const equip = check.record(item["equip"], at, KEYS.equip);
  if (equip === null) return;
  check.id(equip["slot"], join(at, "slot"));
  for (const [index, effect] of check.list(equip["effects"], join(at, "effects"), LIMITS.effects).entries()) {
    checkEffect(check, effect, join(at, `effects.${index}`), known);
  }
}

function checkEffect(check: Checker, value: unknown, path: string, known: Known): void {
  const effect = check.record(value, path, KEYS.effect, { isRequired: true });
  if (effect === null) return;
  check.word(effect["stat"], join(path, "stat"), WORDS.stats, { isRequired: true });
  check.decimal(effect["add"], join(path, "add"), LIMITS.effectAdd, { isRequired: true });
  check.reference(effect["kind"], join(path, "kind"), known.kinds, "kind");
  check.reference(effect["activity"], join(path, "activity"), known.activities, "activity");
}

function checkNewPlayer(check: Checker, value: unknown, known: Known): void {
  const newPlayer = check.record(value, "newPlayer", KEYS.newPlayer);
  if (newPlayer === null) return;
  check.amounts(newPlayer["items"], "newPlayer.items", known.items, { what: "item", range: LIMITS.amount });
  check.amounts(newPlayer["xp"], "newPlayer.xp", known.skills, { what: "skill", range: LIMITS.xp });
  const at = "newPlayer.equipped";
  for (const [slot, item] of Object.entries(check.object(newPlayer["equipped"], at) ?? {})) {
    check.slot(slot, at, known.slots);
    check.reference(item, join(at, slot), known.items, "item", { isRequired: true });
    const isJudged =
      known.slots?.has(slot) === true && typeof item === "string" && known.items?.has(item) === true;
    if (isJudged && known.slotOf.get(item) !== slot)
      check.add(join(at, slot), `"${item}" doesn't go in the slot "${slot}"`);
  }
}

/** The texts for players that skills, items and activities may carry. */
export function checkTexts(check: Checker, value: JsonObject, path: string): void {
  check.text(value["name"], join(path, "name"), { maxLength: 200 });
  check.text(value["description"], join(path, "description"), { maxLength: 2_000 });
}
