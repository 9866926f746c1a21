/** What calls of a store take is measured at the store itself, and changes nothing. */
import { MainspringError } from "@mainspring/core";
import { createEngine, measured } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { cached, createCache } from "@mainspring/engine/cache";
import { createMemoryStore } from "@mainspring/engine/memory";
import type { Store } from "@mainspring/engine/ports";
import { createManualClock } from "@mainspring/engine/testing";
import { TICK_CATALOG } from "../support/tick-catalog.js";
import { describe, expect, it } from "vitest";

/** A store whose reads take as long as the test says, and whose commits fail. */
function slowStore() {
  const clock = createManualClock();
  const store: Store = {
    ...createMemoryStore({ clock }),
    async read(playerIds) {
      clock.advance(40);
      return playerIds.map(() => null);
    },
    async commit() {
      clock.advance(5);
      throw new MainspringError("STORE_UNAVAILABLE", "It is away.");
    },
  };
  return { store, clock };
}

describe("a measured store", () => {
  it("tells how long reads and commits took, and which of them failed", async () => {
    const { store, clock } = slowStore();
    const watched = measured(store, { timers: clock });
    await watched.read(["ada"]);
    await expect(watched.commit([])).rejects.toThrow("It is away.");
    const { calls } = watched.stats();
    expect(calls).toMatchObject({
      read: { count: 1, totalMs: 40 },
      commit: { count: 1, totalMs: 5 },
      errors: { STORE_UNAVAILABLE: 1 },
    });
    await watched.close();
  });

  it("is measured below the layers, once", async () => {
    const store = batched(measured(createMemoryStore()));
    const engine = await createEngine({
      store,
      cache: createCache({ isSoleWriter: true }),
      catalog: TICK_CATALOG,
    });
    await expect(engine.read("nobody")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    await expect(engine.read("nobody")).rejects.toMatchObject({ code: "PLAYER_NOT_FOUND" });
    const { storeStats } = engine.performance();
    expect(storeStats.calls?.read.count).toBe(storeStats.reads);
    await engine.close();
  });

  it("is measured by the engine where nobody else does", async () => {
    const engine = await createEngine({ store: createMemoryStore() });
    expect(engine.performance().storeStats.calls).toMatchObject({ read: { count: 0 }, errors: {} });
    await engine.close();
  });

  it("can look without waiting if the store below can", async () => {
    const cache = createCache({ isSoleWriter: true });
    const store = measured(cached(createMemoryStore(), cache));
    expect(store.peek?.("ada")).toBeUndefined();
    expect("peek" in measured(createMemoryStore())).toBe(false);
    await store.close();
  });
});
