/** A small catalog without mistakes that uses every part of the content model; what the broken ones are made from. */

/** The text of a catalog document, afresh each time. */
export function workshop(): Record<string, unknown> {
  return JSON.parse(WORKSHOP) as Record<string, unknown>;
}

/**
 * The workshop with some values set, each by its path (`activities.forge-gear.takes`); `undefined` takes one out.
 * Paths end at dots: the ids of the workshop have none.
 */
export function patched(patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const document = workshop();
  for (const [path, value] of Object.entries(patch)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let target: Record<string, unknown> = document;
    for (const key of keys) target = target[key] as Record<string, unknown>;
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return document;
}

const WORKSHOP = JSON.stringify({
  name: "workshop",
  description: "A bench, a hammer, a drone.",
  settings: {
    minCycleMs: 250,
    queue: { maxTasks: 50, maxTaskMs: 86_400_000, warnTotalMs: 604_800_000 },
    away: { maxMs: 2_592_000_000 },
    inventory: { maxStacks: 50, onFull: "stash" },
    onBlocked: "wait",
    rareFrom: "rare",
    hideChances: false,
  },
  rarities: ["common", "rare"],
  kinds: ["harvest", "craft", "combat"],
  skills: {
    mining: { name: "Mining", description: "Down.", levels: { xpBase: 100, xpGrowth: 1.15, max: 50 } },
    smithing: { levels: { table: [0, 100, 215] } },
  },
  items: {
    "copper-ore": { name: "Copper ore", description: "Green.", maxStack: 9999 },
    gear: { rarity: "common" },
    scrap: {},
    "steam-pick": {
      rarity: "rare",
      maxStack: 1,
      tags: ["pick"],
      equip: { slot: "tool", effects: [{ stat: "speed", kind: "harvest", add: 0.25 }] },
    },
    "old-hat": {
      tags: ["hat"],
      equip: { slot: "head", effects: [{ stat: "xp", activity: "forge-gear", add: 0.1 }] },
    },
  },
  activities: {
    "mine-copper": {
      kind: "harvest",
      name: "Mine copper",
      description: "Clang.",
      durationMs: 6000,
      requires: { skills: { mining: 1 }, equipped: { tool: "pick" }, items: { scrap: 1 } },
      gives: [
        { item: "copper-ore", count: [1, 3] },
        { item: "steam-pick", chance: 0.02 },
      ],
      xp: { mining: 25 },
      speed: [{ skill: "mining", perLevel: 0.01, max: 0.5 }],
    },
    "forge-gear": {
      kind: "craft",
      durationMs: 20_000,
      takes: { "copper-ore": 5 },
      success: { base: 0.9, skill: "smithing", perLevel: 0.005, max: 0.99 },
      gives: [
        {
          oneOf: [
            { weight: 9, item: "gear" },
            { weight: 1, item: "old-hat", count: 2 },
          ],
          chance: 0.5,
        },
      ],
      xp: { smithing: 30 },
      onFailure: { gives: [{ item: "scrap" }], xp: { smithing: 5 } },
    },
    "fight-drone": {
      kind: "combat",
      durationMs: 30_000,
      hidden: true,
      available: { fromMs: 1000, untilMs: 2000 },
      success: { base: 0.55 },
    },
  },
  newPlayer: { items: { scrap: 3 }, equipped: { tool: "steam-pick" }, xp: { mining: 10 } },
});
