/** A small catalog for the service's tests: a certain harvest, one with chances, and a craft. */
export const TICK_CATALOG = {
  name: "tick",
  settings: { away: { maxMs: 86_400_000 }, queue: { maxTaskMs: 2_592_000_000 } },
  rarities: ["common", "rare"],
  kinds: ["harvest", "craft"],
  skills: { mining: { levels: { xpBase: 100, xpGrowth: 1.15, max: 99 } } },
  items: { ore: {}, gem: { rarity: "rare" }, bar: {} },
  activities: {
    mine: { kind: "harvest", durationMs: 1_000, gives: [{ item: "ore" }], xp: { mining: 10 } },
    dig: {
      kind: "harvest",
      durationMs: 1_000,
      gives: [
        { item: "ore", count: [1, 3] },
        { item: "gem", chance: 0.1 },
      ],
    },
    smelt: { kind: "craft", durationMs: 2_000, takes: { ore: 2 }, gives: [{ item: "bar" }] },
  },
} as const;
