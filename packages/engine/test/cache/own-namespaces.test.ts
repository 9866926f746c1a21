/** A game's own values: one load for all, and no load that undoes a write. */
import { describe, expect, it } from "vitest";
import { createCache, type CacheOptions } from "../../src/cache/index.js";
import { createMemoryBudget } from "../../src/memory/budget.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock, type ManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";

interface Guild {
  readonly name: string;
}

const OLD: Guild = { name: "old" };
const NEW: Guild = { name: "new" };

/** A load that ends when it is told to. */
function held(): {
  load: () => Promise<Guild | null>;
  end: (value: Guild | null) => void;
  fail: () => void;
  calls: () => number;
} {
  let calls = 0;
  let resolve: (value: Guild | null) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Guild | null>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return {
    load: async () => {
      calls += 1;
      return promise;
    },
    end: resolve,
    fail: () => reject(new Error("no database")),
    calls: () => calls,
  };
}

const never = async (): Promise<Guild | null> => {
  throw new Error("It should not have been loaded.");
};

async function pass(clock: ManualClock, byMs: number): Promise<void> {
  for (let step = 0; step < 10; step += 1) {
    clock.advance(byMs / 10);
    for (let tick = 0; tick < 100; tick += 1) await Promise.resolve();
  }
}

function open(options: CacheOptions = {}) {
  const clock = createManualClock();
  const cache = createCache({ isSoleWriter: true, random: () => 0, clock, timers: clock, ...options });
  return { clock, cache };
}

const WAYS = [
  { name: "of one process", open: () => open() },
  {
    name: "with a second tier",
    open() {
      const clock = createManualClock();
      const server = createModelServer({ nowMs: () => clock.nowMs() });
      void beginGroup(server.connect());
      const remote = server.connect();
      return { clock, cache: createCache({ remote, random: () => 0, clock, timers: clock }) };
    },
  },
];

for (const way of WAYS) {
  describe(`a namespace ${way.name}`, () => {
    it("loads a value once for all who ask, and gives it at once from then on", async () => {
      const { cache, clock } = way.open();
      await pass(clock, 1_000);
      const guilds = cache.namespace<Guild>("guilds");
      const slow = held();
      const ask = async (load: () => Promise<Guild | null>) => guilds.get("g1", load);
      const asked = [ask(slow.load), ask(never), ask(never)];
      await pass(clock, 10);
      slow.end(OLD);
      expect(await Promise.all(asked)).toEqual([OLD, OLD, OLD]);
      expect(slow.calls()).toBe(1);
      expect(guilds.get("g1", never)).toEqual(OLD);
      expect(guilds.peek("g1")).toEqual(OLD);
      expect(guilds.peek("g2")).toBeUndefined();
    });

    it("keeps what was set while a slow load was under way", async () => {
      const { cache, clock } = way.open();
      await pass(clock, 1_000);
      const guilds = cache.namespace<Guild>("guilds");
      const slow = held();
      const asked = guilds.get("g1", slow.load);
      await pass(clock, 10);
      await guilds.set("g1", NEW);
      slow.end(OLD);
      await asked;
      await pass(clock, 10);
      expect(await guilds.get("g1", never)).toEqual(NEW);
    });

    it("keeps deleted what was deleted while a slow load was under way", async () => {
      const { cache, clock } = way.open();
      await pass(clock, 1_000);
      const guilds = cache.namespace<Guild>("guilds");
      const slow = held();
      const asked = guilds.get("g1", slow.load);
      await pass(clock, 10);
      await guilds.delete("g1");
      slow.end(OLD);
      await asked;
      await pass(clock, 10);
      expect(guilds.peek("g1")).toBeUndefined();
      expect(await guilds.get("g1", async () => null)).toBeNull();
    });

    it("remembers for a while that there is no value", async () => {
      const { cache, clock } = way.open();
      await pass(clock, 1_000);
      const guilds = cache.namespace<Guild>("guilds", { absentTtlSeconds: 5 });
      expect(await guilds.get("g1", async () => null)).toBeNull();
      await pass(clock, 1_000);
      expect(guilds.get("g1", never)).toBeNull();
      await pass(clock, 5_000);
      expect(await guilds.get("g1", async () => NEW)).toEqual(NEW);
    });

    it("says of a bad key what a key is", () => {
      const { cache } = way.open();
      const guilds = cache.namespace<Guild>("guilds");
      expect(() => guilds.get("", never)).toThrow("1 to 256 characters");
      expect(() => guilds.get("a b", never)).toThrow("without spaces");
    });
  });
}

describe("a value past its time", () => {
  it("is loaded ahead of its end by whoever asks then, and nobody waits", async () => {
    const { cache, clock } = open();
    const guilds = cache.namespace<Guild>("guilds", { ttlSeconds: 100 });
    await guilds.set("g1", OLD);
    await pass(clock, 79_000);
    expect(guilds.get("g1", never)).toEqual(OLD);
    await pass(clock, 2_000);
    expect(guilds.get("g1", async () => NEW)).toEqual(OLD);
    await pass(clock, 10);
    expect(guilds.get("g1", never)).toEqual(NEW);
  });

  it("answers within its grace when a load fails, or is slower than the soft limit", async () => {
    const { cache, clock } = open();
    const guilds = cache.namespace<Guild>("guilds", { ttlSeconds: 10, graceSeconds: 60, softLimitMs: 50 });
    await guilds.set("g1", OLD);
    await pass(clock, 11_000);
    expect(await guilds.get("g1", async () => Promise.reject(new Error("no database")))).toEqual(OLD);
    const slow = held();
    const asked = guilds.get("g1", slow.load);
    await pass(clock, 60);
    expect(await asked).toEqual(OLD);
    slow.end(NEW);
    await pass(clock, 10);
    expect(await guilds.get("g1", never)).toEqual(NEW);
    expect(cache.stats().namespaces["guilds.local"]).toMatchObject({ graces: 2, failedLoads: 1 });
  });

  it("doesn't answer without grace, nor after it", async () => {
    const { cache, clock } = open();
    const plain = cache.namespace<Guild>("plain", { ttlSeconds: 10 });
    const graced = cache.namespace<Guild>("graced", { ttlSeconds: 10, graceSeconds: 5 });
    await plain.set("g1", OLD);
    await graced.set("g1", OLD);
    await pass(clock, 16_000);
    const fails = async (): Promise<Guild | null> => Promise.reject(new Error("no database"));
    await expect(plain.get("g1", fails)).rejects.toThrow("no database");
    await expect(graced.get("g1", fails)).rejects.toThrow("no database");
  });

  it("answers within its grace, and no longer, when memory was short and all that is expired went", async () => {
    const budget = createMemoryBudget();
    const { cache, clock } = open({ budget });
    const guilds = cache.namespace<Guild>("guilds", { ttlSeconds: 10, graceSeconds: 60 });
    const fails = async (): Promise<Guild | null> => Promise.reject(new Error("no database"));
    const dropExpired = (): void => {
      for (const tenant of budget.tenants()) tenant.dropExpired();
    };
    await guilds.set("g1", OLD);
    await pass(clock, 69_000);
    dropExpired();
    expect(await guilds.get("g1", fails)).toEqual(OLD);
    await pass(clock, 2_000);
    dropExpired();
    expect(budget.tenants().map((tenant) => tenant.entries())).toContain(0);
    await expect(guilds.get("g1", fails)).rejects.toThrow("no database");
  });

  it("is loaded anew by whoever would have to join a load that began too long ago", async () => {
    const { cache, clock } = open({ localMaxAgeMs: 2_000 });
    const guilds = cache.namespace<Guild>("guilds");
    const slow = held();
    const first = guilds.get("g1", slow.load);
    await pass(clock, 3_000);
    expect(await guilds.get("g1", async () => NEW)).toEqual(NEW);
    slow.end(OLD);
    expect(await first).toEqual(OLD);
    expect(guilds.peek("g1")).toEqual(NEW);
  });

  it("fails when its load takes longer than the hard limit", async () => {
    const { cache, clock } = open();
    const guilds = cache.namespace<Guild>("guilds", { hardLimitMs: 1_000 });
    const slow = held();
    const asked = expect(guilds.get("g1", slow.load)).rejects.toThrow("longer than 1000 ms");
    await pass(clock, 2_000);
    await asked;
  });
});

describe("namespaces", () => {
  it("have one name each, and Mainspring's own are not a game's", () => {
    const { cache } = open();
    expect(cache.namespace("guilds")).toBe(cache.namespace("guilds"));
    expect(() => cache.namespace("activeQueue")).toThrow("Mainspring's own");
    expect(() => cache.namespace("a b")).toThrow("can't be a namespace's name");
  });

  it("have numbers that can be, or the cache isn't made", () => {
    const { cache } = open();
    expect(() => cache.namespace("guilds", { ttlSeconds: 0 })).toThrow("ttlSeconds");
    expect(() => createCache({ maxEntries: -1 })).toThrow("maxEntries");
  });

  it("share one bound of entries and bytes", async () => {
    const { cache } = open({ maxEntries: 10 });
    const [one, other] = [cache.namespace<Guild>("one"), cache.namespace<Guild>("other")];
    for (let index = 0; index < 20; index += 1) await one.set(`k${index}`, NEW);
    for (let index = 0; index < 20; index += 1) await other.set(`k${index}`, NEW);
    const { namespaces } = cache.stats();
    const entries = (name: string): number => namespaces[`${name}.local`]?.entries ?? 0;
    expect(entries("one") + entries("other")).toBe(10);
    expect(entries("one")).toBe(5);
    expect(other.peek("k19")).toEqual(NEW);
    expect(namespaces["one.local"]?.evictions).toBe(15);
  });
});
