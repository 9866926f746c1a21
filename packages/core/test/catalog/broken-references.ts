/** Broken catalogs: references to what there is not. */
import { broken, type BrokenCatalog } from "./broken-catalog.js";
import { patched } from "./workshop.js";

export const REFERENCES: readonly BrokenCatalog[] = [
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
