/** The catalog as players may see it tells all that they need, and nothing that the game keeps to itself. */
import { describe, expect, it } from "vitest";
import { compileCatalog, publicCatalog } from "../../src/index.js";
import { patched, workshop } from "./workshop.js";

const shown = (patch: Record<string, unknown> = {}) => publicCatalog(compileCatalog(patched(patch)));

describe("the public catalog", () => {
  it("is plain JSON and names the catalog", () => {
    const catalog = compileCatalog(workshop());
    const view = publicCatalog(catalog);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(view).toMatchObject({
      hash: catalog.hash,
      name: "workshop",
      description: "A bench, a hammer, a drone.",
      kinds: ["harvest", "craft", "combat"],
      rarities: ["common", "rare"],
      slots: ["head", "tool"],
    });
    expect(view.settings).toEqual({ ...catalog.settings, rareFrom: "rare" });
  });

  it("shows skills with the xp that each level asks for", () => {
    const { skills } = shown();
    expect(skills["mining"]).toMatchObject({ name: "Mining", description: "Down." });
    expect(skills["mining"]?.xpForLevel.slice(0, 4)).toEqual([0, 100, 215, 347]);
    expect(skills["smithing"]).toEqual({ name: "smithing", description: "", xpForLevel: [0, 100, 215] });
  });

  it("shows items with everything filled in", () => {
    const { items } = shown();
    expect(items["scrap"]).toEqual({
      name: "scrap",
      description: "",
      rarity: "common",
      maxStack: null,
      tags: [],
      equip: null,
    });
    expect(items["steam-pick"]).toEqual({
      name: "steam-pick",
      description: "",
      rarity: "rare",
      maxStack: 1,
      tags: ["pick"],
      equip: { slot: "tool", effects: [{ stat: "speed", kind: "harvest", add: 0.25 }] },
    });
  });

  it("shows activities with everything filled in", () => {
    expect(shown().activities["forge-gear"]).toEqual({
      kind: "craft",
      name: "forge-gear",
      description: "",
      durationMs: 20_000,
      available: {},
      requires: { skills: {}, equipped: {}, items: {} },
      takes: { "copper-ore": 5 },
      gives: [
        {
          oneOf: [
            { item: "gear", count: [1, 1], weight: 9 },
            { item: "old-hat", count: [2, 2], weight: 1 },
          ],
          chance: 0.5,
        },
      ],
      xp: { smithing: 30 },
      speed: [],
      success: { base: 0.9, skill: "smithing", perLevel: 0.005, max: 0.99 },
      onFailure: { gives: [{ item: "scrap", count: [1, 1], chance: 1 }], xp: { smithing: 5 } },
    });
  });

  it("keeps the order of the document, which is how a game lists things", () => {
    expect(Object.keys(shown().activities)).toEqual(["mine-copper", "forge-gear"]);
    expect(Object.keys(shown().items)).toEqual(["copper-ore", "gear", "scrap", "steam-pick", "old-hat"]);
  });

  it("has no trace of a hidden activity, not even in the effects of items", () => {
    const effects = [
      { stat: "success", activity: "fight-drone", add: 0.1 },
      { stat: "speed", add: 0.1 },
      { stat: "xp", activity: "forge-gear", add: 0.1 },
    ];
    const view = shown({ "items.old-hat.equip.effects": effects });
    expect(JSON.stringify(view)).not.toContain("fight-drone");
    expect(view.items["old-hat"]?.equip?.effects).toEqual(effects.slice(1));
  });

  it("shows an item that only a hidden activity gives", () => {
    const view = shown({ "items.drone-eye": {}, "activities.fight-drone.gives": [{ item: "drone-eye" }] });
    expect(view.items["drone-eye"]).toBeDefined();
  });

  it("tells no chance where chances are hidden: not of entries, nor of alternatives, nor of success", () => {
    const view = shown({ "settings.hideChances": true });
    expect(view.settings.hideChances).toBe(true);
    expect(view.activities["mine-copper"]?.gives).toEqual([
      { item: "copper-ore", count: [1, 3] },
      { item: "steam-pick", count: [1, 1] },
    ]);
    expect(view.activities["forge-gear"]).toMatchObject({ success: { skill: "smithing" } });
    expect(view.activities["mine-copper"]?.success).toBeNull();
    const text = JSON.stringify(view.activities);
    for (const word of ["chance", "weight", "base", "0.9", "0.005", "0.99", "0.02"])
      expect(text).not.toContain(`"${word}"`);
    expect(text).not.toMatch(/0\.9|0\.005|0\.02|"weight"|"chance"/);
  });

  it("says that an activity can fail without saying how often, even if no skill helps", () => {
    const view = shown({ "settings.hideChances": true, "activities.fight-drone.hidden": false });
    expect(view.activities["fight-drone"]?.success).toEqual({});
  });
});
