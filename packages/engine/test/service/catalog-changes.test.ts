import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { enqueue, openEngine, OWN, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const { smelt: _, ...withoutSmelt } = TICK_CATALOG.activities;
const FASTER = {
  ...TICK_CATALOG,
  activities: { ...withoutSmelt, mine: { ...TICK_CATALOG.activities.mine, durationMs: 500 } },
};

describe("activating a catalog", () => {
  it("takes the first at once, and later ones a minute ahead at the earliest", async () => {
    const { engine, clock } = await openEngine();
    expect(await engine.catalogs.timeline()).toMatchObject([{ atMs: START_MS }]);
    await expect(
      engine.catalogs.propose(FASTER, { activateAtMs: clock.nowMs() + 59_999 }),
    ).rejects.toMatchObject({ code: "CATALOG_TOO_SOON" });
    expect(await engine.catalogs.propose(FASTER)).toMatchObject({
      atMs: START_MS + 60_000,
      isUnchanged: false,
    });
    expect((await engine.catalogs.active()).source.activities).toHaveProperty("smelt");
    clock.advance(60_000);
    expect((await engine.catalogs.active()).source.activities).not.toHaveProperty("smelt");
  });

  it("replaces texts without a change of content", async () => {
    const { engine } = await openEngine();
    const renamed = { ...TICK_CATALOG, items: { ...TICK_CATALOG.items, ore: { name: "Ore of the deep" } } };
    expect(await engine.catalogs.propose(renamed)).toMatchObject({ isUnchanged: true });
    expect((await engine.catalogs.active()).source.items?.["ore"]?.name).toBe("Ore of the deep");
    expect(await engine.catalogs.timeline()).toHaveLength(1);
  });

  it("stores nothing of a catalog with mistakes, and names them all", async () => {
    const { engine } = await openEngine();
    const broken = { ...TICK_CATALOG, kinds: ["harvest", "kraft"] };
    await expect(engine.catalogs.propose(broken)).rejects.toMatchObject({
      code: "CATALOG_INVALID",
      details: { mistakes: [{ path: "activities.smelt.kind" }] },
    });
    expect(await engine.catalogs.timeline()).toHaveLength(1);
  });

  it("finds its catalogs again after a restart, without being given one", async () => {
    const store = createMemoryStore();
    const clock = createManualClock(START_MS);
    const first = await openEngine({ store, clock });
    await first.engine.apply("ada", enqueue("mine", 3), OWN);
    const second = await openEngine({ store, clock, catalog: undefined });
    clock.advance(3_000);
    expect((await second.engine.read("ada")).state.items.get("ore")).toBe(3);
  });

  it("moves each player at its instant: the cycle in flight under its old terms, the next ones under the new", async () => {
    const { engine, clock } = await openEngine();
    await engine.catalogs.propose(FASTER);
    clock.advance(58_500);
    await engine.apply("ada", { type: "adjust", adjust: { items: { ore: 2 } } }, { ...OWN, key: "ore" });
    await engine.apply(
      "ada",
      { type: "enqueue", tasks: [{ activity: "mine", repeat: 4 }, { activity: "smelt" }] },
      OWN,
    );
    clock.advance(2_000 + 2 * 500);
    const { state } = await engine.read("ada");
    // Cycles ended at 59.5 s and, begun under the old catalog, at 60.5 s; then two of half a second.
    expect(state.items.get("ore")).toBe(2 + 4);
    expect(state.lanes[0].tasks).toEqual([]);
    const { events } = await engine.events("ada");
    expect(events.filter(({ type }) => type === "task-ended")).toMatchObject([
      { activity: "smelt", reason: "removed", atMs: START_MS + 60_000 },
      { activity: "mine", reason: "done", atMs: START_MS + 61_500 },
    ]);
  });

  it("meets players with a clock ahead of the server's at the same distance", async () => {
    const { engine, clock } = await openEngine({ isDevelopment: true });
    await engine.apply("ada", enqueue("mine", 10_000), OWN);
    await engine.catalogs.propose(FASTER);
    await engine.apply("ada", { type: "fast-forward", byMs: 3_600_000 });
    expect((await engine.events("ada")).events.map(({ type }) => type)).not.toContain("catalog-moved");
    clock.advance(60_000);
    const { events } = await engine.events("ada");
    expect(events.find(({ type }) => type === "catalog-moved")).toMatchObject({
      atMs: START_MS + 60_000 + 3_600_000,
    });
  });

  it("never settles past a change that another instance has announced", async () => {
    const store = createMemoryStore();
    const clock = createManualClock(START_MS);
    const announcer = await openEngine({ store, clock });
    const other = await openEngine({ store, clock });
    await other.engine.apply("ada", enqueue("mine", 1_000), OWN);
    await announcer.engine.catalogs.propose(FASTER);
    clock.advance(65_000);
    expect((await other.engine.read("ada")).state.items.get("ore")).toBe(60 + 10);
  });
});
