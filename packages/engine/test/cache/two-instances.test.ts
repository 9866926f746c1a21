/** Two instances over one store and one second tier: who sees what, and when. */
import { describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import type { StoredRecord } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { write } from "./writes-of-ada.js";
import { pass } from "./passing-time.js";

function open() {
  const clock = createManualClock();
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  const below = createMemoryStore({ clock });
  let reads = 0;
  const store = {
    ...below,
    async read(...given: Parameters<typeof below.read>) {
      reads += 1;
      return below.read(...given);
    },
  };
  const instance = () => {
    const cache = createCache({ remote: server.connect(), clock, timers: clock });
    return { cache, store: cached(store, cache) };
  };
  return { clock, server, one: instance(), other: instance(), reads: () => reads };
}

function versionOf(records: readonly (StoredRecord | null)[]): number | undefined {
  return records[0]?.version;
}

const CACHED = { consistency: "cached" } as const;

describe("two instances that share a second tier", () => {
  it("load a record once, and see each other's changes at once", async () => {
    const { clock, one, other, reads } = open();
    await pass(clock, 500);
    await one.store.commit([write(1)]);
    await pass(clock, 500);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(1);
    expect(versionOf(await one.store.read(["ada"], CACHED))).toBe(1);
    expect(reads()).toBe(0);
    await one.store.commit([write(2)]);
    await pass(clock, 0);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
    expect(reads()).toBe(0);
  });

  it("trust what they hear for as long as a value lives", async () => {
    const { clock, one, other, reads } = open();
    await pass(clock, 500);
    await one.store.commit([write(1)]);
    await other.store.read(["ada"], CACHED);
    await pass(clock, 20_000);
    expect(other.cache.stats().trust).toMatchObject({ isTrusted: true, members: 2, breaks: 0 });
    expect(other.store.peek("ada")?.version).toBe(1);
    expect(reads()).toBe(0);
  });
});
