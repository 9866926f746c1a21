/** Interval checkpoints that are on for some players, and are switched while they play. */
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/index.js";
import type { Engine } from "../../src/engine.js";
import { enqueue, openEngine, OWN, START_MS } from "../support/open-engine.js";

async function open({ isCached = false } = {}) {
  const on = new Set<string>();
  const checkpoint = { everyMs: 120_000, isOn: (playerId: string): boolean => on.has(playerId) };
  const cache = createCache({ isSoleWriter: true });
  const test = await openEngine({ checkpoint, ...(isCached && { cache }) });
  return { ...test, on };
}

function oreOf({ state }: Awaited<ReturnType<Engine["read"]>>): number {
  return state.items.get("ore") ?? 0;
}

describe("interval checkpoints that are on for a player", () => {
  it("save nothing of what the player is shown, and before they show it what others are", async () => {
    const { engine, store, clock, on } = await open();
    on.add("ada");
    for (const id of ["ada", "bob"]) await engine.apply(id, enqueue("mine", 100), OWN);
    const { writes } = store.stats();
    clock.advance(5_600);
    expect(oreOf(await engine.read("ada", OWN))).toBe(5);
    expect(store.stats().writes).toBe(writes);
    expect(oreOf(await engine.read("bob", OWN))).toBe(5);
    expect(store.stats().writes).toBe(writes + 1);
    await engine.close();
  });
});

describe.each([{ isCached: false }, { isCached: true }])(
  "a player who is switched (cached: $isCached)",
  ({ isCached }) => {
    it("from interval to commit has saved with the next read what was shown", async () => {
      const { engine, store, clock, on } = await open({ isCached });
      on.add("ada");
      await engine.apply("ada", enqueue("mine", 100), OWN);
      clock.advance(5_600);
      expect(oreOf(await engine.read("ada", OWN))).toBe(5);
      const { writes } = store.stats();
      on.clear();
      // What is at hand is not saved: it is for a read that may wait.
      expect(engine.peek("ada", OWN)).toBeNull();
      const view = await engine.read("ada", OWN);
      expect(oreOf(view)).toBe(5);
      expect(store.stats().writes).toBe(writes + 1);
      await engine.close();
    });

    it("from interval to commit is not shown less, though the clock is set back", async () => {
      const { engine, store, clock, on } = await open({ isCached });
      on.add("ada");
      await engine.apply("ada", enqueue("mine", 100), OWN);
      clock.advance(5_600);
      expect(oreOf(await engine.read("ada", OWN))).toBe(5);
      on.clear();
      clock.set(START_MS + 500);
      const { writes } = store.stats();
      expect(engine.peek("ada", OWN)).toBeNull();
      expect(oreOf(await engine.read("ada", OWN))).toBe(5);
      expect(store.stats().writes).toBe(writes + 1);
      await engine.close();
    });

    it("from commit to interval is not shown less, and peeks agree with reads", async () => {
      const { engine, clock, on } = await open({ isCached });
      await engine.apply("ada", enqueue("mine", 100), OWN);
      clock.advance(5_000);
      expect(oreOf(await engine.read("ada", OWN))).toBe(5);
      on.add("ada");
      for (let step = 0; step < 8; step += 1) {
        const peeked = engine.peek("ada", OWN);
        const read = await engine.read("ada", OWN);
        expect(oreOf(read)).toBe(step < 6 ? 5 : 6);
        if (peeked !== null) expect(oreOf(peeked)).toBe(oreOf(read));
        clock.advance(250);
      }
      await engine.close();
    });

    it("has a progress bar and totals that never show less than was shown", async () => {
      const { engine, clock, on } = await open({ isCached });
      const of = (namespace: "taskProgress" | "playerStats") =>
        ({ namespace, name: "ore", make: oreOf }) as const;
      await engine.apply("ada", enqueue("mine", 100), OWN);
      // Kept, where there is a cache, as of now.
      for (const namespace of ["taskProgress", "playerStats"] as const)
        await engine.summary("ada", of(namespace));
      on.add("ada");
      clock.advance(5_600);
      for (const namespace of ["taskProgress", "playerStats"] as const) {
        expect((await engine.summary("ada", of(namespace))).value).toBe(5);
      }
      on.clear();
      clock.set(START_MS + 500);
      for (const namespace of ["taskProgress", "playerStats"] as const) {
        expect((await engine.summary("ada", of(namespace))).value).toBe(5);
      }
      await engine.close();
    });
  },
);

it("a value that is kept is made of what is saved, though its player is switched while it is made", async () => {
  const { engine, store, clock, on } = await open({ isCached: true });
  await engine.apply("ada", enqueue("mine", 100), OWN);
  on.add("ada");
  clock.advance(5_600);
  expect(oreOf(await engine.read("ada", OWN))).toBe(5);
  on.clear();
  const { writes } = store.stats();
  const asking = engine.summary("ada", { namespace: "taskProgress", name: "ore", make: oreOf });
  on.add("ada");
  expect((await asking).value).toBe(5);
  expect(store.stats().writes).toBe(writes + 1);
  await engine.close();
});
