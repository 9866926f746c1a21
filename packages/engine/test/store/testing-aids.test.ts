/** The aids that are exported for tests do what they say, and the contract finds a store that breaks it. */
import { describe, expect, it } from "vitest";
import type { Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { createFaultStore, createManualClock, storeContract } from "../../src/testing/index.js";

const first = { playerId: "ada", incarnation: 1, version: 1, bytes: Uint8Array.of(1) };
const write = { expected: null, next: first, events: [] };

describe("a fault store", () => {
  it("fails before the write, so that nothing happened", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    store.failNext("commit", "before");
    await expect(store.commit([write])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await store.read(["ada"])).toEqual([null]);
    expect(store.faults()).toEqual({ before: 1, after: 0, slow: 0 });
  });

  it("fails after the write, so that only a read can tell", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
    store.failNext("commit", "after");
    await expect(store.commit([write])).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await store.read(["ada"])).toEqual([first]);
  });

  it("answers late when the clock it was given says so, and not before", async () => {
    const clock = createManualClock();
    const store = createFaultStore({
      store: createMemoryStore(),
      seed: 1,
      wait: clock.wait,
      maxDelayMs: 500,
    });
    store.failNext("read", "slow");
    const answers: unknown[] = [];
    const answer = store.read(["ada"]).then((found) => answers.push(found));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    expect(answers).toEqual([]);
    clock.advance(500);
    await answer;
    expect(answers).toEqual([[null]]);
  });

  it("gives the same faults for the same seed, about as many as it is asked for, only in the calls it is asked for", async () => {
    const play = async (seed: number) => {
      const rates = { before: 0.1, after: 0.1, slow: 0.1 };
      const store = createFaultStore({ store: createMemoryStore(), seed, rates, calls: ["read"] });
      const failed: number[] = [];
      for (let call = 0; call < 1_000; call += 1) {
        await store.read(["ada"]).catch(() => failed.push(call));
        await store.commit([]);
      }
      return { failed, faults: store.faults() };
    };
    const once = await play(7);
    expect(await play(7)).toEqual(once);
    expect((await play(8)).failed).not.toEqual(once.failed);
    for (const count of Object.values(once.faults)) expect(Math.abs(count - 95)).toBeLessThan(50);
  });

  it("is the store it wraps when it has no faults", async () => {
    const store = createFaultStore({ store: createMemoryStore(), seed: 1, rates: { before: 1 } });
    await expect(store.read(["ada"])).rejects.toThrow("injected");
    store.setRates({});
    expect(await store.commit([write])).toEqual([{ status: "committed" }]);
    expect(store.stats().writes).toBe(1);
    await store.close();
  });
});

describe("a manual clock", () => {
  it("stands still until it is moved, on or back", () => {
    const clock = createManualClock(1_000);
    expect(clock.nowMs()).toBe(1_000);
    clock.advance(500);
    expect(clock.nowMs()).toBe(1_500);
    clock.set(200);
    expect(clock.nowMs()).toBe(200);
  });

  it("wakes those who wait in the order of their instants", async () => {
    const clock = createManualClock(0);
    const woken: string[] = [];
    const waits = [
      clock.wait(20).then(() => woken.push("later")),
      clock.wait(10).then(() => woken.push("sooner")),
      clock.wait(0).then(() => woken.push("at once")),
    ];
    clock.advance(20);
    await Promise.all(waits);
    expect(woken.slice(-2)).toEqual(["sooner", "later"]);
  });
});

describe("the store contract", () => {
  /** Stores that are wrong in one way each. */
  const wrong: Readonly<Record<string, (store: Store) => Partial<Store>>> = {
    "ignores the expected version": (store) => ({
      commit: async (writes) => {
        const current = await store.read(writes.map(({ next }) => next.playerId));
        return store.commit(writes.map((given, index) => ({ ...given, expected: current[index] ?? null })));
      },
    }),
    "hands out its own bytes": (store) => {
      const held = new Map<string, Awaited<ReturnType<Store["read"]>>>();
      return {
        read: async (ids) => {
          const key = ids.join();
          const found = held.get(key) ?? (await store.read(ids));
          held.set(key, found);
          return found;
        },
      };
    },
    "loses the events of a commit": (store) => ({
      commit: async (writes) => store.commit(writes.map((given) => ({ ...given, events: [] }))),
    }),
    "keeps answering after it was closed": () => ({ close: async () => undefined }),
    "loses marks": (store) => ({
      commit: async (writes) =>
        store.commit(writes.map(({ next, expected, events }) => ({ next, expected, events }))),
    }),
    "shows what has expired": (store) => {
      const kept = createMemoryStore();
      return {
        commit: async (writes) => {
          await kept.commit(writes);
          return store.commit(writes);
        },
        readEvents: async (query) => kept.readEvents(query),
      };
    },
    "forgets some players when it lists them": (store) => ({
      listRecords: async (query) => {
        const page = await store.listRecords(query);
        return { ...page, records: page.records.slice(1) };
      },
    }),
    "replaces settings of any version": (store) => ({
      putSettings: async (name, document) =>
        store.putSettings(name, document, (await store.readSettings(name))?.version ?? 0),
    }),
    "appends to any timeline": (store) => ({
      appendTimeline: async (entry) => store.appendTimeline(entry, (await store.readTimeline()).length),
    }),
  };
  for (const [name, change] of Object.entries(wrong)) {
    it(`finds a store that ${name}`, async () => {
      const cases = storeContract({
        isDurable: false,
        async open() {
          const times = { clock: createManualClock(), journalRetentionMs: 86_400_000 };
          const store = createMemoryStore(times);
          return { store: { ...store, ...change(store) }, ...times, cleanup: async () => undefined };
        },
      });
      const outcomes = await Promise.allSettled(cases.map(async ({ run }) => run()));
      expect(outcomes.some(({ status }) => status === "rejected")).toBe(true);
    });
  }
});
