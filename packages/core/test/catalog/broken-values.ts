/** Broken catalogs: numbers, levels and settings that can not be. */
import { broken, type BrokenCatalog, TOO_LARGE } from "./broken-catalog.js";
import { patched } from "./workshop.js";

export const NUMBERS: readonly BrokenCatalog[] = [
  broken(
    "numbers that are none",
    patched({
      "settings.minCycleMs": "NaN",
      "activities.mine-copper.durationMs": null,
      "activities.forge-gear.durationMs": TOO_LARGE,
      "activities.fight-drone.durationMs": "30000",
      "activities.fight-drone.success.base": TOO_LARGE,
    }),
    [
      ["settings.minCycleMs", 'must be a whole number from 1 to 2592000000, not "NaN"'],
      ["activities.mine-copper.durationMs", "must be a whole number from 1 to 2592000000, not null"],
      ["activities.forge-gear.durationMs", "must be a whole number from 1 to 2592000000, not Infinity"],
      ["activities.fight-drone.durationMs", 'must be a whole number from 1 to 2592000000, not "30000"'],
      ["activities.fight-drone.success.base", "must be a number from -1000 to 1000, not Infinity"],
    ],
  ),
  broken(
    "numbers out of range",
    patched({
      "settings.queue.maxTasks": 0,
      "settings.queue.maxTaskMs": 2_592_000_001,
      "settings.away.maxMs": 59_999,
      "settings.inventory.maxStacks": -1,
      "items.gear.maxStack": 9_007_199_254_740_992,
      "activities.mine-copper.durationMs": 0,
      "activities.mine-copper.requires.items": { scrap: 0 },
      "activities.mine-copper.gives.0.count": 1_000_001,
      "activities.mine-copper.gives.1.chance": 0,
      "activities.mine-copper.xp": { mining: -1 },
      "activities.forge-gear.takes": { "copper-ore": 1_000_000_001 },
      "activities.forge-gear.success.max": 1.5,
      "newPlayer.items": { scrap: 1e21 },
    }),
    [
      ["settings.queue.maxTasks", "must be a whole number from 1 to 1000, not 0"],
      ["settings.queue.maxTaskMs", "must be a whole number from 1 to 2592000000, not 2592000001"],
      ["settings.away.maxMs", "must be a whole number from 60000 to 315360000000, not 59999"],
      ["settings.inventory.maxStacks", "must be a whole number from 1 to 1000000, not -1"],
      ["items.gear.maxStack", "must be a whole number from 1 to 9007199254740991, not 9007199254740992"],
      ["activities.mine-copper.durationMs", "must be a whole number from 1 to 2592000000, not 0"],
      ["activities.mine-copper.requires.items.scrap", "must be a whole number from 1 to 1000000000, not 0"],
      ["activities.mine-copper.gives.0.count", "must be a whole number from 1 to 1000000, not 1000001"],
      ["activities.mine-copper.gives.1.chance", "must be a number from 0.000001 to 1, not 0"],
      ["activities.mine-copper.xp.mining", "must be a whole number from 0 to 1000000000, not -1"],
      [
        "activities.forge-gear.takes.copper-ore",
        "must be a whole number from 1 to 1000000000, not 1000000001",
      ],
      ["activities.forge-gear.success.max", "must be a number from 0 to 1, not 1.5"],
      ["newPlayer.items.scrap", "must be a whole number from 1 to 1000000000, not 1e+21"],
    ],
  ),
  broken(
    "fractions where there are none",
    patched({
      "activities.mine-copper.durationMs": 6000.5,
      "activities.mine-copper.gives.0.count": [1, 2.5],
      "activities.mine-copper.requires.skills": { mining: 1.5 },
      "activities.forge-gear.gives.0.oneOf.0.weight": 0.5,
      "activities.fight-drone.available": { fromMs: 0.1 },
    }),
    [
      ["activities.mine-copper.durationMs", "must be a whole number from 1 to 2592000000, not 6000.5"],
      ["activities.mine-copper.requires.skills.mining", "must be a whole number from 1 to 1000, not 1.5"],
      ["activities.mine-copper.gives.0.count.1", "must be a whole number from 1 to 1000000, not 2.5"],
      ["activities.forge-gear.gives.0.oneOf.0.weight", "must be a whole number from 1 to 1048576, not 0.5"],
      [
        "activities.fight-drone.available.fromMs",
        "must be a whole number from 0 to 8640000000000000, not 0.1",
      ],
    ],
  ),
  broken(
    "seven decimal places",
    patched({
      "skills.mining.levels.xpGrowth": 1.1500001,
      "items.steam-pick.equip.effects.0.add": 0.30000000000000004,
      "activities.mine-copper.gives.1.chance": 0.0200001,
      "activities.mine-copper.speed.0.perLevel": 0.0000001,
      "activities.forge-gear.success.base": 0.1234567,
    }),
    [
      ["skills.mining.levels.xpGrowth", "must have at most six decimal places: 1.1500001"],
      ["items.steam-pick.equip.effects.0.add", "must have at most six decimal places: 0.30000000000000004"],
      ["activities.mine-copper.gives.1.chance", "must have at most six decimal places: 0.0200001"],
      ["activities.mine-copper.speed.0.perLevel", "must have at most six decimal places: 1e-7"],
      ["activities.forge-gear.success.base", "must have at most six decimal places: 0.1234567"],
    ],
  ),
  broken(
    "counts that are no range",
    patched({
      "activities.mine-copper.gives": [
        { item: "scrap", count: [3, 1] },
        { item: "scrap", count: [1] },
        { item: "scrap", count: [1, 2, 3] },
        { item: "scrap", count: "1-3" },
        { item: "scrap", count: null },
      ],
    }),
    [
      ["activities.mine-copper.gives.0.count", "3 is more than 1"],
      ["activities.mine-copper.gives.1.count", "must have 2 entries, not 1"],
      ["activities.mine-copper.gives.1.count.1", "must be a whole number from 1 to 1000000, not nothing"],
      ["activities.mine-copper.gives.2.count", "must have 2 entries, not 3"],
      ["activities.mine-copper.gives.3.count", 'must be a whole number from 1 to 1000000, not "1-3"'],
      ["activities.mine-copper.gives.4.count", "must be a whole number from 1 to 1000000, not null"],
    ],
  ),
  broken(
    "weights that add up to too much",
    patched({
      "activities.forge-gear.gives.0.oneOf": [
        { weight: 1_048_576, item: "gear" },
        { weight: 1, item: "scrap" },
      ],
    }),
    [["activities.forge-gear.gives.0.oneOf", "the weights must add up to at most 1048576, not 1048577"]],
  ),
];

export const LEVELS: readonly BrokenCatalog[] = [
  broken("a level table that falls", patched({ "skills.smithing.levels.table": [0, 100, 99, 300, 200] }), [
    ["skills.smithing.levels.table.2", "levels must not ask for less than the one before (100)"],
    ["skills.smithing.levels.table.4", "levels must not ask for less than the one before (300)"],
  ]),
  broken("a level table that begins late", patched({ "skills.smithing.levels.table": [10, 20, 30] }), [
    ["skills.smithing.levels.table.0", "level 1 asks for 0 xp"],
  ]),
  broken("a level table of no levels", patched({ "skills.smithing.levels.table": [] }), [
    ["skills.smithing.levels.table", "must have 1 to 1000 entries, not 0"],
  ]),
  broken("levels beyond 2^53", patched({ "skills.mining.levels": { xpBase: 100, xpGrowth: 10, max: 20 } }), [
    ["skills.mining.levels", "level 20 would ask for more than 2^53 xp"],
  ]),
  broken(
    "a table of levels beyond 2^53",
    patched({ "skills.smithing.levels.table": [0, 2 ** 53, TOO_LARGE] }),
    [
      [
        "skills.smithing.levels.table.1",
        "must be a whole number from 0 to 9007199254740991, not 9007199254740992",
      ],
      ["skills.smithing.levels.table.2", "must be a whole number from 0 to 9007199254740991, not Infinity"],
    ],
  ),
  broken(
    "levels by both rules, and by neither",
    patched({ "skills.mining.levels.table": [0, 10], "skills.smithing.levels": {} }),
    [
      ["skills.mining.levels", "must have either a table, or xpBase, xpGrowth and max, not both"],
      ["skills.smithing.levels.xpBase", "must be a whole number from 1 to 1000000000000, not nothing"],
      ["skills.smithing.levels.xpGrowth", "must be a number from 1 to 10, not nothing"],
      ["skills.smithing.levels.max", "must be a whole number from 1 to 1000, not nothing"],
    ],
  ),
  broken(
    "levels that can't be reached",
    patched({ "activities.mine-copper.requires.skills": { mining: 51, smithing: 4 } }),
    [
      ["activities.mine-copper.requires.skills.mining", "level 51 can't be reached: the highest is 50"],
      ["activities.mine-copper.requires.skills.smithing", "level 4 can't be reached: the highest is 3"],
    ],
  ),
];

export const CONTRADICTIONS: readonly BrokenCatalog[] = [
  broken(
    "windows that close before they open",
    {
      ...patched({
        "activities.fight-drone.available": { fromMs: 2000, untilMs: 1000 },
        "activities.mine-copper.available": { untilMs: 0 },
      }),
    },
    [
      ["activities.mine-copper.available", "untilMs (0) must be after fromMs (0)"],
      ["activities.fight-drone.available", "untilMs (1000) must be after fromMs (2000)"],
    ],
  ),
  broken("failure without success", patched({ "activities.forge-gear.success": undefined }), [
    ["activities.forge-gear.onFailure", "has no use: without success the activity never fails"],
  ]),
  broken("a bonus by the level of no skill", patched({ "activities.forge-gear.success.skill": undefined }), [
    ["activities.forge-gear.success.skill", "must be the id of a skill, not nothing"],
  ]),
  broken("cycles that are longer than any task", patched({ "settings.minCycleMs": 90_000_000 }), [
    [
      "settings",
      "no task could ever be queued: a cycle takes at least 90000000 ms, a task at most 86400000 ms",
    ],
  ]),
  broken(
    "words that settings don't know",
    patched({ "settings.inventory.onFull": "stach", "settings.onBlocked": true }),
    [
      ["settings.inventory.onFull", 'must be one of "stash", "discard", "block", not "stach"', "stash"],
      ["settings.onBlocked", 'must be one of "wait", "skip", not true'],
    ],
  ),
];
