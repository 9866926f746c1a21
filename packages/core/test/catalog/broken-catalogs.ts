/**
 * Catalogs with mistakes, and what the check must say about each: every mistake, in order, with its path. A table without
 * test code, so that whatever takes a catalog (the check, the command line, the HTTP API) can be held to the same.
 */
import { patched, workshop } from "./workshop.js";

export interface BrokenCatalog {
  /** What is wrong with it. */
  readonly name: string;
  /** The document as text: some of it survives no `JSON.stringify`. */
  readonly json: string;
  /** All mistakes: path, problem, and what was probably meant, if anything. */
  readonly mistakes: readonly (readonly [path: string, problem: string, didYouMean?: string])[];
}

/** Stands for a number that is too large for a double. */
const TOO_LARGE = "1e400, unquoted";

/** Far longer than an id may be. */
const LONG_ID = "x".repeat(100);

function broken(name: string, document: unknown, mistakes: BrokenCatalog["mistakes"]): BrokenCatalog {
  return { name, json: JSON.stringify(document).replaceAll(`"${TOO_LARGE}"`, "1e400"), mistakes };
}

const NO_ID = "an id is 1 to 64 of a–z 0–9 . _ - and starts with a letter or digit, not";

const documents: readonly BrokenCatalog[] = [
  broken("null", null, [["", "must be an object, not null"]]),
  broken("a list", [workshop()], [["", "must be an object, not a list"]]),
  broken("a number", 42, [["", "must be an object, not 42"]]),
  broken("a text", "clockwork", [["", 'must be an object, not "clockwork"']]),
  broken("an empty object", {}, [
    ["name", "must be a text, not nothing"],
    ["kinds", "must be a list, not nothing"],
    ["activities", "must be an object, not nothing"],
  ]),
  broken("parts that are there but empty", { name: "", kinds: [], rarities: [], activities: {} }, [
    ["name", "must not be empty"],
    ["kinds", "must have 1 to 32 entries, not 0"],
    ["rarities", "must have 1 to 32 entries, not 0"],
    ["activities", "must have 1 to 10000 entries, not 0"],
  ]),
  broken(
    "parts that are null",
    patched({ rarities: null, settings: null, skills: null, newPlayer: null, description: null }),
    [
      ["description", "must be a text, not null"],
      ["rarities", "must be a list, not null"],
      ["skills", "must be an object, not null"],
      ["settings", "must be an object, not null"],
      ["newPlayer", "must be an object, not null"],
    ],
  ),
  broken(
    "parts of the wrong type don't make their references wrong",
    patched({ kinds: {}, items: [], skills: 7 }),
    [
      ["kinds", "must be a list, not an object"],
      ["skills", "must be an object, not 7"],
      ["items", "must be an object, not a list"],
    ],
  ),
  broken("no activity is an object", patched({ activities: { a: null, b: [], c: "dig" } }), [
    ["items.old-hat.equip.effects.0.activity", 'no activity "forge-gear"'],
    ["activities.a", "must be an object, not null"],
    ["activities.b", "must be an object, not a list"],
    ["activities.c", 'must be an object, not "dig"'],
  ]),
];

const keys: readonly BrokenCatalog[] = [
  broken(
    "unknown keys on every level",
    patched({
      activites: {},
      "settings.queue.maxTask": 5,
      "settings.onBlock": "skip",
      "skills.mining.level": 3,
      "skills.mining.levels.base": 3,
      "items.gear.stack": 10,
      "items.steam-pick.equip.effect": [],
      "activities.mine-copper.give": [],
      "activities.mine-copper.requires.item": {},
      "activities.mine-copper.gives.0.chnace": 0.5,
      "activities.forge-gear.gives.0.oneOf.0.wieght": 1,
      "activities.forge-gear.onFailure.takes": {},
      "activities.fight-drone.available.untill": 1,
      "newPlayer.equiped": {},
    }),
    [
      ["activites", "unknown key", "activities"],
      ["settings.onBlock", "unknown key", "onBlocked"],
      ["settings.queue.maxTask", "unknown key", "maxTasks"],
      ["skills.mining.level", "unknown key", "levels"],
      ["skills.mining.levels.base", "unknown key"],
      ["items.gear.stack", "unknown key"],
      ["items.steam-pick.equip.effect", "unknown key", "effects"],
      ["activities.mine-copper.give", "unknown key", "gives"],
      ["activities.mine-copper.requires.item", "unknown key", "items"],
      ["activities.mine-copper.gives.0.chnace", "unknown key", "chance"],
      ["activities.forge-gear.gives.0.oneOf.0.wieght", "unknown key", "weight"],
      ["activities.forge-gear.onFailure.takes", "unknown key"],
      ["activities.fight-drone.available.untill", "unknown key", "untilMs"],
      ["newPlayer.equiped", "unknown key", "equipped"],
    ],
  ),
  broken(
    "an entry that is one thing and one of several",
    patched({ "activities.forge-gear.gives.0.item": "gear" }),
    [["activities.forge-gear.gives.0.item", "unknown key"]],
  ),
  broken(
    "keys that JavaScript objects have of old",
    {
      ...workshop(),
      ...(JSON.parse('{ "__proto__": { "kinds": ["harvest"] }, "toString": 1 }') as object),
      items: JSON.parse(
        '{ "copper-ore": {}, "gear": {}, "scrap": {}, "steam-pick": { "tags": ["pick"], "equip": { "slot": "tool" } }, "old-hat": {}, "__proto__": {}, "constructor": {}, "hasOwnProperty": {} }',
      ) as unknown,
    },
    [
      ["__proto__", "unknown key"],
      ["toString", "unknown key"],
      ["items.__proto__", `${NO_ID} "__proto__"`],
      ["items.constructor", `"constructor" can't be an id: every JavaScript object has it already`],
      ["items.hasOwnProperty", `${NO_ID} "hasOwnProperty"`],
    ],
  ),
  broken(
    "references to what JavaScript objects have of old",
    patched({
      "activities.forge-gear.takes": JSON.parse('{ "__proto__": 1, "constructor": 2 }'),
      "activities.forge-gear.xp": { valueOf: 3 },
      "activities.mine-copper.kind": "constructor",
      "activities.mine-copper.requires.equipped": JSON.parse('{ "__proto__": "pick" }'),
      "newPlayer.equipped": { toString: "steam-pick" },
    }),
    [
      ["activities.mine-copper.kind", 'no kind "constructor"'],
      ["activities.mine-copper.requires.equipped", 'no item goes in a slot "__proto__"'],
      ["activities.forge-gear.takes", 'no item "__proto__"'],
      ["activities.forge-gear.takes", 'no item "constructor"'],
      ["activities.forge-gear.xp", 'no skill "valueOf"'],
      ["newPlayer.equipped", 'no item goes in a slot "toString"'],
    ],
  ),
  broken(
    "ids that are none",
    {
      ...patched({
        kinds: ["harvest", "craft", "combat", "", 5],
        "items.old-hat.equip.slot": "Head Gear",
        "items.scrap.tags": ["-x", null],
      }),
      skills: {
        mining: { levels: { table: [0] } },
        smithing: { levels: { table: [0] } },
        Über: { levels: { table: [0] } },
        [LONG_ID]: { levels: { table: [0] } },
      },
    },
    [
      ["kinds.3", `${NO_ID} ""`],
      ["kinds.4", `${NO_ID} 5`],
      ["skills.Über", `${NO_ID} "Über"`],
      [`skills.${"x".repeat(64)}…`, `${NO_ID} "${"x".repeat(64)}…"`],
      ["items.scrap.tags.0", `${NO_ID} "-x"`],
      ["items.scrap.tags.1", `${NO_ID} null`],
      ["items.old-hat.equip.slot", `${NO_ID} "Head Gear"`],
    ],
  ),
  broken(
    "the same thing twice",
    patched({
      kinds: ["harvest", "craft", "combat", "craft"],
      rarities: ["common", "rare", "common"],
      "items.gear.tags": ["a", "b", "a", "a"],
    }),
    [
      ["kinds.3", '"craft" is there twice'],
      ["rarities.2", '"common" is there twice'],
      ["items.gear.tags.2", '"a" is there twice'],
      ["items.gear.tags.3", '"a" is there twice'],
    ],
  ),
];

const references: readonly BrokenCatalog[] = [
  broken("the mistake of the manual", patched({ "activities.forge-gear.takes": { "coper-ore": 5 } }), [
    ["activities.forge-gear.takes", 'no item "coper-ore"', "copper-ore"],
  ]),
  broken(
    "unknown items wherever items can be named",
    patched({
      "activities.mine-copper.requires.items": { scarp: 1 },
      "activities.mine-copper.gives.0.item": "cooper-ore",
      "activities.forge-gear.takes": { copperore: 5 },
      "activities.forge-gear.gives.0.oneOf.1.item": "old-hut",
      "activities.forge-gear.onFailure.gives.0.item": "SCRAP",
      "newPlayer.items": { gaer: 1, "philosophers-stone": 1 },
      "newPlayer.equipped": { tool: "steampick" },
    }),
    [
      ["activities.mine-copper.requires.items", 'no item "scarp"', "scrap"],
      ["activities.mine-copper.gives.0.item", 'no item "cooper-ore"', "copper-ore"],
      ["activities.forge-gear.takes", 'no item "copperore"', "copper-ore"],
      ["activities.forge-gear.gives.0.oneOf.1.item", 'no item "old-hut"', "old-hat"],
      ["activities.forge-gear.onFailure.gives.0.item", 'no item "SCRAP"', "scrap"],
      ["newPlayer.items", 'no item "gaer"', "gear"],
      ["newPlayer.items", 'no item "philosophers-stone"'],
      ["newPlayer.equipped.tool", 'no item "steampick"', "steam-pick"],
    ],
  ),
  broken(
    "unknown skills wherever skills can be named",
    patched({
      "activities.mine-copper.requires.skills": { minig: 1 },
      "activities.mine-copper.xp": { mninig: 25 },
      "activities.mine-copper.speed.0.skill": "smiting",
      "activities.forge-gear.success.skill": "smithin",
      "activities.forge-gear.onFailure.xp": { alchemy: 5 },
      "newPlayer.xp": { Mining: 1 },
    }),
    [
      ["activities.mine-copper.requires.skills", 'no skill "minig"', "mining"],
      ["activities.mine-copper.xp", 'no skill "mninig"', "mining"],
      ["activities.mine-copper.speed.0.skill", 'no skill "smiting"', "smithing"],
      ["activities.forge-gear.success.skill", 'no skill "smithin"', "smithing"],
      ["activities.forge-gear.onFailure.xp", 'no skill "alchemy"'],
      ["newPlayer.xp", 'no skill "Mining"', "mining"],
    ],
  ),
  broken(
    "unknown kinds, rarities, activities and stats",
    patched({
      "settings.rareFrom": "rae",
      "items.gear.rarity": "comon",
      "items.steam-pick.equip.effects": [
        { stat: "sped", add: 0.1 },
        { stat: "yield", add: 0.1, kind: "harvets" },
        { stat: "xp", add: 0.1, activity: "mine-cooper" },
      ],
      "activities.fight-drone.kind": "combta",
    }),
    [
      ["settings.rareFrom", 'no rarity "rae"', "rare"],
      ["items.gear.rarity", 'no rarity "comon"', "common"],
      [
        "items.steam-pick.equip.effects.0.stat",
        'must be one of "speed", "success", "yield", "xp", not "sped"',
        "speed",
      ],
      ["items.steam-pick.equip.effects.1.kind", 'no kind "harvets"', "harvest"],
      ["items.steam-pick.equip.effects.2.activity", 'no activity "mine-cooper"', "mine-copper"],
      ["activities.fight-drone.kind", 'no kind "combta"', "combat"],
    ],
  ),
  broken(
    "slots and tags that no item has",
    patched({
      "activities.mine-copper.requires.equipped": { tol: "pick" },
      "activities.forge-gear.requires": { equipped: { tool: "pik", head: 7 } },
      "newPlayer.equipped": { toool: "steam-pick" },
    }),
    [
      ["activities.mine-copper.requires.equipped", 'no item goes in a slot "tol"', "tool"],
      ["activities.forge-gear.requires.equipped.tool", 'no item for this slot has the tag "pik"', "pick"],
      ["activities.forge-gear.requires.equipped.head", "must be a tag, not 7"],
      ["newPlayer.equipped", 'no item goes in a slot "toool"', "tool"],
    ],
  ),
  broken(
    "equipment in a slot that it doesn't go in",
    patched({ "newPlayer.equipped": { tool: "old-hat", head: "gear" } }),
    [
      ["newPlayer.equipped.tool", `"old-hat" doesn't go in the slot "tool"`],
      ["newPlayer.equipped.head", `"gear" doesn't go in the slot "head"`],
    ],
  ),
  broken(
    "rareFrom without rarities",
    patched({ rarities: undefined, "items.steam-pick.rarity": undefined }),
    [["settings.rareFrom", 'no rarity "rare"']],
  ),
];

const numbers: readonly BrokenCatalog[] = [
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

const levels: readonly BrokenCatalog[] = [
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

const contradictions: readonly BrokenCatalog[] = [
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

const parts: readonly BrokenCatalog[] = [
  broken(
    "required parts are missing",
    patched({
      "skills.smithing.levels": undefined,
      "items.old-hat.equip": {},
      "items.steam-pick.equip.effects": [{}],
      "activities.mine-copper.kind": undefined,
      "activities.mine-copper.durationMs": undefined,
      "activities.mine-copper.gives": [{}],
      "activities.mine-copper.speed": [{}],
      "activities.forge-gear.gives": [{ oneOf: [{}] }, { oneOf: [] }],
      "activities.fight-drone.success": {},
    }),
    [
      ["skills.smithing.levels", "must be an object, not nothing"],
      [
        "items.steam-pick.equip.effects.0.stat",
        'must be one of "speed", "success", "yield", "xp", not nothing',
      ],
      ["items.steam-pick.equip.effects.0.add", "must be a number from -1000 to 1000, not nothing"],
      ["items.old-hat.equip.slot", `${NO_ID} nothing`],
      ["activities.mine-copper.kind", "must be the id of a kind, not nothing"],
      ["activities.mine-copper.durationMs", "must be a whole number from 1 to 2592000000, not nothing"],
      ["activities.mine-copper.gives.0.item", "must be the id of an item, not nothing"],
      ["activities.mine-copper.speed.0.skill", "must be the id of a skill, not nothing"],
      ["activities.mine-copper.speed.0.perLevel", "must be a number from -1000 to 1000, not nothing"],
      ["activities.mine-copper.speed.0.max", "must be a number from -1000000 to 1000000, not nothing"],
      [
        "activities.forge-gear.gives.0.oneOf.0.weight",
        "must be a whole number from 1 to 1048576, not nothing",
      ],
      ["activities.forge-gear.gives.0.oneOf.0.item", "must be the id of an item, not nothing"],
      ["activities.forge-gear.gives.1.oneOf", "must have 1 to 256 entries, not 0"],
      ["activities.fight-drone.success.base", "must be a number from -1000 to 1000, not nothing"],
    ],
  ),
  broken(
    "wrong types everywhere",
    patched({
      $schema: 1,
      name: ["workshop"],
      "settings.queue": 50,
      "settings.hideChances": "yes",
      "skills.mining.name": 1,
      "skills.mining.levels": [0, 100],
      "items.gear": "gear",
      "items.scrap.description": {},
      "items.scrap.tags": "metal",
      "items.steam-pick.equip.effects": { stat: "speed" },
      "activities.mine-copper.hidden": 1,
      "activities.mine-copper.requires": [],
      "activities.mine-copper.gives": { item: "gear" },
      "activities.mine-copper.xp": 25,
      "activities.forge-gear.takes": ["copper-ore"],
      "activities.forge-gear.gives": [null, { oneOf: null }, { item: 7 }],
      "activities.forge-gear.onFailure": false,
      "activities.fight-drone.available": 5,
      "activities.fight-drone.success": 0.5,
      "newPlayer.equipped": "steam-pick",
      "newPlayer.items": { scrap: "3" },
    }),
    [
      ["$schema", "must be a text, not 1"],
      ["name", "must be a text, not a list"],
      ["settings.queue", "must be an object, not 50"],
      ["settings.hideChances", 'must be true or false, not "yes"'],
      ["skills.mining.name", "must be a text, not 1"],
      ["skills.mining.levels", "must be an object, not a list"],
      ["items.gear", 'must be an object, not "gear"'],
      ["items.scrap.description", "must be a text, not an object"],
      ["items.scrap.tags", 'must be a list, not "metal"'],
      ["items.steam-pick.equip.effects", "must be a list, not an object"],
      ["activities.mine-copper.hidden", "must be true or false, not 1"],
      ["activities.mine-copper.requires", "must be an object, not a list"],
      ["activities.mine-copper.gives", "must be a list, not an object"],
      ["activities.mine-copper.xp", "must be an object, not 25"],
      ["activities.forge-gear.takes", "must be an object, not a list"],
      ["activities.forge-gear.gives.0", "must be an object, not null"],
      ["activities.forge-gear.gives.1.oneOf", "must be a list, not null"],
      ["activities.forge-gear.gives.2.item", "must be the id of an item, not 7"],
      ["activities.forge-gear.onFailure", "must be an object, not false"],
      ["activities.fight-drone.available", "must be an object, not 5"],
      ["activities.fight-drone.success", "must be an object, not 0.5"],
      ["newPlayer.items.scrap", 'must be a whole number from 1 to 1000000000, not "3"'],
      ["newPlayer.equipped", 'must be an object, not "steam-pick"'],
    ],
  ),
  broken(
    "more than the limits allow",
    patched({
      name: "n".repeat(65),
      kinds: ["harvest", "craft", "combat", ...Array.from({ length: 30 }, (_, index) => `kind-${index}`)],
      "items.gear.name": "n".repeat(201),
      "items.gear.tags": Array.from({ length: 33 }, (_, index) => `tag-${index}`),
      "items.steam-pick.equip.effects": Array.from({ length: 17 }, () => ({ stat: "xp", add: 0 })),
      "activities.mine-copper.description": "d".repeat(2001),
      "activities.mine-copper.gives": Array.from({ length: 65 }, () => ({ item: "gear" })),
      "activities.mine-copper.speed": Array.from({ length: 17 }, () => ({
        skill: "mining",
        perLevel: 0,
        max: 0,
      })),
    }),
    [
      ["name", "must have at most 64 characters, not 65"],
      ["kinds", "must have 1 to 32 entries, not 33"],
      ["items.gear.name", "must have at most 200 characters, not 201"],
      ["items.gear.tags", "must have 0 to 32 entries, not 33"],
      ["items.steam-pick.equip.effects", "must have 0 to 16 entries, not 17"],
      ["activities.mine-copper.description", "must have at most 2000 characters, not 2001"],
      ["activities.mine-copper.gives", "must have 0 to 64 entries, not 65"],
      ["activities.mine-copper.speed", "must have 0 to 16 entries, not 17"],
    ],
  ),
];

/** All of them. */
export const BROKEN_CATALOGS: readonly BrokenCatalog[] = [
  ...documents,
  ...keys,
  ...references,
  ...numbers,
  ...levels,
  ...contradictions,
  ...parts,
];
