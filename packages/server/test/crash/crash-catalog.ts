/** Content for the crash rounds: cycles so short that rewards keep falling, with takes, chances and refunds. */
export const CRASH_CATALOG = {
  name: "crash",
  settings: { minCycleMs: 20, inventory: { maxStacks: 30, onFull: "stash" } },
  rarities: ["common", "rare"],
  kinds: ["harvest", "craft"],
  skills: { mining: { levels: { xpBase: 50, xpGrowth: 1.1, max: 99 } } },
  items: { ore: { maxStack: 20 }, gem: { rarity: "rare" }, bar: { maxStack: 5 } },
  activities: {
    mine: {
      kind: "harvest",
      durationMs: 40,
      gives: [
        { item: "ore", count: [1, 3] },
        { item: "gem", chance: 0.05 },
      ],
      xp: { mining: 5 },
    },
    smelt: {
      kind: "craft",
      durationMs: 150,
      takes: { ore: 3 },
      gives: [{ item: "bar" }],
      success: { base: 0.8 },
      onFailure: { gives: [{ item: "ore" }] },
    },
  },
} as const;
