import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore } from "../../src/testing/index.js";
import { enqueue, openEngine, OWN } from "../support/open-engine.js";

describe("reading a player", () => {
  it("makes the player on the first request of their own, and for nobody else", async () => {
    const { engine } = await openEngine();
    await expect(engine.read("ada")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    expect((await engine.read("ada", OWN)).version).toBe(1);
    expect((await engine.read("ada")).version).toBe(1);
  });

  it("makes one player out of many first requests at once", async () => {
    const { engine } = await openEngine();
    const views = await Promise.all(Array.from({ length: 20 }, () => engine.read("ada", OWN)));
    expect(new Set(views.map(({ incarnation, version }) => `${incarnation}/${version}`)).size).toBe(1);
  });

  it("writes nothing while a cycle is merely under way, and saves a milestone before it shows it", async () => {
    const { engine, store, clock } = await openEngine();
    await engine.apply("ada", enqueue("mine", 3), OWN);
    const { writes } = store.stats();
    clock.advance(999);
    expect((await engine.read("ada", OWN)).state.items.get("ore")).toBeUndefined();
    expect(store.stats().writes).toBe(writes);
    clock.advance(1);
    expect((await engine.read("ada", OWN)).state.items.get("ore")).toBe(1);
    expect(store.stats().writes).toBe(writes + 1);
  });

  it("shows no reward that could not be saved, and the same one once it can", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    const { engine, clock } = await openEngine({ store });
    await engine.apply("ada", enqueue("dig", 50), OWN);
    clock.advance(30_000);
    store.failNext("commit", "before");
    await expect(engine.read("ada", OWN)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    const shown = await engine.read("ada", OWN);
    const again = await engine.read("ada", OWN);
    expect(shown.state.items.get("ore")).toBeGreaterThanOrEqual(30);
    expect(again.state.items).toEqual(shown.state.items);
    expect(again.version).toBe(shown.version);
  });

  it("never goes backwards when the server's clock is set back", async () => {
    const { engine, clock } = await openEngine();
    await engine.apply("ada", enqueue("mine", 10), OWN);
    clock.advance(5_000);
    const before = await engine.read("ada", OWN);
    clock.advance(-3_600_000);
    const after = await engine.read("ada", OWN);
    expect(after.state.items).toEqual(before.state.items);
    expect(after.nowMs).toBe(before.state.settledAtMs);
    const queued = await engine.apply("ada", enqueue("mine"), OWN);
    expect(queued.view.state.settledAtMs).toBe(before.state.settledAtMs);
  });

  it("shows no secret", async () => {
    const { engine } = await openEngine();
    const view = await engine.read("ada", OWN);
    expect("seed" in view.state).toBe(false);
  });

  it("keeps a month of chances from hogging the process: others are served in between", async () => {
    const { engine, clock } = await openEngine();
    await engine.read("bob", OWN);
    await engine.apply("ada", enqueue("dig", 2_000_000), OWN);
    clock.advance(24 * 86_400_000);
    const order: string[] = [];
    const late = engine.read("ada").then(() => order.push("ada"));
    const quick = engine.read("bob").then(() => order.push("bob"));
    await Promise.all([late, quick]);
    expect(order).toEqual(["bob", "ada"]);
  });
});

describe("being seen", () => {
  const awayMs = 86_400_000 + 12 * 3_600_000;

  it("is written alone only when the stored sight is over twelve hours old", async () => {
    const { engine, store, clock } = await openEngine();
    await engine.read("ada", OWN);
    const { writes } = store.stats();
    clock.advance(12 * 3_600_000);
    await engine.read("ada", OWN);
    expect(store.stats().writes).toBe(writes);
    clock.advance(1);
    await engine.read("ada", OWN);
    expect(store.stats().writes).toBe(writes + 1);
  });

  it("resumes a queue that paused because the player was away, and an operator's look does not", async () => {
    const { engine, clock } = await openEngine();
    await engine.apply("ada", enqueue("mine", 1_000_000), OWN);
    clock.advance(awayMs + 5_000);
    const looked = await engine.read("ada");
    expect(looked.state.lanes[0].paused).toMatchObject({ reason: "AWAY" });
    expect(looked.state.items.get("ore")).toBe(awayMs / 1_000);
    const seen = await engine.read("ada", OWN);
    expect(seen.state.lanes[0].paused).toBeNull();
    clock.advance(1_000);
    expect((await engine.read("ada")).state.items.get("ore")).toBe(awayMs / 1_000 + 1);
  });
});
