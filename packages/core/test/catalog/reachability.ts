/** What a player can ever get to in a catalog, found without playing: a fix-point over what unlocks what. */
import type { Activity, Catalog } from "../../src/index.js";

export interface Reachable {
  readonly activities: ReadonlySet<string>;
  readonly items: ReadonlySet<string>;
  /** Skills that some reachable activity gives xp in: they can rise to any level. */
  readonly skills: ReadonlySet<string>;
}

/**
 * Everything that can be reached from what newcomers have. An item is reachable once a reachable activity can give it; a
 * level, once a reachable activity gives xp in the skill. `except` takes activities out: what isn't always there.
 */
export function reachableIn(
  catalog: Catalog,
  except: (activity: Activity) => boolean = () => false,
): Reachable {
  const { newPlayer } = catalog;
  const items = new Set(
    [...newPlayer.items, ...newPlayer.equipped.map(([, item]) => [item, 1] as const)].map(([id]) => id),
  );
  const activities = new Set<string>();
  const skills = new Set<string>();
  const isReachable = (activity: Activity): boolean => {
    const { requires, takes } = activity;
    return (
      requires.skills.every(([skill, level]) => level === 1 || skills.has(skill)) &&
      [...requires.items, ...takes].every(([item]) => items.has(item)) &&
      requires.equipped.every(([slot, tag]) => [...items].some((item) => fits(catalog, item, { slot, tag })))
    );
  };
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false;
    for (const activity of catalog.activities.values()) {
      if (activities.has(activity.id) || except(activity) || !isReachable(activity)) continue;
      isGrowing = true;
      activities.add(activity.id);
      for (const { item } of activity.alternatives) items.add(item);
      for (const { skill } of activity.xp) skills.add(skill);
    }
  }
  return { activities, items, skills };
}

/** True if an item goes in the slot and carries the tag. */
export function fits(catalog: Catalog, id: string, { slot, tag }: { slot: string; tag: string }): boolean {
  const item = catalog.items.get(id);
  return item?.equip?.slot === slot && item.tags.has(tag);
}

/** How many activities feed one another, at the most, before an item comes out: 1 for what is given for nothing. */
export function depthOf(catalog: Catalog, id: string, above: readonly string[] = []): number {
  const sources = [...catalog.activities.values()].filter(({ alternatives }) =>
    alternatives.some(({ item }) => item === id),
  );
  const inputs = sources.flatMap(({ takes }) => takes.map(([input]) => input));
  const next = [...new Set(inputs)].filter((input) => input !== id && !above.includes(input));
  return 1 + Math.max(0, ...next.map((input) => depthOf(catalog, input, [...above, id])));
}
