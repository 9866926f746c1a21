/** A small catalog whose outcomes are certain, for tests that count. */

export function testCatalog(): Record<string, unknown> {
  return {
    name: "test",
    settings: {
      minCycleMs: 1,
      queue: { maxTasks: 5, maxTaskMs: 3_600_000, warnTotalMs: 7_200_000 },
      away: { maxMs: 86_400_000 },
      inventory: { maxStacks: 4, onFull: "stash" },
    },
    rarities: ["common", "rare"],
    kinds: ["harvest", "craft", "combat"],
    skills: { mining: { name: "Mining", levels: { table: [0, 20, 60, 1_000] } } },
    items: {
      ore: { name: "Ore", maxStack: 100 },
      bar: { name: "Bar", maxStack: 100 },
      pick: { name: "Pick", rarity: "rare", maxStack: 1, tags: ["pick"], equip: { slot: "tool" } },
      boulder: { name: "Boulder", maxStack: 1 },
    },
    activities: {
      dig: { kind: "harvest", name: "Dig", durationMs: 1_000, gives: [{ item: "ore" }], xp: { mining: 10 } },
      smelt: { kind: "craft", durationMs: 2_000, takes: { ore: 2 }, gives: [{ item: "bar" }] },
      haul: { kind: "harvest", durationMs: 1_000, gives: [{ item: "boulder", count: 6 }] },
      fight: {
        kind: "combat",
        durationMs: 1_000,
        success: { base: 0.5 },
        gives: [{ item: "ore", count: [1, 3] }],
      },
      "deep-dig": {
        kind: "harvest",
        durationMs: 1_000,
        requires: { skills: { mining: 3 } },
        gives: [{ item: "ore" }],
      },
      "secret-dig": { kind: "harvest", durationMs: 1_000, hidden: true, gives: [{ item: "ore" }] },
    },
    newPlayer: { items: { pick: 1 } },
  };
}
