/** What the cache counts, and what it pays for once. */
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/index.js";
import { createEngine } from "../../src/create-engine.js";
import type { Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { OWN, START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

async function open() {
  const clock = createManualClock(START_MS);
  const below = createMemoryStore({ clock });
  let reads = 0;
  const store: Store = {
    ...below,
    async read(...given) {
      reads += 1;
      return below.read(...given);
    },
  };
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  const remote = server.connect();
  const cache = createCache({ remote, clock, timers: clock, random: () => 0 });
  const engine = await createEngine({ store, cache, clock, catalog: TICK_CATALOG });
  const settle = async () => {
    for (let tick = 0; tick < 100; tick += 1) await Promise.resolve();
  };
  const counters = () => {
    const { hits = 0, misses = 0, expired = 0 } = cache.stats().namespaces["activeQueue.local"] ?? {};
    return { hits, misses, expired };
  };
  return { clock, engine, cache, settle, counters, reads: () => reads };
}

function since(
  before: { hits: number; misses: number; expired: number },
  now: { hits: number; misses: number; expired: number },
) {
  return {
    hits: now.hits - before.hits,
    misses: now.misses - before.misses,
    expired: now.expired - before.expired,
  };
}

describe("the counters of records", () => {
  it("count one request for what has expired as one: a look without waiting, then the read", async () => {
    const { clock, engine, settle, counters } = await open();
    await engine.read("ada", OWN);
    await settle();
    clock.advance(400_000);
    await settle();
    const before = counters();
    // As the server does it.
    expect(engine.peek("ada")).toBeNull();
    await engine.read("ada");
    expect(since(before, counters())).toEqual({ hits: 0, misses: 1, expired: 1 });
  });

  it("count a request for a newer version than is here as a miss, and not as a hit too", async () => {
    const { engine, settle, counters } = await open();
    const { incarnation, version } = await engine.read("ada", OWN);
    await settle();
    const before = counters();
    await engine.read("ada", { atLeast: { incarnation, version: version + 1 } }).catch(() => undefined);
    expect(since(before, counters())).toEqual({ hits: 0, misses: 1, expired: 0 });
  });
});

describe("a demand for a version that there is not", () => {
  it("asks the store no more than twice: the cache, and whoever relies on it", async () => {
    const { engine, settle, reads } = await open();
    const { incarnation, version } = await engine.read("ada", OWN);
    await settle();
    const before = reads();
    await engine.read("ada", { atLeast: { incarnation, version: version + 1 } }).catch(() => undefined);
    expect(reads() - before).toBeLessThanOrEqual(2);
  });
});

describe("a hit near the end of a value's life", () => {
  it("doesn't ask a store that fails again with each hit", async () => {
    const { clock, engine, cache, settle } = await open();
    void engine;
    const below = createMemoryStore({ clock });
    void below;
    let asked = 0;
    const other = createCache({ isSoleWriter: true, clock, timers: clock, random: () => 0 });
    const namespace = other.namespace<number>("numbers", { ttlSeconds: 100 });
    await namespace.get("one", async () => 1);
    clock.advance(85_000);
    const failing = async (): Promise<number> => {
      asked += 1;
      throw new Error("overloaded");
    };
    for (let hit = 0; hit < 1_000; hit += 1) {
      await namespace.get("one", failing);
      await settle();
    }
    void cache;
    // A second hasn't passed.
    expect(asked).toBeLessThanOrEqual(10);
  });
});
