/** Two small catalogs, the second of which has lost some of the first, and the one that the server ships. */
import { readFileSync } from "node:fs";
import { type CatalogSource, compileCatalog, createTimeline, type Timeline } from "@mainspring/core";

const before: CatalogSource = {
  name: "before",
  settings: {
    queue: { maxTasks: 30, maxTaskMs: 3_600_000 },
    away: { maxMs: 86_400_000 },
    inventory: { maxStacks: 6 },
    rareFrom: "rare",
  },
  rarities: ["common", "rare"],
  kinds: ["dig", "build", "guard"],
  skills: {
    digging: { levels: { xpBase: 10, xpGrowth: 1.5, max: 20 } },
    firing: { levels: { table: [0, 5, 50] } },
  },
  items: {
    clay: { maxStack: 50 },
    brick: { maxStack: 20 },
    pearl: { rarity: "rare" },
    spade: {
      maxStack: 1,
      equip: { slot: "hand", effects: [{ stat: "speed", kind: "dig", add: 0.3 }] },
    },
    helmet: { maxStack: 1, tags: ["steel"], equip: { slot: "head", effects: [{ stat: "yield", add: 0.5 }] } },
    "value-of": { maxStack: 5 },
  },
  activities: {
    "dig-clay": {
      kind: "dig",
      durationMs: 4_000,
      gives: [
        { item: "clay", count: [1, 4] },
        { item: "pearl", chance: 0.2 },
      ],
      xp: { digging: 7 },
      speed: [{ skill: "digging", perLevel: 0.02, max: 1 }],
    },
    "fire-brick": {
      kind: "build",
      durationMs: 9_000,
      takes: { clay: 3 },
      success: { base: 0.6, skill: "firing", perLevel: 0.1 },
      gives: [{ item: "brick" }],
      xp: { firing: 4 },
      onFailure: { gives: [{ item: "clay" }] },
    },
    "stand-guard": {
      kind: "guard",
      durationMs: 30_000,
      requires: { skills: { digging: 3 }, equipped: { head: "steel" } },
      gives: [
        {
          oneOf: [
            { weight: 3, item: "value-of" },
            { weight: 1, item: "helmet" },
          ],
        },
      ],
    },
    "night-dig": {
      kind: "dig",
      durationMs: 5_000,
      available: { fromMs: 1_700_000_900_000, untilMs: 1_700_090_000_000 },
      gives: [{ item: "clay", count: 5 }],
      xp: { digging: 9 },
    },
  },
  newPlayer: { items: { clay: 9, spade: 2, helmet: 1 }, equipped: { hand: "spade" }, xp: { digging: 3 } },
};

const { firing: _, ...skillsAfter } = before.skills ?? {};
const { pearl: _1, "value-of": _2, helmet: _3, ...itemsAfter } = before.items ?? {};

const after: CatalogSource = {
  ...before,
  name: "after",
  settings: { ...before.settings, inventory: { maxStacks: 4, onFull: "discard" } },
  kinds: ["dig", "rest", "build"],
  skills: skillsAfter,
  items: { ...itemsAfter, apple: {} },
  activities: {
    "dig-clay": { kind: "dig", durationMs: 6_000, gives: [{ item: "clay", count: 2 }], xp: { digging: 5 } },
    "fire-brick": { kind: "build", durationMs: 7_000, takes: { clay: 2 }, gives: [{ item: "brick" }] },
    "take-a-nap": { kind: "rest", durationMs: 60_000, gives: [{ item: "apple", chance: 0.5 }] },
  },
  newPlayer: {},
};

export const FIRST_MS = 1_700_000_000_000;

export const BEFORE = compileCatalog(before);
export const AFTER = compileCatalog(after);

/** Knows both. */
export const CATALOGS: Timeline["catalogs"] = new Map(
  [BEFORE, AFTER].map((catalog) => [catalog.hash, catalog]),
);

/** The first catalog, the second for three minutes, the first again. */
export const TIMELINE = createTimeline(
  [
    { atMs: FIRST_MS, hash: BEFORE.hash },
    { atMs: FIRST_MS + 300_000, hash: AFTER.hash },
    { atMs: FIRST_MS + 480_000, hash: BEFORE.hash },
  ],
  [BEFORE, AFTER],
);

const shippedPath = new URL("../../../server/catalogs/clockwork-foundry.json", import.meta.url);

export const SHIPPED = compileCatalog(JSON.parse(readFileSync(shippedPath, "utf8")));

export const SHIPPED_TIMELINE = createTimeline([{ atMs: FIRST_MS, hash: SHIPPED.hash }], [SHIPPED]);
