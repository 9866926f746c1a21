/** The check of one activity. */
import { type Checker, describe, type JsonObject, join } from "./checker.js";
import { entriesOf, type Known } from "./known.js";
import { LIMITS } from "./limits.js";

const KEYS = {
  activity: new Set([
    "kind",
    "name",
    "description",
    "durationMs",
    "hidden",
    "available",
    "requires",
    "takes",
    "gives",
    "xp",
    "speed",
    "success",
    "onFailure",
  ]),
  window: new Set(["fromMs", "untilMs"]),
  requires: new Set(["skills", "equipped", "items"]),
  give: new Set(["item", "count", "chance"]),
  giveOneOf: new Set(["oneOf", "chance"]),
  alternative: new Set(["weight", "item", "count"]),
  bonus: new Set(["skill", "perLevel", "max"]),
  success: new Set(["base", "skill", "perLevel", "max"]),
  onFailure: new Set(["gives", "xp"]),
};

/** Notes the mistakes of an activity. */
export function checkActivity(check: Checker, value: unknown, path: string, known: Known): void {
  const activity = check.record(value, path, KEYS.activity, { isRequired: true });
  if (activity === null) return;
  check.reference(activity["kind"], join(path, "kind"), known.kinds, "kind", { isRequired: true });
  check.text(activity["name"], join(path, "name"), { maxLength: 200 });
  check.text(activity["description"], join(path, "description"), { maxLength: 2_000 });
  check.integer(activity["durationMs"], join(path, "durationMs"), LIMITS.durationMs, { isRequired: true });
  check.boolean(activity["hidden"], join(path, "hidden"));
  checkWindow(check, activity["available"], join(path, "available"));
  checkRequires(check, activity["requires"], join(path, "requires"), known);
  check.amounts(activity["takes"], join(path, "takes"), known.items, { what: "item", range: LIMITS.amount });
  checkGives(check, activity["gives"], join(path, "gives"), known);
  check.amounts(activity["xp"], join(path, "xp"), known.skills, { what: "skill", range: LIMITS.xp });
  checkSpeed(check, activity["speed"], join(path, "speed"), known);
  checkSuccess(check, activity["success"], join(path, "success"), known);
  const onFailure = check.record(activity["onFailure"], join(path, "onFailure"), KEYS.onFailure);
  if (onFailure === null) return;
  if (activity["success"] === undefined)
    check.add(join(path, "onFailure"), "has no use: without success the activity never fails");
  checkGives(check, onFailure["gives"], join(path, "onFailure.gives"), known);
  check.amounts(onFailure["xp"], join(path, "onFailure.xp"), known.skills, {
    what: "skill",
    range: LIMITS.xp,
  });
}

function checkWindow(check: Checker, value: unknown, path: string): void {
  const window = check.record(value, path, KEYS.window);
  if (window === null) return;
  const fromMs = check.integer(window["fromMs"], join(path, "fromMs"), LIMITS.instantMs) ?? 0;
  const untilMs = check.integer(window["untilMs"], join(path, "untilMs"), LIMITS.instantMs);
  if (untilMs !== null && untilMs <= fromMs)
    check.add(path, `untilMs (${untilMs}) must be after fromMs (${fromMs})`);
}

function checkRequires(check: Checker, value: unknown, path: string, known: Known): void {
  const requires = check.record(value, path, KEYS.requires);
  if (requires === null) return;
  const skills = join(path, "skills");
  check.amounts(requires["skills"], skills, known.skills, { what: "skill", range: LIMITS.level });
  for (const [skill, level] of entriesOf(requires["skills"])) {
    const max = known.maxLevels.get(skill);
    if (typeof level === "number" && level <= LIMITS.level.max && max !== undefined && level > max) {
      check.add(join(skills, skill), `level ${level} can't be reached: the highest is ${max}`);
    }
  }
  check.amounts(requires["items"], join(path, "items"), known.items, { what: "item", range: LIMITS.amount });
  const equipped = join(path, "equipped");
  for (const [slot, tag] of Object.entries(check.object(requires["equipped"], equipped) ?? {})) {
    check.slot(slot, equipped, known.slots);
    const tags = known.tagsBySlot.get(slot);
    const at = join(equipped, slot);
    if (typeof tag !== "string") check.add(at, `must be a tag, not ${describe(tag)}`);
    else if (tags?.has(tag) === false)
      check.addUnknown(at, `no item for this slot has the tag ${describe(tag)}`, tag, tags);
  }
}

function checkGives(check: Checker, value: unknown, path: string, known: Known): void {
  for (const [index, entry] of check.list(value, path, LIMITS.entries).entries()) {
    const at = join(path, index);
    const give = check.object(entry, at, { isRequired: true });
    if (give === null) continue;
    const isOneOf = give["oneOf"] !== undefined;
    check.record(entry, at, isOneOf ? KEYS.giveOneOf : KEYS.give);
    check.decimal(give["chance"], join(at, "chance"), LIMITS.chance);
    if (isOneOf) checkOneOf(check, give["oneOf"], join(at, "oneOf"), known);
    else checkThing(check, give, at, known);
  }
}

function checkOneOf(check: Checker, value: unknown, path: string, known: Known): void {
  let total = 0;
  for (const [index, entry] of check.list(value, path, LIMITS.alternatives).entries()) {
    const at = join(path, index);
    const alternative = check.record(entry, at, KEYS.alternative, { isRequired: true });
    if (alternative === null) continue;
    total +=
      check.integer(alternative["weight"], join(at, "weight"), LIMITS.totalWeight, { isRequired: true }) ?? 0;
    checkThing(check, alternative, at, known);
  }
  if (total > LIMITS.totalWeight.max)
    check.add(path, `the weights must add up to at most ${LIMITS.totalWeight.max}, not ${total}`);
}

function checkThing(check: Checker, thing: JsonObject, path: string, known: Known): void {
  check.reference(thing["item"], join(path, "item"), known.items, "item", { isRequired: true });
  const count = thing["count"];
  const at = join(path, "count");
  if (!Array.isArray(count)) {
    check.integer(count, at, LIMITS.count);
    return;
  }
  const bounds = check.list(count, at, { min: 2, max: 2 });
  const min = check.integer(bounds[0], join(at, 0), LIMITS.count, { isRequired: true });
  const max = check.integer(bounds[1], join(at, 1), LIMITS.count, { isRequired: true });
  if (min !== null && max !== null && min > max) check.add(at, `${min} is more than ${max}`);
}

function checkSpeed(check: Checker, value: unknown, path: string, known: Known): void {
  for (const [index, entry] of check.list(value, path, LIMITS.bonuses).entries()) {
    const at = join(path, index);
    const bonus = check.record(entry, at, KEYS.bonus, { isRequired: true });
    if (bonus === null) continue;
    check.reference(bonus["skill"], join(at, "skill"), known.skills, "skill", { isRequired: true });
    check.decimal(bonus["perLevel"], join(at, "perLevel"), LIMITS.perLevel, { isRequired: true });
    check.decimal(bonus["max"], join(at, "max"), LIMITS.bonusMax, { isRequired: true });
  }
}

function checkSuccess(check: Checker, value: unknown, path: string, known: Known): void {
  const success = check.record(value, path, KEYS.success);
  if (success === null) return;
  check.decimal(success["base"], join(path, "base"), LIMITS.successBase, { isRequired: true });
  check.reference(success["skill"], join(path, "skill"), known.skills, "skill", {
    isRequired: success["perLevel"] !== undefined,
  });
  check.decimal(success["perLevel"], join(path, "perLevel"), LIMITS.perLevel);
  check.decimal(success["max"], join(path, "max"), LIMITS.successMax);
}
