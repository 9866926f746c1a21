/** The catalog as players may see it: without hidden activities and, if the settings say so, without chances. */
import type { Catalog, Settings } from "./catalog.js";
import { boundsOf } from "./compile.js";
import { DEFAULT_RARITIES } from "./known.js";
import type {
  ActivitySource,
  EffectSource,
  GiveSource,
  ItemSource,
  SkillSource,
  SuccessSource,
} from "./source.js";

/** What an entry of `gives` may give. */
export interface PublicThing {
  readonly item: string;
  /** `[min, max]`, the same twice where it is certain. */
  readonly count: readonly [number, number];
  /** Of an alternative; left out where chances are hidden. */
  readonly weight?: number;
}

/** `chance` is left out where chances are hidden. */
export type PublicGive =
  | { readonly item: string; readonly count: readonly [number, number]; readonly chance?: number }
  | { readonly oneOf: readonly PublicThing[]; readonly chance?: number };

export interface PublicActivity {
  readonly kind: string;
  readonly name: string;
  readonly description: string;
  readonly durationMs: number;
  /** Only what bounds it: absent means always. */
  readonly available: { readonly fromMs?: number; readonly untilMs?: number };
  readonly requires: {
    readonly skills: Readonly<Record<string, number>>;
    readonly equipped: Readonly<Record<string, string>>;
    readonly items: Readonly<Record<string, number>>;
  };
  readonly takes: Readonly<Record<string, number>>;
  readonly gives: readonly PublicGive[];
  readonly xp: Readonly<Record<string, number>>;
  readonly speed: readonly { readonly skill: string; readonly perLevel: number; readonly max: number }[];
  /** `null`: it always succeeds. Where chances are hidden only the skill remains. */
  readonly success: Partial<SuccessSource> | null;
  readonly onFailure: {
    readonly gives: readonly PublicGive[];
    readonly xp: Readonly<Record<string, number>>;
  };
}

export interface PublicSkill {
  readonly name: string;
  readonly description: string;
  /** `xpForLevel[n - 1]` is the xp that level n asks for. */
  readonly xpForLevel: readonly number[];
}

export interface PublicItem {
  readonly name: string;
  readonly description: string;
  readonly rarity: string;
  /** `null`: any number shares one place. */
  readonly maxStack: number | null;
  readonly tags: readonly string[];
  readonly equip: { readonly slot: string; readonly effects: readonly EffectSource[] } | null;
}

/** Plain JSON. Ids are in the order of the document: its order is how a game lists things. */
export interface PublicCatalog {
  readonly hash: string;
  readonly name: string;
  readonly description: string;
  readonly settings: Settings & { readonly rareFrom: string | null };
  readonly kinds: readonly string[];
  readonly rarities: readonly string[];
  /** Slots that some item can be equipped in, sorted. */
  readonly slots: readonly string[];
  readonly skills: Readonly<Record<string, PublicSkill>>;
  readonly items: Readonly<Record<string, PublicItem>>;
  readonly activities: Readonly<Record<string, PublicActivity>>;
}

/**
 * What players may know of a catalog; names default to ids, and everything that is optional in a document is filled in.
 * The id of a hidden activity appears nowhere: effects on it are left out too. Items are shown wherever they come from.
 */
export function publicCatalog(catalog: Catalog): PublicCatalog {
  const { source, settings } = catalog;
  const shown = Object.entries(source.activities).filter(([, { hidden }]) => hidden !== true);
  const shownIds = new Set(shown.map(([id]) => id));
  const rarities = source.rarities ?? DEFAULT_RARITIES;
  return {
    hash: catalog.hash,
    name: source.name,
    description: source.description ?? "",
    settings: { ...settings, rareFrom: source.settings?.rareFrom ?? null },
    kinds: catalog.kinds,
    rarities,
    slots: catalog.slots,
    skills: mapValues(source.skills, (skill, id) => publicSkill(skill, id, catalog)),
    items: mapValues(source.items, (item, id) => publicItem(item, id, { rarities, shownIds })),
    activities: mapValues(Object.fromEntries(shown), (activity, id) =>
      publicActivity(activity, id, settings.hideChances),
    ),
  };
}

function publicSkill(skill: SkillSource, id: string, catalog: Catalog): PublicSkill {
  return { ...textsOf(skill, id), xpForLevel: catalog.skills.get(id)?.xpForLevel ?? [] };
}

function publicItem(
  item: ItemSource,
  id: string,
  { rarities, shownIds }: { rarities: readonly string[]; shownIds: ReadonlySet<string> },
): PublicItem {
  const isShown = ({ activity }: EffectSource): boolean => activity === undefined || shownIds.has(activity);
  const { equip } = item;
  return {
    ...textsOf(item, id),
    rarity: item.rarity ?? rarities[0] ?? "",
    maxStack: item.maxStack ?? null,
    tags: item.tags ?? [],
    equip: equip === undefined ? null : { slot: equip.slot, effects: (equip.effects ?? []).filter(isShown) },
  };
}

function publicActivity(activity: ActivitySource, id: string, hidesChances: boolean): PublicActivity {
  const { requires, success, onFailure } = activity;
  const give = (one: GiveSource): PublicGive => publicGive(one, hidesChances);
  return {
    kind: activity.kind,
    ...textsOf(activity, id),
    durationMs: activity.durationMs,
    available: activity.available ?? {},
    requires: {
      skills: requires?.skills ?? {},
      equipped: requires?.equipped ?? {},
      items: requires?.items ?? {},
    },
    takes: activity.takes ?? {},
    gives: (activity.gives ?? []).map(give),
    xp: activity.xp ?? {},
    speed: activity.speed ?? [],
    success: success === undefined ? null : publicSuccess(success, hidesChances),
    onFailure: { gives: (onFailure?.gives ?? []).map(give), xp: onFailure?.xp ?? {} },
  };
}

function publicGive(give: GiveSource, hidesChances: boolean): PublicGive {
  const chance = hidesChances ? {} : { chance: give.chance ?? 1 };
  if (!("oneOf" in give)) return { item: give.item, count: boundsOf(give.count), ...chance };
  const oneOf = give.oneOf.map(({ weight, item, count }) => ({
    item,
    count: boundsOf(count),
    ...(hidesChances ? {} : { weight }),
  }));
  return { oneOf, ...chance };
}

function publicSuccess(success: SuccessSource, hidesChances: boolean): Partial<SuccessSource> {
  if (!hidesChances) return success;
  return success.skill === undefined ? {} : { skill: success.skill };
}

function textsOf(
  source: { readonly name?: string; readonly description?: string },
  id: string,
): { name: string; description: string } {
  return { name: source.name ?? id, description: source.description ?? "" };
}

function mapValues<T, R>(
  values: Readonly<Record<string, T>> | undefined,
  map: (value: T, id: string) => R,
): Readonly<Record<string, R>> {
  return Object.fromEntries(Object.entries(values ?? {}).map(([id, value]) => [id, map(value, id)]));
}
