/** The compiled catalog: what the rules read. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Activity,
  compileCatalog,
  DEFAULT_SETTINGS,
  type Item,
  levelOf,
  MAX_AMOUNT,
  xpForNextLevel,
} from "../../src/index.js";
import { patched, workshop } from "./workshop.js";

const catalog = compileCatalog(workshop());

function activity(id: string, from = catalog): Activity {
  const found = from.activities.get(id);
  if (found === undefined) throw new Error(`No activity ${id}.`);
  return found;
}

function item(id: string): Item {
  const found = catalog.items.get(id);
  if (found === undefined) throw new Error(`No item ${id}.`);
  return found;
}

describe("compiling a catalog", () => {
  it("sorts ids by code unit, so that iteration is the same everywhere", () => {
    const sorted = (ids: Iterable<string>): string[] => [...ids].sort();
    for (const part of [catalog.items, catalog.skills, catalog.activities]) {
      expect([...part.keys()]).toEqual(sorted(part.keys()));
    }
    const requires = {
      skills: { smithing: 2, mining: 1 },
      items: { scrap: 1, gear: 2 },
      equipped: { tool: "pick", head: "hat" },
    };
    const compiled = activity(
      "mine-copper",
      compileCatalog(patched({ "activities.mine-copper.requires": requires })),
    );
    expect(compiled.requires).toEqual({
      skills: [
        ["mining", 1],
        ["smithing", 2],
      ],
      items: [
        ["gear", 2],
        ["scrap", 1],
      ],
      equipped: [
        ["head", "hat"],
        ["tool", "pick"],
      ],
    });
  });

  it("turns decimals into millionths", () => {
    expect(item("steam-pick").equip?.effects).toEqual([
      { stat: "speed", addPpm: 250_000, kind: "harvest", activity: null },
    ]);
    expect(activity("mine-copper").speed).toEqual([
      { skill: "mining", perLevelPpm: 10_000, maxPpm: 500_000 },
    ]);
    expect(activity("mine-copper").outcomes.success.entries.map(({ chancePpm }) => chancePpm)).toEqual([
      1_000_000, 20_000,
    ]);
    expect(activity("forge-gear").success).toEqual({
      basePpm: 900_000,
      skill: "smithing",
      perLevelPpm: 5_000,
      maxPpm: 990_000,
    });
  });

  it("takes every decimal of six places exactly as written", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), (addPpm) => {
        const text = `${addPpm < 0 ? "-" : ""}${Math.floor(Math.abs(addPpm) / 1e6)}.${String(Math.abs(addPpm) % 1e6).padStart(6, "0")}`;
        const effects = [{ stat: "xp", add: JSON.parse(text) as number }];
        const compiled = compileCatalog(patched({ "items.old-hat.equip.effects": effects }));
        expect(compiled.items.get("old-hat")?.equip?.effects[0]?.addPpm).toBe(addPpm === 0 ? 0 : addPpm);
      }),
      { numRuns: 300 },
    );
  });

  it("fills in what the document leaves out", () => {
    const least = compileCatalog({
      name: "least",
      kinds: ["do"],
      items: { a: {} },
      activities: { x: { kind: "do", durationMs: 1, gives: [{ item: "a" }] } },
    });
    expect(least.settings).toEqual(DEFAULT_SETTINGS);
    expect(least.items.get("a")).toEqual({
      id: "a",
      maxStack: MAX_AMOUNT,
      isRare: false,
      tags: new Set(),
      equip: null,
    });
    expect(activity("x", least)).toMatchObject({
      available: { fromMs: 0, untilMs: Infinity },
      requires: { skills: [], equipped: [], items: [] },
      takes: [],
      speed: [],
      success: null,
      xp: [],
      outcomes: { failure: { entries: [], isCertain: true } },
    });
    expect(activity("x", least).outcomes.success.entries).toEqual([
      {
        index: 0,
        chancePpm: 1_000_000,
        totalWeight: 1,
        alternatives: [{ slot: 0, item: "a", min: 1, max: 1, weight: 1, isRare: false }],
      },
    ]);
    expect(least.newPlayer).toEqual({ items: [], equipped: [], xp: [] });
    expect(least.slots).toEqual([]);
  });

  it("fills in settings one by one", () => {
    const compiled = compileCatalog(
      patched({ settings: { queue: { maxTasks: 3 }, inventory: { onFull: "block" } } }),
    );
    expect(compiled.settings).toEqual({
      ...DEFAULT_SETTINGS,
      queue: { ...DEFAULT_SETTINGS.queue, maxTasks: 3 },
      inventory: { ...DEFAULT_SETTINGS.inventory, onFull: "block" },
    });
  });

  it("gives success without a skill no bonus, and a limit of one", () => {
    expect(activity("fight-drone").success).toEqual({
      basePpm: 550_000,
      skill: null,
      perLevelPpm: 0,
      maxPpm: 1_000_000,
    });
  });

  it("lists the slots that items go in, sorted", () => {
    expect(catalog.slots).toEqual(["head", "tool"]);
  });

  it("marks what is as rare as rareFrom, or rarer", () => {
    const rarities = ["common", "fine", "rare", "legendary"];
    const isRare = (rareFrom: string | undefined, rarity: string | undefined): boolean | undefined =>
      compileCatalog(
        patched({ rarities, "settings.rareFrom": rareFrom, "items.gear.rarity": rarity }),
      ).items.get("gear")?.isRare;
    expect(["common", "fine", "rare", "legendary"].map((rarity) => isRare("rare", rarity))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(isRare("rare", undefined)).toBe(false);
    expect(isRare("common", undefined)).toBe(true);
    expect(isRare(undefined, "legendary")).toBe(false);
    expect(activity("mine-copper").alternatives.map((alternative) => alternative.isRare)).toEqual([
      false,
      true,
    ]);
  });

  it("numbers entries and alternatives through success and failure: rolls and tallies are addressed by them", () => {
    const { outcomes, alternatives } = activity("forge-gear");
    expect([...outcomes.success.entries, ...outcomes.failure.entries].map(({ index }) => index)).toEqual([
      0, 1,
    ]);
    expect(
      alternatives.map(({ slot, item: id, min, max, weight }) => ({ slot, id, min, max, weight })),
    ).toEqual([
      { slot: 0, id: "gear", min: 1, max: 1, weight: 9 },
      { slot: 1, id: "old-hat", min: 2, max: 2, weight: 1 },
      { slot: 2, id: "scrap", min: 1, max: 1, weight: 1 },
    ]);
    expect(outcomes.success.entries[0]?.alternatives).toEqual(alternatives.slice(0, 2));
    expect(outcomes.success.entries[0]?.totalWeight).toBe(10);
    expect(outcomes.failure.entries[0]?.alternatives).toEqual(alternatives.slice(2));
  });

  it("joins the xp of success and failure by skill", () => {
    const onFailure = { xp: { mining: 1, smithing: 5 } };
    const compiled = compileCatalog(patched({ "activities.forge-gear.onFailure": onFailure }));
    expect(activity("forge-gear", compiled).xp).toEqual([
      { skill: "mining", onSuccess: 0, onFailure: 1 },
      { skill: "smithing", onSuccess: 30, onFailure: 5 },
    ]);
  });

  it("knows of each item the most that a cycle could give, of an entry's alternatives only one", () => {
    const gives = [
      { item: "gear", count: [1, 3] },
      {
        oneOf: [
          { weight: 1, item: "gear", count: 5 },
          { weight: 1, item: "gear", count: [2, 7] },
          { weight: 1, item: "scrap" },
        ],
        chance: 0.1,
      },
    ];
    const onFailure = { gives: [{ item: "scrap", count: 4 }, { item: "scrap" }] };
    const patch = { "activities.forge-gear.gives": gives, "activities.forge-gear.onFailure": onFailure };
    expect(activity("forge-gear", compileCatalog(patched(patch))).greatest).toEqual([
      { item: "gear", success: { amount: 10, entries: 2 }, failure: { amount: 0, entries: 0 } },
      { item: "scrap", success: { amount: 1, entries: 1 }, failure: { amount: 5, entries: 2 } },
    ]);
  });

  it("calls an outcome certain only if nothing in it is up to chance", () => {
    const isCertain = (gives: unknown): boolean =>
      activity("mine-copper", compileCatalog(patched({ "activities.mine-copper.gives": gives }))).outcomes
        .success.isCertain;
    expect(isCertain([])).toBe(true);
    expect(
      isCertain([
        { item: "gear", count: 3 },
        { item: "scrap", count: [2, 2], chance: 1 },
      ]),
    ).toBe(true);
    expect(isCertain([{ oneOf: [{ weight: 5, item: "gear" }] }])).toBe(true);
    expect(isCertain([{ item: "gear", count: [1, 2] }])).toBe(false);
    expect(isCertain([{ item: "gear", chance: 0.999999 }])).toBe(false);
    expect(
      isCertain([
        {
          oneOf: [
            { weight: 1, item: "gear" },
            { weight: 1, item: "gear" },
          ],
        },
      ]),
    ).toBe(false);
  });

  it("keeps what newcomers get", () => {
    expect(catalog.newPlayer).toEqual({
      items: [["scrap", 3]],
      equipped: [["tool", "steam-pick"]],
      xp: [["mining", 10]],
    });
  });

  it("keeps a copy of the document: what becomes of the original changes nothing", () => {
    const document = workshop();
    const compiled = compileCatalog(document);
    document["name"] = "changed";
    (document["kinds"] as string[]).push("trade");
    (document["skills"] as Record<string, { levels: { table: number[] } }>)["smithing"]?.levels.table.push(1);
    expect(compiled.source).toEqual(workshop());
    expect(compiled.kinds).toEqual(["harvest", "craft", "combat"]);
    expect(compiled.skills.get("smithing")?.xpForLevel).toEqual([0, 100, 215]);
    expect(compileCatalog(compiled.source).hash).toBe(compiled.hash);
  });

  it("takes a key that is undefined as one that is left out", () => {
    const document = {
      ...workshop(),
      rarities: undefined,
      settings: { minCycleMs: undefined, inventory: { onFull: undefined } },
    };
    const items = {
      ...(workshop()["items"] as object),
      gear: {},
      "steam-pick": { tags: ["pick"], equip: { slot: "tool" } },
    };
    expect(compileCatalog({ ...document, items }).settings).toEqual(DEFAULT_SETTINGS);
  });
});

describe("levels", () => {
  const xpOf = (levels: unknown): readonly number[] | undefined =>
    compileCatalog(patched({ "skills.mining.levels": levels })).skills.get("mining")?.xpForLevel;

  it("are a table as written, or grow from level to level, rounded down each time", () => {
    expect(xpOf({ table: [0, 5, 5, 9] })).toEqual([0, 5, 5, 9]);
    expect(xpOf({ xpBase: 100, xpGrowth: 1.15, max: 5 })).toEqual([0, 100, 215, 347, 499]);
    expect(xpOf({ xpBase: 7, xpGrowth: 1, max: 4 })).toEqual([0, 7, 14, 21]);
    expect(xpOf({ xpBase: 7, xpGrowth: 2, max: 1 })).toEqual([0]);
  });

  it("are exact where floating point is not", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1_000_000, max: 1_500_000 }),
        fc.integer({ min: 1, max: 40 }),
        (xpBase, growthPpm, max) => {
          let total = 0n;
          const expected = Array.from({ length: max }, (_, index) => {
            const power = BigInt(Math.max(0, index - 1));
            if (index > 0) total += (BigInt(xpBase) * BigInt(growthPpm) ** power) / 1_000_000n ** power;
            return Number(total);
          });
          expect(xpOf({ xpBase, xpGrowth: growthPpm / 1e6, max })).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("are reached at exactly their xp; the last of several that ask for the same counts", () => {
    const skill = { id: "mining", xpForLevel: [0, 5, 5, 9] };
    expect([0, 4, 5, 8, 9, MAX_AMOUNT].map((xp) => levelOf(skill, xp))).toEqual([1, 1, 3, 3, 4, 4]);
    expect([0, 5, 9].map((xp) => xpForNextLevel(skill, xp))).toEqual([5, 9, Infinity]);
  });

  it("may go up to 2^53 − 1 xp and no further", () => {
    expect(xpOf({ xpBase: 1_000_000_000_000, xpGrowth: 1, max: 1000 })?.at(-1)).toBe(999e12);
    expect(() => xpOf({ xpBase: 1_000_000_000_000, xpGrowth: 1.1, max: 100 })).toThrow(/more than 2\^53 xp/);
  });
});
