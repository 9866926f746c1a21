/** One bound for all local caches: who gives up what, and that nobody is over it. */
import { isMainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/budget.js";
import { createLruTenant } from "../../src/memory/lru-tenant.js";
import type { MemoryBudget, MemoryTenant } from "../../src/ports.js";
import { seededRandom } from "../store/seeded-random.js";

interface Value {
  readonly sizeBytes: number;
}

interface Kept {
  put(key: string, sizeBytes: number): void;
  keys(): string[];
  readonly given: string[];
  readonly leave: () => void;
}

function keep(
  budget: MemoryBudget,
  name: string,
  { isSecondForm = false, isExpired = (_value: Value): boolean => false } = {},
): Kept {
  const given: string[] = [];
  const { entries, leave } = createLruTenant<Value>({
    budget,
    name,
    isSecondForm,
    isExpired,
    reloadMs: () => 2,
    onGivenUp: (key) => given.push(key),
  });
  return {
    put(key, sizeBytes) {
      entries.set(key, { sizeBytes }, { size: sizeBytes });
      budget.settle();
    },
    keys: () => [...entries.rkeys()],
    given,
    leave,
  };
}

function totals(tenants: readonly MemoryTenant[]) {
  const counted = tenants.filter(({ isSecondForm }) => isSecondForm !== true);
  const sum = (of: readonly MemoryTenant[], what: "entries" | "bytes"): number =>
    of.reduce((total, tenant) => total + tenant[what](), 0);
  return { entries: sum(counted, "entries"), bytes: sum(tenants, "bytes") };
}

describe("the bound of all local caches", () => {
  it("holds for all of them together, whatever they take in", () => {
    const random = seededRandom("the bound of all local caches");
    const budget = createMemoryBudget({ maxEntries: 50, maxBytes: 5_000 });
    const caches = ["a", "b", "c"].map((name) => keep(budget, name, { isSecondForm: name === "c" }));
    let part = 1;
    for (let step = 0; step < 5_000; step += 1) {
      const cache = caches[random.integer(caches.length)];
      cache?.put(`key ${random.integer(100)}`, 1 + random.integer(random.integer(20) === 0 ? 4_000 : 200));
      if (random.integer(100) === 0) budget.limitTo((part = [0, 0.1, 1, 1][random.integer(4)] ?? 1));
      const { entries, bytes } = totals(budget.tenants());
      expect(entries).toBeLessThanOrEqual(50 * part);
      expect(bytes).toBeLessThanOrEqual(5_000 * part);
      for (const tenant of budget.tenants()) expect(tenant.entries()).toBeLessThanOrEqual(50 * part);
    }
  });

  it("takes entries where there are most of them, and bytes where there are most of those", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 1_000 });
    const [many, large] = [keep(budget, "many"), keep(budget, "large")];
    for (let index = 0; index < 8; index += 1) many.put(`m${index}`, 1);
    large.put("l0", 480);
    large.put("l1", 480);
    expect([many.given, large.given]).toEqual([[], []]);
    large.put("l2", 480);
    expect([many.given, large.given]).toEqual([[], ["l0"]]);
    many.put("m8", 1);
    expect([many.given, large.given]).toEqual([["m0"], ["l0"]]);
  });

  it("doesn't count twice what others keep as well, but for its bytes", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 1_000 });
    const records = keep(budget, "records");
    const decoded = keep(budget, "decoded", { isSecondForm: true });
    for (let index = 0; index < 12; index += 1) {
      records.put(`r${index}`, 10);
      decoded.put(`r${index}`, 50);
    }
    expect([records.keys().length, decoded.keys().length]).toEqual([10, 10]);
    decoded.put("large", 400);
    expect(records.keys().length).toBe(10);
    expect(totals(budget.tenants()).bytes).toBeLessThanOrEqual(1_000);
  });

  it("gives up the least recently used first, down to a tenth and to nothing, and takes in again when it may", () => {
    const budget = createMemoryBudget({ maxEntries: 100, maxBytes: 100_000 });
    const cache = keep(budget, "cache");
    for (let index = 0; index < 100; index += 1) cache.put(`k${index}`, 10);
    budget.limitTo(0.1);
    expect(cache.keys()).toEqual(Array.from({ length: 10 }, (_, index) => `k${90 + index}`));
    budget.limitTo(0);
    expect(cache.keys()).toEqual([]);
    cache.put("none", 10);
    expect(cache.keys()).toEqual([]);
    expect(cache.given.at(-1)).toBe("none");
    budget.limitTo(1);
    for (let index = 0; index < 101; index += 1) cache.put(`k${index}`, 10);
    expect(cache.keys().length).toBe(100);
  });

  it("doesn't keep what is larger than all of it, and says so", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 1_000 });
    const cache = keep(budget, "cache");
    cache.put("large", 1_001);
    expect([cache.keys(), cache.given]).toEqual([[], ["large"]]);
  });

  it("asks each entry to go once, however many are too many", () => {
    const budget = createMemoryBudget({ maxEntries: 10_000, maxBytes: 1e9 });
    const caches = ["a", "b", "c", "d"].map((name) => keep(budget, name));
    for (let index = 0; index < 10_000; index += 1) caches[index % 4]?.put(`k${index}`, 10);
    let asked = 0;
    budget.join({
      name: "counts how often all are asked",
      entries: () => 0,
      bytes: () => {
        asked += 1;
        return 0;
      },
      evictOne: () => undefined,
      dropExpired: () => undefined,
      leastValuable: () => null,
    });
    budget.limitTo(0);
    expect(asked).toBe(10_001);
  });

  it("isn't held up by one that counts what it can't give", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 10 });
    const stuck = { evictOne: () => undefined, dropExpired: () => undefined, leastValuable: () => null };
    budget.join({ ...stuck, name: "stuck", entries: () => 3, bytes: () => 1_000 });
    expect(() => budget.settle()).not.toThrow();
  });

  it("holds for the others when one of them gives nothing", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 1_000 });
    const stuck = { evictOne: () => undefined, dropExpired: () => undefined, leastValuable: () => null };
    budget.join({ ...stuck, name: "stuck", entries: () => 3, bytes: () => 600 });
    const cache = keep(budget, "cache");
    for (let index = 0; index < 100; index += 1) cache.put(`k${index}`, 100);
    expect(totals(budget.tenants()).bytes).toBe(1_000);
    expect(cache.keys()).toEqual(["k96", "k97", "k98", "k99"]);
  });

  it("no longer counts who has left", () => {
    const budget = createMemoryBudget({ maxEntries: 10, maxBytes: 1_000 });
    const [before, after] = [keep(budget, "before"), keep(budget, "after")];
    for (let index = 0; index < 10; index += 1) before.put(`k${index}`, 10);
    before.leave();
    before.leave();
    for (let index = 0; index < 10; index += 1) after.put(`k${index}`, 10);
    expect(budget.tenants().map(({ name }) => name)).toEqual(["after"]);
    expect([before.keys().length, after.keys().length]).toEqual([0, 10]);
  });

  it("takes no numbers that can't be", () => {
    for (const options of [{ maxEntries: -1 }, { maxBytes: Number.NaN }]) {
      let thrown: unknown;
      try {
        createMemoryBudget(options);
      } catch (error) {
        thrown = error;
      }
      expect(isMainspringError(thrown) && thrown.code).toBe("CONFIG_INVALID");
    }
  });
});

describe("a local cache whose least recently used entries go first", () => {
  it("gives up all that has expired, and nothing else", () => {
    for (const expired of [[0], [4], [1, 3], [0, 1, 2, 3, 4], []]) {
      const budget = createMemoryBudget();
      const cache = keep(budget, "cache", { isExpired: ({ sizeBytes }) => expired.includes(sizeBytes - 1) });
      for (let index = 0; index < 5; index += 1) cache.put(`k${index}`, index + 1);
      budget.tenants()[0]?.dropExpired();
      expect([...cache.given].sort()).toEqual(expired.map((index) => `k${index}`));
      const left = [0, 1, 2, 3, 4].filter((index) => !expired.includes(index));
      expect(cache.keys()).toEqual(left.map((index) => `k${index}`));
    }
  });

  it("calls the largest of the sixteen that were used longest ago the least valuable", () => {
    const budget = createMemoryBudget();
    const cache = keep(budget, "cache");
    const [tenant] = budget.tenants();
    expect(tenant?.leastValuable()).toBeNull();
    for (let index = 0; index < 16; index += 1) cache.put(`k${index}`, index === 7 ? 50 : 10);
    cache.put("lately used", 1_000);
    const found = tenant?.leastValuable();
    expect(found).toMatchObject({ sizeBytes: 50, reloadMs: 2 });
    expect(cache.given).toEqual([]);
    found?.drop();
    expect(cache.given).toEqual(["k7"]);
    expect(tenant?.leastValuable()).toMatchObject({ sizeBytes: 1_000 });
    expect(tenant?.entries()).toBe(16);
  });
});
