/** The check of a whole catalog: every mistake at once, each with its path. */
import { checkActivity } from "./check-activity.js";
import { Checker, join, type Mistake } from "./checker.js";
import { xpByGrowth } from "./levels.js";
import { LIMITS } from "./limits.js";
import { PPM } from "../numbers.js";
import { STATS, type CatalogSource } from "./source.js";
import { closest } from "./suggest.js";

export type CatalogCheck =
  | { readonly isValid: true; readonly source: CatalogSource }
  | { readonly isValid: false; readonly mistakes: readonly Mistake[] };

/** The ids that a document defines, and what they are: what references are checked against. */
export interface Known {
  readonly kinds: readonly string[];
  readonly rarities: readonly string[];
  readonly skills: readonly string[];
  /** Highest level by skill. */
  readonly maxLevels: ReadonlyMap<string, number>;
  readonly items: readonly string[];
  readonly activities: readonly string[];
  /** Slot by equippable item. */
  readonly slotOf: ReadonlyMap<string, string>;
  readonly slots: readonly string[];
  /** Tags of the items that go in a slot. */
  readonly tagsBySlot: ReadonlyMap<string, ReadonlySet<string>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

const TOP_KEYS = ["$schema", "name", "description", "settings", "rarities", "kinds", "skills", "items", "activities", "newPlayer"];

/** Checks a document; never throws, whatever it is given. */
export function checkCatalog(document: unknown): CatalogCheck {
  const check = new Checker();
  const top = check.record(document, "", TOP_KEYS, { isRequired: true });
  if (top !== null) {
    check.text(top["name"], "name", { maxLength: 64, isRequired: true });
    check.text(top["description"], "description", { maxLength: 2_000 });
    const known = collectKnown(check, top);
    checkSettings(check, top["settings"], known);
    for (const [id, skill] of entriesOf(top["skills"])) checkSkill(check, skill, join("skills", id));
    for (const [id, item] of entriesOf(top["items"])) checkItem(check, item, join("items", id), known);
    for (const [id, activity] of entriesOf(top["activities"])) checkActivity(check, activity, join("activities", id), known);
    checkNewPlayer(check, top["newPlayer"], known);
  }
  if (check.mistakes.length > 0) return { isValid: false, mistakes: check.mistakes };
  return { isValid: true, source: document as CatalogSource };
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function idsOf(check: Checker, value: unknown, path: string, range: { min: number; max: number }): string[] {
  const ids = Object.keys(check.object(value, path, { isRequired: range.min > 0 }) ?? {});
  for (const id of ids) check.id(id, join(path, id));
  if (ids.length < range.min || ids.length > range.max) check.add(path, `must have ${range.min} to ${range.max} entries, not ${ids.length}`);
  return ids;
}

function idList(check: Checker, value: unknown, path: string, range: { min: number; max: number }, isRequired: boolean): string[] {
  const ids: string[] = [];
  for (const [index, id] of check.list(value, path, range, { isRequired }).entries()) {
    check.id(id, join(path, index));
    if (typeof id !== "string") continue;
    if (ids.includes(id)) check.add(join(path, index), `"${id}" is there twice`);
    ids.push(id);
  }
  return ids;
}

function collectKnown(check: Checker, top: JsonObject): Known {
  const rarities = top["rarities"] === undefined ? ["common"] : idList(check, top["rarities"], "rarities", LIMITS.rarities, false);
  const slotOf = new Map<string, string>();
  const tagsBySlot = new Map<string, Set<string>>();
  for (const [id, item] of entriesOf(top["items"])) {
    const slot: unknown = Object.fromEntries(entriesOf(Object.fromEntries(entriesOf(item))["equip"]))["slot"];
    if (typeof slot !== "string") continue;
    slotOf.set(id, slot);
    const tags: unknown = Object.fromEntries(entriesOf(item))["tags"];
    const known = tagsBySlot.get(slot) ?? new Set();
    if (Array.isArray(tags)) for (const tag of tags as unknown[]) if (typeof tag === "string") known.add(tag);
    tagsBySlot.set(slot, known);
  }
  if (tagsBySlot.size > LIMITS.slots.max) check.add("items", `at most ${LIMITS.slots.max} slots, not ${tagsBySlot.size}`);
  return {
    kinds: idList(check, top["kinds"], "kinds", LIMITS.kinds, true),
    rarities,
    skills: idsOf(check, top["skills"], "skills", LIMITS.skills),
    maxLevels: new Map(entriesOf(top["skills"]).map(([id, skill]) => [id, maxLevelOf(skill)])),
    items: idsOf(check, top["items"], "items", LIMITS.items),
    activities: idsOf(check, top["activities"], "activities", LIMITS.activities),
    slotOf,
    slots: [...tagsBySlot.keys()],
    tagsBySlot,
  };
}

function maxLevelOf(skill: unknown): number {
  const levels = Object.fromEntries(entriesOf(Object.fromEntries(entriesOf(skill))["levels"]));
  if (Array.isArray(levels["table"])) return Math.max(1, levels["table"].length);
  return typeof levels["max"] === "number" ? levels["max"] : LIMITS.level.max;
}

function checkSettings(check: Checker, value: unknown, known: Known): void {
  const keys = ["minCycleMs", "queue", "away", "inventory", "onBlocked", "rareFrom", "hideChances"];
  const settings = check.record(value, "settings", keys);
  if (settings === null) return;
  check.integer(settings["minCycleMs"], "settings.minCycleMs", LIMITS.durationMs);
  const queue = check.record(settings["queue"], "settings.queue", ["maxTasks", "maxTaskMs", "warnTotalMs"]);
  check.integer(queue?.["maxTasks"], "settings.queue.maxTasks", LIMITS.maxTasks);
  check.integer(queue?.["maxTaskMs"], "settings.queue.maxTaskMs", LIMITS.durationMs);
  check.integer(queue?.["warnTotalMs"], "settings.queue.warnTotalMs", LIMITS.warnTotalMs);
  const away = check.record(settings["away"], "settings.away", ["maxMs"]);
  check.integer(away?.["maxMs"], "settings.away.maxMs", LIMITS.awayMs);
  const inventory = check.record(settings["inventory"], "settings.inventory", ["maxStacks", "onFull"]);
  check.integer(inventory?.["maxStacks"], "settings.inventory.maxStacks", LIMITS.maxStacks);
  check.choice(inventory?.["onFull"], "settings.inventory.onFull", ["stash", "discard", "block"], "way");
  check.choice(settings["onBlocked"], "settings.onBlocked", ["wait", "skip"], "way");
  check.choice(settings["rareFrom"], "settings.rareFrom", known.rarities, "rarity");
  check.boolean(settings["hideChances"], "settings.hideChances");
}

function checkSkill(check: Checker, value: unknown, path: string): void {
  const skill = check.record(value, path, ["name", "description", "levels"], { isRequired: true });
  if (skill === null) return;
  checkTexts(check, skill, path);
  const at = join(path, "levels");
  const levels = check.record(skill["levels"], at, ["xpBase", "xpGrowth", "max", "table"], { isRequired: true });
  if (levels === null) return;
  if (levels["table"] !== undefined) {
    if (Object.keys(levels).length > 1) check.add(at, "either a table, or xpBase, xpGrowth and max");
    checkLevelTable(check, levels["table"], join(at, "table"));
    return;
  }
  const xpBase = check.integer(levels["xpBase"], join(at, "xpBase"), LIMITS.xpBase, { isRequired: true });
  const xpGrowth = check.decimal(levels["xpGrowth"], join(at, "xpGrowth"), LIMITS.xpGrowth, { isRequired: true });
  const max = check.integer(levels["max"], join(at, "max"), LIMITS.level, { isRequired: true });
  if (xpBase === null || xpGrowth === null || max === null) return;
  if (xpByGrowth({ xpBase, xpGrowthPpm: Math.round(xpGrowth * PPM), max }) === null) {
    check.add(at, `level ${max} would ask for more than 2^53 xp`);
  }
}

function checkLevelTable(check: Checker, value: unknown, path: string): void {
  let last = 0;
  for (const [index, xp] of check.list(value, path, LIMITS.level).entries()) {
    const number = check.integer(xp, join(path, index), { min: 0, max: Number.MAX_SAFE_INTEGER }, { isRequired: true });
    if (number === null) continue;
    if (index === 0 && number !== 0) check.add(join(path, index), "level 1 asks for 0 xp");
    else if (number < last) check.add(join(path, index), `levels must not ask for less than the one before (${last})`);
    last = number;
  }
}

function checkItem(check: Checker, value: unknown, path: string, known: Known): void {
  const item = check.record(value, path, ["name", "description", "rarity", "maxStack", "tags", "equip"], { isRequired: true });
  if (item === null) return;
  checkTexts(check, item, path);
  check.choice(item["rarity"], join(path, "rarity"), known.rarities, "rarity");
  check.integer(item["maxStack"], join(path, "maxStack"), LIMITS.maxStack);
  idList(check, item["tags"], join(path, "tags"), LIMITS.tags, false);
  const at = join(path, "equip");
  const equip = check.record(item["equip"], at, ["slot", "effects"]);
  if (equip === null) return;
  check.id(equip["slot"], join(at, "slot"));
  for (const [index, effect] of check.list(equip["effects"], join(at, "effects"), LIMITS.effects).entries()) {
    checkEffect(check, effect, join(at, `effects.${index}`), known);
  }
}

function checkEffect(check: Checker, value: unknown, path: string, known: Known): void {
  const effect = check.record(value, path, ["stat", "add", "kind", "activity"], { isRequired: true });
  if (effect === null) return;
  check.choice(effect["stat"], join(path, "stat"), STATS, "stat", { isRequired: true });
  check.decimal(effect["add"], join(path, "add"), LIMITS.effectAdd, { isRequired: true });
  check.choice(effect["kind"], join(path, "kind"), known.kinds, "kind");
  check.choice(effect["activity"], join(path, "activity"), known.activities, "activity");
}

function checkNewPlayer(check: Checker, value: unknown, known: Known): void {
  const newPlayer = check.record(value, "newPlayer", ["items", "equipped", "xp"]);
  if (newPlayer === null) return;
  check.amounts(newPlayer["items"], "newPlayer.items", known.items, { what: "item", range: LIMITS.amount });
  check.amounts(newPlayer["xp"], "newPlayer.xp", known.skills, { what: "skill", range: LIMITS.xp });
  for (const [slot, item] of Object.entries(check.object(newPlayer["equipped"], "newPlayer.equipped") ?? {})) {
    const path = join("newPlayer.equipped", slot);
    if (!known.slots.includes(slot)) check.add("newPlayer.equipped", `no item goes in a slot "${slot}"`, closest(slot, known.slots));
    check.choice(item, path, known.items, "item", { isRequired: true });
    if (typeof item === "string" && known.items.includes(item) && known.slotOf.get(item) !== slot) {
      check.add(path, `"${item}" doesn't go in the slot "${slot}"`);
    }
  }
}

/** The texts for players that skills, items and activities may carry. */
export function checkTexts(check: Checker, value: JsonObject, path: string): void {
  check.text(value["name"], join(path, "name"), { maxLength: 200 });
  check.text(value["description"], join(path, "description"), { maxLength: 2_000 });
}
