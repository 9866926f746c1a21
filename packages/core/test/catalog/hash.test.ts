/** The hash that names a catalog: the same for what plays the same, another for whatever decides outcomes. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkCatalog, compileCatalog, HASH_DIGITS, sha256Hex } from "../../src/index.js";
import { patched, workshop } from "./workshop.js";

const hashOf = (document: unknown): string => compileCatalog(document).hash;
const base = hashOf(workshop());

describe("the hash of a catalog", () => {
  it("is 32 hexadecimal digits, the same each time, and pinned: stored players name it", () => {
    expect(base).toMatch(new RegExp(`^[0-9a-f]{${HASH_DIGITS}}$`));
    expect(hashOf(workshop())).toBe(base);
    expect(base).toBe("44d10dea8541d826da0151936e000046");
  });

  it.each<[string, Record<string, unknown>]>([
    ["the catalog's name", { name: "another" }],
    ["the catalog's description", { description: "Other words." }],
    ["a schema for editors", { $schema: "https://example.com/catalog.json" }],
    [
      "names",
      { "items.gear.name": "Gear", "skills.mining.name": "Digging", "activities.forge-gear.name": "Forge" },
    ],
    [
      "descriptions",
      { "items.gear.description": "Toothed.", "activities.mine-copper.description": undefined },
    ],
    ["what is hidden", { "activities.fight-drone.hidden": undefined, "activities.mine-copper.hidden": true }],
    ["hidden chances", { "settings.hideChances": true }],
    ["when a long queue is warned about", { "settings.queue.warnTotalMs": 1 }],
    [
      "a default written out",
      { "items.gear.rarity": "common", "activities.mine-copper.available": {}, "items.scrap.tags": [] },
    ],
    [
      "a default left out",
      { "settings.minCycleMs": undefined, "settings.onBlocked": undefined, "settings.queue": undefined },
    ],
    [
      "an amount of nothing",
      {
        "activities.mine-copper.xp": { mining: 25, smithing: 0 },
        "newPlayer.xp": { mining: 10, smithing: 0 },
      },
    ],
    ["a count as a range", { "activities.forge-gear.gives.0.oneOf.1.count": [2, 2] }],
    ["a rarity below the rare ones", { rarities: ["common", "fine", "rare"], "items.gear.rarity": "fine" }],
  ])("does not depend on %s", (_, patch) => {
    expect(hashOf(patched(patch))).toBe(base);
  });

  it("does not depend on the order of tags", () => {
    const withTags = (tags: readonly string[]): string => hashOf(patched({ "items.steam-pick.tags": tags }));
    expect(withTags(["pick", "sharp"])).toBe(withTags(["sharp", "pick"]));
  });

  it("does not depend on the order of keys, anywhere", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const shuffled = shuffleKeys(workshop(), () => Number(numbers.next().value));
        expect(hashOf(shuffled)).toBe(base);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ["the shortest cycle", { "settings.minCycleMs": 251 }],
    ["how long a queue may be", { "settings.queue.maxTasks": 51 }],
    ["how long a task may be", { "settings.queue.maxTaskMs": 86_400_001 }],
    ["how long a player may be away", { "settings.away.maxMs": 2_592_000_001 }],
    ["the room in the inventory", { "settings.inventory.maxStacks": 51 }],
    ["what happens to what doesn't fit", { "settings.inventory.onFull": "discard" }],
    ["what blocked tasks do", { "settings.onBlocked": "skip" }],
    ["from where on items are rare", { "settings.rareFrom": undefined }],
    ["the rarity of an item across that line", { "items.gear.rarity": "rare" }],
    ["a kind more", { kinds: ["harvest", "craft", "combat", "trade"] }],
    ["levels", { "skills.mining.levels.xpGrowth": 1.150001 }],
    ["the number of levels", { "skills.mining.levels.max": 51 }],
    ["a table of levels", { "skills.smithing.levels.table": [0, 100, 216] }],
    ["a skill more", { "skills.cooking": { levels: { table: [0] } } }],
    ["an item more", { "items.tea": {} }],
    ["how many share a place", { "items.copper-ore.maxStack": 9998 }],
    ["tags", { "items.steam-pick.tags": ["pick", "sharp"] }],
    ["slots", { "items.gear.equip": { slot: "tool" } }],
    ["an effect's amount", { "items.steam-pick.equip.effects.0.add": 0.250001 }],
    ["an effect's stat", { "items.steam-pick.equip.effects.0.stat": "xp" }],
    ["an effect's kind", { "items.steam-pick.equip.effects.0.kind": undefined }],
    ["an effect's activity", { "items.old-hat.equip.effects.0.activity": "mine-copper" }],
    ["an activity more", { "activities.rest": { kind: "harvest", durationMs: 1000 } }],
    ["an activity less", { "activities.fight-drone": undefined }],
    ["an activity's kind", { "activities.fight-drone.kind": "craft" }],
    ["a duration", { "activities.mine-copper.durationMs": 6001 }],
    ["the start of a window", { "activities.fight-drone.available.fromMs": 1001 }],
    ["the end of a window", { "activities.fight-drone.available.untilMs": undefined }],
    ["a required level", { "activities.mine-copper.requires.skills.mining": 2 }],
    ["a required tag", { "activities.mine-copper.requires.equipped": { head: "hat" } }],
    ["a required item", { "activities.mine-copper.requires.items.scrap": 2 }],
    ["what is taken", { "activities.forge-gear.takes.copper-ore": 6 }],
    ["how many are given", { "activities.mine-copper.gives.0.count": [1, 4] }],
    ["a chance", { "activities.mine-copper.gives.1.chance": 0.020001 }],
    ["a weight", { "activities.forge-gear.gives.0.oneOf.0.weight": 10 }],
    [
      "the order of what is given: rolls are addressed by it",
      { "activities.mine-copper.gives": [...mineGives()].reverse() },
    ],
    ["xp", { "activities.mine-copper.xp.mining": 26 }],
    ["a bonus by level", { "activities.mine-copper.speed.0.perLevel": 0.010001 }],
    ["the most of a bonus", { "activities.mine-copper.speed.0.max": 0.6 }],
    ["the chance of success", { "activities.forge-gear.success.base": 0.900001 }],
    ["that it can fail at all", { "activities.fight-drone.success": undefined }],
    ["what failure gives", { "activities.forge-gear.onFailure.gives": [] }],
    ["the xp of failure", { "activities.forge-gear.onFailure.xp.smithing": 6 }],
    ["what newcomers have", { "newPlayer.items.scrap": 4 }],
    ["what newcomers carry", { "newPlayer.equipped": {} }],
    ["what newcomers know", { "newPlayer.xp.mining": 11 }],
  ])("changes with %s", (_, patch) => {
    expect(checkCatalog(patched(patch)).isValid).toBe(true);
    expect(hashOf(patched(patch))).not.toBe(base);
  });
});

describe("sha256Hex", () => {
  it("agrees with the platform's for any text without lone surrogates", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
      }),
      { numRuns: 500 },
    );
  });

  it("agrees at every length around the edges of a block", () => {
    for (let length = 0; length < 200; length += 1) {
      const text = "a".repeat(length);
      expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
    }
  });
});

function mineGives(): readonly unknown[] {
  const activities = workshop()["activities"] as Record<string, { gives: readonly unknown[] }>;
  return activities["mine-copper"]?.gives ?? [];
}

function shuffleKeys(value: unknown, next: () => number): unknown {
  if (Array.isArray(value)) return value.map((entry) => shuffleKeys(entry, next));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => ({ at: next(), key, entry }));
  entries.sort((a, b) => a.at - b.at);
  return Object.fromEntries(entries.map(({ key, entry }) => [key, shuffleKeys(entry, next)]));
}
