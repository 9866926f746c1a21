/** A cache that is on for some players, and is switched while they play. */
import { describe, expect, it } from "vitest";
import { cached, createCache, type CacheOptions } from "../../src/cache/index.js";
import type { RecordWrite, StoredRecord } from "../../src/ports.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { pass } from "./passing-time.js";
import { incarnation, write } from "./writes-of-ada.js";

const CACHED = { consistency: "cached" } as const;

function open() {
  const clock = createManualClock();
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  const { store: below, faults } = faulty(createMemoryStore({ clock }));
  const asked: string[][] = [];
  const putBack: { to: StoredRecord | null } = { to: null };
  const store = {
    ...below,
    async read(...given: Parameters<typeof below.read>) {
      asked.push([...given[0]]);
      return putBack.to === null ? below.read(...given) : [putBack.to];
    },
  };
  /** An instance, with a switch of its own. */
  const instance = (isOnFirst: boolean, options: CacheOptions = {}) => {
    const on = { isFor: (_playerId: string) => isOnFirst };
    const remote = server.connect();
    const looks: number[] = [];
    const watched: typeof remote = {
      ...remote,
      async look(...given) {
        looks.push(given[0].length);
        return remote.look(...given);
      },
    };
    const isOn = (playerId: string): boolean => on.isFor(playerId);
    const cache = createCache({
      ...(options.isSoleWriter !== true && { remote: watched }),
      isOn,
      clock,
      timers: clock,
      ...options,
    });
    const turn = (isOnNow: boolean): void => {
      on.isFor = () => isOnNow;
    };
    return { cache, store: cached(store, cache), on, turn, looks };
  };
  return { clock, below, faults, asked, putBack, instance };
}

function faulty(store: ReturnType<typeof createMemoryStore>) {
  const faults = { failsAfterCommit: false };
  return {
    faults,
    store: {
      ...store,
      async commit(...given: Parameters<typeof store.commit>) {
        const outcomes = await store.commit(...given);
        if (faults.failsAfterCommit) throw new Error("no answer");
        return outcomes;
      },
    },
  };
}

function versionOf(records: readonly (StoredRecord | null)[]): number | undefined {
  return records[0]?.version;
}

function writeOf(playerId: string): RecordWrite {
  return { expected: null, next: { playerId, incarnation, version: 1, bytes: Uint8Array.of(1) }, events: [] };
}

describe("a cache that is off for a player", () => {
  it("asks the store once for each read, Redis never, and keeps nothing", async () => {
    const { clock, asked, instance } = open();
    const { store, cache, looks } = instance(false);
    await pass(clock, 500);
    await store.commit([write(1)]);
    for (let count = 1; count <= 3; count += 1) {
      expect(versionOf(await store.read(["ada"], CACHED))).toBe(1);
      expect(asked).toHaveLength(count);
    }
    expect(store.peek("ada")).toBeUndefined();
    expect(store.isCached("ada")).toBe(false);
    expect(looks).toEqual([]);
    expect(cache.stats().namespaces["activeQueue.local"]).toMatchObject({
      entries: 0,
      hits: 0,
      misses: 0,
      loads: 0,
    });
    await store.close();
  });

  it("makes what is derived of the record each time, and keeps none of it", async () => {
    const { clock, instance } = open();
    const { store, cache, looks } = instance(false);
    await pass(clock, 500);
    await store.commit([write(1)]);
    const values = cache.players<string>("taskProgress");
    const wanted = { atLeast: { incarnation: 0, version: 0 }, isGood: () => true };
    let made = 0;
    const make = async () => {
      made += 1;
      return { stamp: { incarnation, version: 1 }, value: `made ${made}` };
    };
    expect(await values.get("ada", wanted, make)).toBe("made 1");
    expect(await values.get("ada", wanted, make)).toBe("made 2");
    expect(looks).toEqual([]);
    expect(cache.stats().namespaces["taskProgress.local"]).toMatchObject({ entries: 0, misses: 0 });
    await store.close();
  });

  it("is one for others in the same call, whose answers come in order", async () => {
    const { clock, asked, instance } = open();
    const { store, on } = instance(true);
    on.isFor = (playerId) => playerId.startsWith("on");
    await pass(clock, 500);
    await store.commit(["on1", "off1", "on2", "off2"].map(writeOf));
    const records = await store.read(["off1", "on1", "off2", "nobody", "on2", "on1"], CACHED);
    expect(records.map((record) => record?.playerId)).toEqual([
      "off1",
      "on1",
      "off2",
      undefined,
      "on2",
      "on1",
    ]);
    expect(asked).toEqual([["off1", "off2", "nobody"]]);
    await store.close();
  });

  it("goes on keeping catalogs, which are nobody's", async () => {
    const { clock, below, instance } = open();
    const { store } = instance(false);
    await pass(clock, 500);
    await store.putCatalog("hash", "document");
    await below.putCatalog("hash", "changed below");
    expect(await store.readCatalog("hash")).toBe("document");
    await store.close();
  });
});

describe("a commit of a player for whom the cache is off here", () => {
  it("is heard at once where it is on", async () => {
    const { clock, asked, instance } = open();
    const [here, there] = [instance(false), instance(true)];
    await pass(clock, 500);
    await here.store.commit([write(1)]);
    await there.store.read(["ada"], CACHED);
    await pass(clock, 500);
    const askedBefore = asked.length;
    await here.store.commit([write(2)]);
    await pass(clock, 0);
    expect(there.store.peek("ada")).toBeUndefined();
    expect(versionOf(await there.store.read(["ada"], CACHED))).toBe(2);
    expect(asked).toHaveLength(askedBefore + 1);
    await here.store.close();
    await there.store.close();
  });

  it("is doubted there, as long as it may still happen, if it ends without an answer", async () => {
    const { clock, faults, instance } = open();
    const [here, there] = [instance(false), instance(true)];
    await pass(clock, 500);
    await here.store.commit([write(1)]);
    await there.store.read(["ada"], CACHED);
    await pass(clock, 500);
    expect(there.store.peek("ada")?.version).toBe(1);
    faults.failsAfterCommit = true;
    await expect(here.store.commit([write(2)])).rejects.toThrow("no answer");
    await pass(clock, 0);
    expect(there.store.peek("ada")).toBeUndefined();
    expect(versionOf(await there.store.read(["ada"], CACHED))).toBe(2);
    await pass(clock, 1_005);
    expect(there.store.peek("ada")).toBeUndefined();
    await here.store.close();
    await there.store.close();
  });
});

describe.each([
  { how: "of the only writer", options: { isSoleWriter: true } },
  { how: "with a second tier", options: {} },
])("a cache $how that is switched off and on again", ({ options }) => {
  it("shows nothing older than what was committed meanwhile", async () => {
    const { clock, instance } = open();
    const { store, turn } = instance(true, options);
    await pass(clock, 500);
    await store.commit([write(1)]);
    expect(store.peek("ada")?.version).toBe(1);
    turn(false);
    await store.commit([write(2)]);
    turn(true);
    expect(store.peek("ada")).toBeUndefined();
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(2);
    await store.close();
  });

  it("shows nothing older than what was shown meanwhile, though nobody told of it", async () => {
    const { clock, below, instance } = open();
    const { store, turn } = instance(true, options);
    await pass(clock, 500);
    await store.commit([write(1)]);
    turn(false);
    await below.commit([write(2)]);
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(2);
    turn(true);
    expect(store.peek("ada")).toBeUndefined();
    // The second tier has the older one, and vouches for it.
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(2);
    await store.close();
  });

  it("keeps again, and serves what it kept before, if nothing has changed", async () => {
    const { clock, asked, instance } = open();
    const { store, turn } = instance(true, options);
    await pass(clock, 500);
    await store.commit([write(1)]);
    turn(false);
    await store.read(["ada"], CACHED);
    turn(true);
    expect(store.peek("ada")?.version).toBe(1);
    await store.commit([write(2)]);
    expect(store.peek("ada")?.version).toBe(2);
    expect(asked).toHaveLength(1);
    await store.close();
  });
});

describe("a cache that is off", () => {
  it("takes the word of a store that was put back to an earlier day, once it is on again", async () => {
    const { clock, putBack, instance } = open();
    const { store, turn } = instance(true, { isSoleWriter: true });
    await pass(clock, 500);
    await store.commit([write(1)]);
    await store.commit([write(2)]);
    turn(false);
    putBack.to = write(1).next;
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(1);
    turn(true);
    expect(store.peek("ada")).toBeUndefined();
    expect(versionOf(await store.read(["ada"], CACHED))).toBe(1);
    await store.close();
  });
});
