/** The demo game's catalog is worth playing: everything in it can be reached, is of use, and comes in good time. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Activity,
  compileCatalog,
  forecast,
  applyCommand,
  createPlayer,
  createSeed,
  createTimeline,
  settle,
} from "../../src/index.js";
import { playThrough } from "./play-through.js";
import { depthOf, reachableIn } from "./reachability.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const file = new URL("../../../server/catalogs/clockwork-foundry.json", import.meta.url);
const catalog = compileCatalog(JSON.parse(readFileSync(file, "utf8")));
const activities = [...catalog.activities.values()];
const isSeasonal = ({ available }: Activity): boolean => available.fromMs > 0 || available.untilMs < Infinity;
const isHidden = ({ id }: Activity): boolean => catalog.source.activities[id]?.hidden === true;

describe("what is in the clockwork foundry", () => {
  it("is enough to play for long", () => {
    expect(activities.length).toBeGreaterThanOrEqual(28);
    expect(catalog.items.size).toBeGreaterThanOrEqual(44);
    expect(catalog.skills.size).toBeGreaterThanOrEqual(6);
    expect(catalog.slots.length).toBeGreaterThanOrEqual(4);
    expect(new Set(activities.map(({ kind }) => kind))).toEqual(new Set(["harvest", "craft", "combat"]));
    expect(activities.some(isSeasonal)).toBe(true);
    expect(activities.some(isHidden)).toBe(true);
  });

  it("has a name and a description for everything that players see", () => {
    const { skills = {}, items = {} } = catalog.source;
    const texts = { ...catalog.source.activities, ...items, ...skills };
    const silent = Object.entries(texts).filter(([, { name, description }]) => !name || !description);
    expect(silent).toEqual([]);
  });

  it("has effects on all four stats, and crafts whose inputs are crafted from what is crafted", () => {
    const stats = [...catalog.items.values()].flatMap(({ equip }) =>
      (equip?.effects ?? []).map(({ stat }) => stat),
    );
    expect(new Set(stats)).toEqual(new Set(["speed", "success", "yield", "xp"]));
    expect(depthOf(catalog, "clock-movement")).toBeGreaterThanOrEqual(4);
    expect(depthOf(catalog, "mainspring-heart")).toBeGreaterThanOrEqual(5);
  });

  it("gives every item a use: as an input, a requirement, equipment or a trophy", () => {
    const used = new Set(
      activities.flatMap(({ takes, requires }) => [...takes, ...requires.items].map(([item]) => item)),
    );
    const idle = [...catalog.items.values()].filter(
      ({ id, equip, tags }) => equip === null && !tags.has("trophy") && !used.has(id),
    );
    expect(idle.map(({ id }) => id)).toEqual([]);
  });

  it("gives every skill a use: a requirement, a bonus or a chance", () => {
    const used = activities.flatMap(({ requires, speed, success }) => [
      ...requires.skills.map(([skill]) => skill),
      ...speed.map(({ skill }) => skill),
      success?.skill,
    ]);
    const known = new Set(used);
    expect([...catalog.skills.keys()].filter((id) => !known.has(id))).toEqual([]);
  });

  it("lets players reach everything, and all but souvenirs without a season or a secret", () => {
    const all = reachableIn(catalog);
    expect([...all.activities]).toHaveLength(activities.length);
    expect([...catalog.items.keys()].filter((id) => !all.items.has(id))).toEqual([]);
    expect([...catalog.skills.keys()].filter((id) => !all.skills.has(id))).toEqual([]);
    const always = reachableIn(catalog, (activity) => isSeasonal(activity) || isHidden(activity));
    const missed = [...catalog.items.keys()].filter((id) => !always.items.has(id));
    expect(missed.sort()).toEqual(["frost-cog", "jubilee-ribbon", "mouse-kings-crown"]);
    const closed = activities.filter(
      (activity) => !isSeasonal(activity) && !isHidden(activity) && !always.activities.has(activity.id),
    );
    expect(closed).toEqual([]);
  });
});

describe("a newcomer's first minute in the clockwork foundry", () => {
  const startMs = Date.UTC(2026, 5, 1);
  const timeline = createTimeline([{ atMs: 0, hash: catalog.hash }], [catalog]);
  const player = createPlayer(timeline, { nowMs: startMs, seed: createSeed(new Uint8Array(16)) });
  const queued = (ids: readonly string[]) =>
    applyCommand(
      player,
      timeline,
      { type: "enqueue", tasks: ids.map((activity) => ({ activity })) },
      { atMs: startMs, emit: () => undefined },
    ).state;

  it("offers several activities of each kind that start at once", () => {
    const open = activities.filter(({ id }) => queued([id]).lanes[0].cycle !== null);
    for (const kind of catalog.kinds)
      expect(open.filter((activity) => activity.kind === kind).length).toBeGreaterThanOrEqual(2);
  });

  it("rewards three tasks of three kinds within 20 seconds, the first within 6", () => {
    const state = queued(["sift-scrapyard", "file-cogs", "shoo-scrap-rats"]);
    expect(forecast(state, timeline).shortfalls).toEqual([]);
    expect(settle(state, timeline, startMs + 6_000).items.get("brass-scrap")).toBeGreaterThan(12 - 2);
    const later = settle(state, timeline, startMs + 20_000);
    expect(later.lanes[0].tasks).toEqual([]);
    expect([...later.totals.keys()].sort()).toEqual(["combat", "craft", "harvest"]);
    expect([...later.xp.keys()].sort()).toEqual(["gunnery", "salvaging", "tinkering"]);
  });
});

describe("a sensible player of the clockwork foundry", () => {
  const permanent = activities.filter((activity) => !isSeasonal(activity));
  const levels = ({ requires }: Activity): number =>
    requires.skills.reduce((sum, [, level]) => sum + level, 0);

  it.each([1, 7, 200])("gets to do everything, in good time (seed %i)", (seedByte) => {
    const play = playThrough(catalog, {
      startMs: Date.UTC(2026, 5, 1),
      seedByte,
      isUsable: (activity) => !isSeasonal(activity) && !isHidden(activity),
    });
    for (const { id } of [...permanent].sort((a, b) => levels(a) - levels(b))) play.reach(id);
    const reachedMs = (id: string): number => play.firstDoneMs.get(id) ?? Infinity;
    for (const { id } of permanent) expect(reachedMs(id), id).toBeLessThan(14 * DAY_MS);
    // A session, an evening, a day, most of a week: there is always something next, and the best is not to be had at once.
    expect(reachedMs("build-windup-mouse")).toBeLessThan(15 * MINUTE_MS);
    expect(reachedMs("forge-brass-pick")).toBeLessThan(4 * HOUR_MS);
    expect(reachedMs("build-steam-drill")).toBeLessThan(DAY_MS);
    expect(reachedMs("wake-the-clock-dragon")).toBeGreaterThan(DAY_MS);
    expect(reachedMs("forge-mainspring-heart")).toBeGreaterThan(3 * DAY_MS);
    expect(play.state().totals.size).toBe(catalog.kinds.length);
  });
});
