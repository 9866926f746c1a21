/** From plans of catalogs to their documents. */
import type {
  ActivitySource,
  CatalogSource,
  CountSource,
  EffectSource,
  GiveSource,
  ItemSource,
  SettingsSource,
} from "../../src/catalog/source.js";
import type {
  ActivityPlan,
  CatalogPlan,
  ChangePlan,
  CountPlan,
  EffectPlan,
  GivePlan,
  ItemPlan,
  OutcomePlan,
  Ref,
  SettingsPlan,
} from "./catalog-plan.js";

/** The instant around which all histories play. */
export const EPOCH_MS = 1_700_000_000_000;

const KINDS = ["craft", "harvest"];
const RARITIES = ["common", "rare", "epic"];
const SLOTS = ["hand", "head"];
const TAG = "tool";

/** Ids of what a plan's things are called: in another order than the plan's, so that sorting shows. */
export const skillId = (index: number): string =>
  ["mining", "alchemy", "smithing", "combat", "zeal"][index] ?? "skill";
export const itemId = (index: number): string =>
  ["ore", "gear", "coal", "axe", "pick", "zinc"][index] ?? "item";
export const activityId = (index: number): string =>
  ["mine", "forge", "fight", "brew", "axle"][index] ?? "activity";

interface Present {
  readonly unitMs: number;
  readonly skills: readonly string[];
  readonly maxLevels: ReadonlyMap<string, number>;
  readonly items: readonly string[];
  readonly activities: readonly string[];
  readonly slots: readonly string[];
  readonly taggedSlots: readonly string[];
}

/** What a number refers to among what there is. */
export function at<T>(choices: readonly T[], index: Ref): T | undefined {
  return choices.length === 0 ? undefined : choices[index % choices.length];
}

function isKept(gone: number, index: number): boolean {
  return ((gone >>> index) & 1) === 0;
}

const NO_CHANGE: ChangePlan = {
  goneSkills: 0,
  goneItems: 0,
  goneActivities: 0,
  rotate: 0,
  settings: null,
  afterUnits: 0,
};

/** The document of a plan, or of what a change makes of it. */
export function buildCatalog(plan: CatalogPlan, change: ChangePlan = NO_CHANGE): CatalogSource {
  const keptItems = plan.items.flatMap((item, index) =>
    isKept(change.goneItems, index) ? [[itemId(index), item] as const] : [],
  );
  const skills = plan.skills.flatMap((levels, index) =>
    isKept(change.goneSkills, index)
      ? [[skillId(index), "xpBase" in levels ? { levels } : { levels: { table: levels } }] as const]
      : [],
  );
  // One activity always stays: a catalog has at least one.
  const activities = plan.activities.flatMap((_, index) =>
    index === 0 || isKept(change.goneActivities, index) ? [index] : [],
  );
  const worn = keptItems.flatMap(([, { equip, isTagged }]) =>
    equip === null ? [] : [{ slot: at(SLOTS, equip.slot) ?? "", isTagged }],
  );
  const present: Present = {
    unitMs: plan.unitMs,
    skills: skills.map(([id]) => id),
    maxLevels: new Map(
      skills.map(([id, { levels }]) => [id, "table" in levels ? levels.table.length : levels.max]),
    ),
    items: keptItems.map(([id]) => id),
    activities: activities.map(activityId),
    slots: worn.map(({ slot }) => slot),
    taggedSlots: worn.filter(({ isTagged }) => isTagged).map(({ slot }) => slot),
  };
  return {
    name: "generated",
    settings: buildSettings(change.settings ?? plan.settings, plan.unitMs),
    rarities: RARITIES,
    kinds: KINDS,
    skills: Object.fromEntries(skills),
    items: Object.fromEntries(keptItems.map(([id, item]) => [id, buildItem(item, present)])),
    activities: Object.fromEntries(
      activities.flatMap((index) => {
        const content = at(plan.activities, index + change.rotate);
        return content === undefined ? [] : [[activityId(index), buildActivity(content, present)]];
      }),
    ),
    newPlayer: {
      items: amounts(plan.newPlayer.items, present.items),
      xp: amounts(plan.newPlayer.xp, present.skills),
      equipped: Object.fromEntries(
        plan.newPlayer.equipped.flatMap((index) => {
          const item = at(keptItems, index);
          const equip = item?.[1].equip ?? null;
          return item === undefined || equip === null ? [] : [[at(SLOTS, equip.slot) ?? "", item[0]]];
        }),
      ),
    },
  };
}

function buildSettings(plan: SettingsPlan, unitMs: number): SettingsSource {
  const day = 86_400_000;
  return {
    minCycleMs: plan.minCycleMs,
    queue: {
      maxTasks: plan.maxTasks,
      maxTaskMs: Math.min(30 * day, Math.max(plan.minCycleMs, plan.maxTaskUnits * unitMs)),
    },
    away: { maxMs: plan.awayMs },
    inventory: { maxStacks: plan.maxStacks, onFull: plan.onFull },
    onBlocked: plan.onBlocked,
    ...(plan.rareFrom === null ? {} : { rareFrom: at(RARITIES, plan.rareFrom) ?? "common" }),
  };
}

function buildItem(plan: ItemPlan, present: Present): ItemSource {
  return {
    rarity: at(RARITIES, plan.rarity) ?? "common",
    ...(plan.maxStack === null ? {} : { maxStack: plan.maxStack }),
    ...(plan.isTagged ? { tags: [TAG] } : {}),
    ...(plan.equip === null
      ? {}
      : {
          equip: {
            slot: at(SLOTS, plan.equip.slot) ?? "",
            effects: plan.equip.effects.map((effect) => buildEffect(effect, present)),
          },
        }),
  };
}

function buildEffect({ stat, add, kind, activity }: EffectPlan, present: Present): EffectSource {
  return {
    stat,
    add,
    ...(kind === null ? {} : { kind: at(KINDS, kind) ?? "" }),
    ...(activity === null ? {} : { activity: at(present.activities, activity) ?? "" }),
  };
}

function amounts(list: readonly (readonly [Ref, number])[], ids: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    list.flatMap(([index, amount]) => {
      const id = at(ids, index);
      return id === undefined ? [] : [[id, amount]];
    }),
  );
}

function buildActivity(plan: ActivityPlan, present: Present): ActivitySource {
  const { unitMs } = present;
  const { success } = plan;
  const slot = plan.slot === null ? undefined : at(present.taggedSlots, plan.slot);
  const skill = success === null || success.skill === null ? undefined : at(present.skills, success.skill);
  return {
    kind: at(KINDS, plan.kind) ?? "",
    durationMs: Math.max(1, plan.units * unitMs + plan.extraMs),
    ...(plan.window === null ? {} : { available: buildWindow(plan.window, unitMs) }),
    requires: {
      skills: Object.fromEntries(
        Object.entries(amounts(plan.skills, present.skills)).map(([id, level]) => [
          id,
          Math.min(level, present.maxLevels.get(id) ?? 1),
        ]),
      ),
      items: amounts(plan.items, present.items),
      ...(slot === undefined ? {} : { equipped: { [slot]: TAG } }),
    },
    takes: amounts(plan.takes, present.items),
    ...buildOutcome(plan.outcome, present),
    speed: plan.speed.flatMap(({ skill: index, perLevel, max }) => {
      const id = at(present.skills, index);
      return id === undefined ? [] : [{ skill: id, perLevel, max }];
    }),
    ...(success === null
      ? {}
      : {
          success: {
            base: success.base,
            ...(skill === undefined ? {} : { skill, perLevel: success.perLevel }),
            ...(success.max === null ? {} : { max: success.max }),
          },
          ...(success.onFailure === null ? {} : { onFailure: buildOutcome(success.onFailure, present) }),
        }),
  };
}

function buildWindow(
  { fromUnits, lengthUnits }: { readonly fromUnits: number | null; readonly lengthUnits: number | null },
  unitMs: number,
): { fromMs?: number; untilMs?: number } {
  const fromMs = EPOCH_MS + (fromUnits ?? 0) * unitMs;
  return {
    ...(fromUnits === null ? {} : { fromMs }),
    ...(lengthUnits === null ? {} : { untilMs: fromMs + lengthUnits * unitMs }),
  };
}

function buildOutcome(plan: OutcomePlan, present: Present): Pick<ActivitySource, "gives" | "xp"> {
  return {
    gives: plan.gives.flatMap((give) => buildGive(give, present)),
    xp: amounts(plan.xp, present.skills),
  };
}

function buildGive({ things, chance }: GivePlan, present: Present): GiveSource[] {
  const found = things.flatMap(({ weight, item, count }) => {
    const id = at(present.items, item);
    return id === undefined ? [] : [{ weight, item: id, ...buildCount(count) }];
  });
  const [first, ...others] = found;
  if (first === undefined) return [];
  const { weight: _, ...thing } = first;
  const chances = chance === null ? {} : { chance };
  return [others.length === 0 ? { ...thing, ...chances } : { oneOf: found, ...chances }];
}

function buildCount(count: CountPlan): { count?: CountSource } {
  return count === null ? {} : { count };
}
