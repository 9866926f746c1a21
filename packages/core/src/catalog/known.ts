/** What a catalog's document defines: the ids that the rest of it may refer to. */
import { type Checker, isObject, join, type Names, type Range } from "./checker.js";
import { LIMITS } from "./limits.js";

/** The ids that a document defines, and what they are: what references are checked against. */
export interface Known {
  readonly kinds: Names;
  readonly rarities: Names;
  readonly skills: Names;
  /** Highest level by skill. */
  readonly maxLevels: ReadonlyMap<string, number>;
  readonly items: Names;
  readonly activities: Names;
  /** Slot by equippable item. */
  readonly slotOf: ReadonlyMap<string, string>;
  readonly slots: Names;
  /** Tags of the items that go in a slot. */
  readonly tagsBySlot: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What a catalog without `rarities` has. */
export const DEFAULT_RARITIES: readonly string[] = ["common"];

/** Collects what a document defines, and notes the mistakes in the ids themselves. */
export function collectKnown(check: Checker, top: Readonly<Record<string, unknown>>): Known {
  const kinds = idList(check, top["kinds"], "kinds", LIMITS.kinds, { isRequired: true });
  const rarities =
    top["rarities"] === undefined
      ? new Set(DEFAULT_RARITIES)
      : idList(check, top["rarities"], "rarities", LIMITS.rarities);
  const skills = idsOf(check, top["skills"], "skills", LIMITS.skills);
  const items = idsOf(check, top["items"], "items", LIMITS.items);
  const activities = idsOf(check, top["activities"], "activities", LIMITS.activities);
  const equipment = collectEquipment(top["items"]);
  const { size } = equipment.tagsBySlot;
  if (size > LIMITS.slots.max) check.add("items", `must have at most ${LIMITS.slots.max} slots, not ${size}`);
  return {
    kinds,
    rarities,
    skills,
    maxLevels: new Map(entriesOf(top["skills"]).map(([id, skill]) => [id, maxLevelOf(skill)])),
    items,
    activities,
    ...equipment,
    slots: items === null ? null : new Set(equipment.tagsBySlot.keys()),
  };
}

function collectEquipment(items: unknown): Pick<Known, "slotOf" | "tagsBySlot"> {
  const slotOf = new Map<string, string>();
  const tagsBySlot = new Map<string, Set<string>>();
  for (const [id, item] of entriesOf(items)) {
    if (!isObject(item)) continue;
    const { equip, tags } = item;
    const slot = isObject(equip) ? equip["slot"] : undefined;
    if (typeof slot !== "string") continue;
    slotOf.set(id, slot);
    const known = tagsBySlot.get(slot) ?? new Set();
    if (Array.isArray(tags)) for (const tag of tags as unknown[]) if (typeof tag === "string") known.add(tag);
    tagsBySlot.set(slot, known);
  }
  return { slotOf, tagsBySlot };
}

/** A list of ids, each once. `null` if it is no list at all. */
export function idList(
  check: Checker,
  value: unknown,
  path: string,
  range: Range,
  { isRequired = false } = {},
): Names {
  const ids = new Set<string>();
  for (const [index, id] of check.list(value, path, range, { isRequired }).entries()) {
    check.id(id, join(path, index));
    if (typeof id !== "string") continue;
    if (ids.has(id)) check.add(join(path, index), `"${id}" is there twice`);
    ids.add(id);
  }
  return Array.isArray(value) ? ids : null;
}

/** The keys of a part of the document. `null` if it is there and no object. */
function idsOf(check: Checker, value: unknown, path: string, range: Range): Names {
  const part = check.object(value, path, { isRequired: range.min > 0 });
  if (part === null) return value === undefined ? new Set() : null;
  const ids = new Set(Object.keys(part));
  for (const id of ids) check.id(id, join(path, id));
  check.size(ids.size, path, range);
  return ids;
}

/** The entries of what should be an object; none if it isn't one. */
export function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** The highest level of a skill; of one that is wrong in itself, the highest there can be. */
function maxLevelOf(skill: unknown): number {
  const levels = isObject(skill) && isObject(skill["levels"]) ? skill["levels"] : {};
  if (Array.isArray(levels["table"])) return Math.max(LIMITS.level.min, levels["table"].length);
  const { max } = levels;
  return typeof max === "number" && max >= LIMITS.level.min ? max : LIMITS.level.max;
}
