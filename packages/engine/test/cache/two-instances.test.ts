/** Two instances over one store and one second tier: who sees what, and when. */
import { describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import type { RecordWrite, StoredRecord } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";

const incarnation = 1_700_000_000_000;

function write(version: number): RecordWrite {
  const expected = version === 1 ? null : { incarnation, version: version - 1 };
  return {
    expected,
    next: { playerId: "ada", incarnation, version, bytes: Uint8Array.of(version) },
    events: [],
  };
}

/** In steps that are shorter than what anybody waits for an answer. */
async function turns(clock: ManualClock, byMs: number): Promise<void> {
  for (let passedMs = 0; passedMs <= byMs; passedMs += 5) {
    clock.advance(passedMs === 0 ? 0 : 5);
    for (let tick = 0; tick < 100; tick += 1) await Promise.resolve();
  }
}

function open() {
  const clock = createManualClock();
  const server = createModelServer({ nowMs: () => clock.nowMs() });
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
    await turns(clock, 500);
    await one.store.commit([write(1)]);
    await turns(clock, 500);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(1);
    expect(versionOf(await one.store.read(["ada"], CACHED))).toBe(1);
    expect(reads()).toBe(0);
    await one.store.commit([write(2)]);
    await turns(clock, 0);
    expect(versionOf(await other.store.read(["ada"], CACHED))).toBe(2);
    expect(reads()).toBe(0);
  });

  it("trust what they hear for as long as a value lives", async () => {
    const { clock, one, other, reads } = open();
    await turns(clock, 500);
    await one.store.commit([write(1)]);
    await other.store.read(["ada"], CACHED);
    await turns(clock, 20_000);
    expect(other.cache.stats().trust).toMatchObject({ isTrusted: true, members: 2, breaks: 0 });
    expect(other.store.peek("ada")?.version).toBe(1);
    expect(reads()).toBe(0);
  });
});
