/** From a checked document to the catalog that the rules read, and the hash that names it. */
import { MainspringError } from "../errors.js";
import { PPM, toPpm } from "../numbers.js";
import type {
  Activity,
  Alternative,
  Amounts,
  Catalog,
  Effect,
  Entry,
  Greatest,
  Item,
  Outcome,
  Settings,
  Skill,
  XpRule,
} from "./catalog.js";
import { checkCatalog } from "./check-catalog.js";
import { formatMistake } from "./checker.js";
import { DEFAULT_RARITIES } from "./known.js";
import { xpByGrowth } from "./levels.js";
import { DEFAULT_SETTINGS } from "./limits.js";
import { sha256Hex } from "./sha256.js";
import type {
  ActivitySource,
  CatalogSource,
  CountSource,
  EffectSource,
  GiveSource,
  LevelsSource,
  SettingsSource,
} from "./source.js";

/** Hexadecimal digits of a catalog's hash: 128 bits. */
export const HASH_DIGITS = 32;

/**
 * Checks and compiles a catalog.
 * @throws MainspringError `CATALOG_INVALID` with all mistakes, in the message and as `details.mistakes`.
 */
export function compileCatalog(document: unknown): Catalog {
  const check = checkCatalog(document);
  if (!check.isValid) {
    const lines = check.mistakes.map(formatMistake);
    throw new MainspringError(
      "CATALOG_INVALID",
      `The catalog has ${lines.length} mistake(s):\n${lines.join("\n")}`,
      {
        mistakes: check.mistakes,
      },
    );
  }
  // A copy: what its maker does to the document later changes nothing here. Optional keys that are `undefined` vanish.
  const source = JSON.parse(JSON.stringify(check.source)) as CatalogSource;
  const rarities = source.rarities ?? DEFAULT_RARITIES;
  const rareFrom = source.settings?.rareFrom;
  const rareRank = rareFrom === undefined ? Infinity : rarities.indexOf(rareFrom);
  const items = new Map<string, Item>();
  for (const [id, item] of sorted(source.items)) {
    items.set(id, {
      id,
      maxStack: item.maxStack ?? Number.MAX_SAFE_INTEGER,
      isRare: (item.rarity === undefined ? 0 : rarities.indexOf(item.rarity)) >= rareRank,
      tags: new Set(item.tags),
      equip:
        item.equip === undefined
          ? null
          : { slot: item.equip.slot, effects: (item.equip.effects ?? []).map(compileEffect) },
    });
  }
  const slots = new Set(
    [...items.values()].flatMap((item) => (item.equip === null ? [] : [item.equip.slot])),
  );
  const parts = {
    settings: compileSettings(source.settings ?? {}),
    kinds: source.kinds,
    skills: new Map<string, Skill>(
      sorted(source.skills).map(([id, { levels }]) => [id, { id, xpForLevel: compileLevels(levels) }]),
    ),
    items,
    activities: new Map(
      sorted(source.activities).map(([id, activity]) => [id, compileActivity(id, activity, items)]),
    ),
    newPlayer: {
      items: amounts(source.newPlayer?.items),
      equipped: sorted(source.newPlayer?.equipped),
      xp: amounts(source.newPlayer?.xp),
    },
  };
  // What only decides what players are shown is not part of the name.
  const { hideChances: _, queue, ...settings } = parts.settings;
  const { warnTotalMs: __, ...deciding } = queue;
  const hash = sha256Hex(canonical({ ...parts, settings: { ...settings, queue: deciding } })).slice(
    0,
    HASH_DIGITS,
  );
  return { hash, name: source.name, source, slots: [...slots].sort(), ...parts };
}

/** The entries of an object, sorted by key: the order in which a document is written decides nothing. */
function sorted<T>(value: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function amounts(value: Readonly<Record<string, number>> | undefined): Amounts {
  return sorted(value).filter(([, amount]) => amount > 0);
}

function ppm(decimal: number): number {
  const result = toPpm(decimal);
  if (result === null) throw new MainspringError("INTERNAL", `The check let ${decimal} pass.`);
  return result;
}

function compileSettings(settings: SettingsSource): Settings {
  const { rareFrom: _, ...rest } = settings;
  return {
    ...DEFAULT_SETTINGS,
    ...rest,
    queue: { ...DEFAULT_SETTINGS.queue, ...settings.queue },
    away: { ...DEFAULT_SETTINGS.away, ...settings.away },
    inventory: { ...DEFAULT_SETTINGS.inventory, ...settings.inventory },
  };
}

function compileLevels(levels: LevelsSource): readonly number[] {
  if ("table" in levels) return levels.table;
  const table = xpByGrowth({ xpBase: levels.xpBase, xpGrowthPpm: ppm(levels.xpGrowth), max: levels.max });
  if (table === null)
    throw new MainspringError("INTERNAL", "The check let a level pass that asks for too much xp.");
  return table;
}

function compileEffect(effect: EffectSource): Effect {
  return {
    stat: effect.stat,
    addPpm: ppm(effect.add),
    kind: effect.kind ?? null,
    activity: effect.activity ?? null,
  };
}

function compileActivity(id: string, source: ActivitySource, items: ReadonlyMap<string, Item>): Activity {
  const alternatives: Alternative[] = [];
  const gives = source.gives ?? [];
  const compile = (give: GiveSource, index: number): Entry =>
    compileEntry(give, { index, items, alternatives });
  const success = outcome(gives.map(compile));
  const failure = outcome(
    (source.onFailure?.gives ?? []).map((give, index) => compile(give, gives.length + index)),
  );
  const rule = source.success;
  return {
    id,
    kind: source.kind,
    durationMs: source.durationMs,
    available: { fromMs: source.available?.fromMs ?? 0, untilMs: source.available?.untilMs ?? Infinity },
    requires: {
      skills: amounts(source.requires?.skills),
      equipped: sorted(source.requires?.equipped),
      items: amounts(source.requires?.items),
    },
    takes: amounts(source.takes),
    speed: (source.speed ?? []).map(({ skill, perLevel, max }) => ({
      skill,
      perLevelPpm: ppm(perLevel),
      maxPpm: ppm(max),
    })),
    success:
      rule === undefined
        ? null
        : {
            basePpm: ppm(rule.base),
            skill: rule.skill ?? null,
            perLevelPpm: ppm(rule.perLevel ?? 0),
            maxPpm: rule.max === undefined ? PPM : ppm(rule.max),
          },
    outcomes: { success, failure },
    xp: compileXp(source),
    alternatives,
    greatest: compileGreatest(success, failure),
  };
}

function compileXp(source: ActivitySource): readonly XpRule[] {
  const onSuccess = source.xp ?? {};
  const onFailure = source.onFailure?.xp ?? {};
  const skills = [...new Set([...Object.keys(onSuccess), ...Object.keys(onFailure)])].sort();
  const rules = skills.map((skill) => ({
    skill,
    onSuccess: onSuccess[skill] ?? 0,
    onFailure: onFailure[skill] ?? 0,
  }));
  return rules.filter((rule) => rule.onSuccess > 0 || rule.onFailure > 0);
}

function compileEntry(
  give: GiveSource,
  {
    index,
    items,
    alternatives,
  }: { index: number; items: ReadonlyMap<string, Item>; alternatives: Alternative[] },
): Entry {
  const things = "oneOf" in give ? give.oneOf : [{ weight: 1, item: give.item, ...countOf(give.count) }];
  const own = things.map(({ weight, item, count }): Alternative => {
    const [min, max] = boundsOf(count);
    return { slot: alternatives.length, item, min, max, weight, isRare: items.get(item)?.isRare ?? false };
  });
  own.forEach((alternative, offset) =>
    alternatives.push({ ...alternative, slot: alternative.slot + offset }),
  );
  return {
    index,
    chancePpm: give.chance === undefined ? PPM : ppm(give.chance),
    alternatives: alternatives.slice(-own.length),
    totalWeight: own.reduce((sum, { weight }) => sum + weight, 0),
  };
}

function countOf(count: CountSource | undefined): { count?: CountSource } {
  return count === undefined ? {} : { count };
}

/** A count as its least and greatest. */
export function boundsOf(count: CountSource = 1): readonly [number, number] {
  return typeof count === "number" ? [count, count] : count;
}

function outcome(entries: readonly Entry[]): Outcome {
  const isCertain = entries.every(
    ({ chancePpm, alternatives: [first, ...others] }) =>
      chancePpm === PPM && others.length === 0 && first?.min === first?.max,
  );
  return { entries, isCertain };
}

function compileGreatest(success: Outcome, failure: Outcome): readonly Greatest[] {
  const none = { amount: 0, entries: 0 };
  const [onSuccess, onFailure] = [greatestByItem(success), greatestByItem(failure)];
  const items = [...new Set([...onSuccess.keys(), ...onFailure.keys()])].sort();
  return items.map((item) => ({
    item,
    success: onSuccess.get(item) ?? none,
    failure: onFailure.get(item) ?? none,
  }));
}

/** An entry gives one of its alternatives, so of an item at most the greatest of those with that item. */
function greatestByItem({ entries }: Outcome): ReadonlyMap<string, { amount: number; entries: number }> {
  const total = new Map<string, { amount: number; entries: number }>();
  for (const { alternatives } of entries) {
    const most = new Map<string, number>();
    for (const { item, max } of alternatives) most.set(item, Math.max(max, most.get(item) ?? 0));
    for (const [item, max] of most) {
      const before = total.get(item) ?? { amount: 0, entries: 0 };
      total.set(item, { amount: before.amount + max, entries: before.entries + 1 });
    }
  }
  return total;
}

/** JSON with sorted keys; maps as objects, sets as lists. Equal content gives equal text. */
function canonical(value: unknown): string {
  if (value instanceof Map) return canonical(Object.fromEntries(value as Map<string, unknown>));
  if (value instanceof Set) return canonical([...(value as Set<string>)].sort());
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${sorted(value as Record<string, unknown>)
      .map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`)
      .join(",")}}`;
  }
  return value === Infinity ? '"Infinity"' : JSON.stringify(value);
}
