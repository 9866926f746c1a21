/** What each level takes out of the caches, in which order, and when they have it back. */
import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/index.js";
import { createManualTenant, MEBIBYTE } from "./manual-meter.js";
import { mebibytes, openGovernor } from "./open-governor.js";

const LOOK_MS = 1_000;

function budgetOf(maxEntries: number) {
  return createMemoryBudget({ maxEntries, maxBytes: maxEntries * MEBIBYTE });
}

describe("Level 1", () => {
  it("takes what is expired first, and nothing else if that is enough", () => {
    const expired = Array.from({ length: 12 }, () => ({ sizeBytes: MEBIBYTE, isExpired: true }));
    const tenant = createManualTenant({
      name: "queues",
      reloadMs: 5,
      entries: [...mebibytes(20), ...expired],
    });
    const { governor, leave } = openGovernor({ tenants: [tenant] });
    leave(72);
    expect(tenant.entries()).toBe(20);
    expect(governor.stats().relief[1]).toMatchObject({
      entries: 12,
      expiredEntries: 12,
      bytes: 12 * MEBIBYTE,
    });
  });

  it("goes on with what costs least to have again for each byte, until so much is gone as is over", () => {
    const dear = createManualTenant({ name: "dear", reloadMs: 50, entries: mebibytes(20) });
    const cheap = createManualTenant({ name: "cheap", reloadMs: 1, entries: mebibytes(8) });
    const small = createManualTenant({
      name: "small",
      reloadMs: 1,
      entries: Array.from({ length: 100 }, () => ({ sizeBytes: 1_024 })),
    });
    const { governor, leave, notes } = openGovernor({ tenants: [dear, cheap, small] });
    // Level 1 is left at 60: twelve have to go, and the cheap ones are eight.
    leave(72);
    expect([dear, cheap, small].map((tenant) => tenant.entries())).toEqual([16, 0, 100]);
    expect(governor.stats().relief[1]).toMatchObject({
      entries: 12,
      expiredEntries: 0,
      bytes: 12 * MEBIBYTE,
    });
    expect(notes.at(-1)?.facts).toMatchObject({ droppedEntries: 12, droppedBytes: 12 * MEBIBYTE });
  });

  it("leaves a cache alone as soon as what is next of it is dearer than something of another one", () => {
    const small = Array.from({ length: 20 }, () => ({ sizeBytes: MEBIBYTE / 16 }));
    const cheap = createManualTenant({ name: "cheap", reloadMs: 1, entries: [...mebibytes(2), ...small] });
    const dear = createManualTenant({ name: "dear", reloadMs: 2, entries: mebibytes(20) });
    const { leave } = openGovernor({ tenants: [cheap, dear], budget: budgetOf(200) });
    leave(71);
    expect([cheap.entries(), dear.entries()]).toEqual([20, 11]);
  });

  it("takes nothing more for the same bytes before a full collection has shown what is gone", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { governor, leave, meter, timers } = openGovernor({ tenants: [tenant] });
    leave(72);
    expect(tenant.entries()).toBe(28);
    meter.set({ heapUsedBytes: 90 * MEBIBYTE });
    timers.advance(20 * LOOK_MS);
    expect(tenant.entries()).toBe(28);
    leave(65);
    expect(tenant.entries()).toBe(23);
    leave(59);
    expect(governor.level()).toBe(0);
    expect(tenant.entries()).toBe(23);
  });

  it("takes nothing below the floor", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { leave } = openGovernor({ tenants: [tenant], budget: budgetOf(100), floorShare: 0.25 });
    for (let time = 0; time < 10; time += 1) leave(80);
    expect(tenant.entries()).toBe(25);
  });

  it("lets the caches grow no more, until there is enough again", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { governor, leave } = openGovernor({ tenants: [tenant] });
    const put = (): void => {
      tenant.add({ sizeBytes: MEBIBYTE });
      governor.budget.settle();
    };
    leave(72);
    put();
    expect(tenant.entries()).toBe(28);
    leave(50);
    put();
    expect(tenant.entries()).toBe(29);
  });

  it("doesn't take entries that are kept in two forms for twice as many, and leaves room for none of them", () => {
    const small = Array.from({ length: 40 }, () => ({ sizeBytes: 1_024 }));
    const records = createManualTenant({ name: "records", reloadMs: 50, entries: small });
    const decoded = createManualTenant({ name: "decoded", reloadMs: 1, entries: mebibytes(50) });
    const budget = createMemoryBudget({ maxEntries: 100, maxBytes: 1_000 * MEBIBYTE });
    const { governor, leave } = openGovernor({
      tenants: [records, { ...decoded, isSecondForm: true }],
      budget,
    });
    leave(70);
    expect([records.entries(), decoded.entries()]).toEqual([40, 40]);
    for (let time = 0; time < 30; time += 1) records.add({ sizeBytes: 1_024 });
    budget.settle();
    expect(records.entries()).toBe(40);
    expect(governor.level()).toBe(1);
  });

  it("does it in slices, and tells of the level when all is done", () => {
    let sliceCount = 0;
    const tenant = createManualTenant({
      name: "slow to look through",
      reloadMs: 5,
      entries: mebibytes(40),
      onLook: () => timers.jump(1),
    });
    const { governor, leave, timers, changes } = openGovernor({ tenants: [tenant] });
    const sizes = [tenant.entries()];
    leave(72);
    expect(governor.level()).toBe(1);
    expect(changes).toEqual([]);
    while (changes.length === 0 && sliceCount < 100) {
      sizes.push(tenant.entries());
      timers.advance(0);
      sliceCount += 1;
    }
    // Two looks of a ms each at a stretch.
    const steps = sizes.slice(1).map((size, index) => (sizes[index] ?? 0) - size);
    expect(Math.max(...steps)).toBe(2);
    expect(tenant.entries()).toBe(28);
    expect(changes).toEqual([[0, 1]]);
  });

  it("ends where it is when memory gets shorter still, and tells of both levels in their order", () => {
    const tenant = createManualTenant({
      name: "slow to look through",
      reloadMs: 5,
      entries: mebibytes(40),
      onLook: () => timers.jump(1),
    });
    const { leave, timers, changes, governor } = openGovernor({ tenants: [tenant] });
    leave(72);
    leave(120);
    expect(changes).toEqual([
      [0, 1],
      [1, 2],
    ]);
    timers.advance(100);
    expect(tenant.entries()).toBe(10);
    const { relief } = governor.stats();
    expect(relief[1].entries).toBeGreaterThan(0);
    expect(relief[1].entries + relief[2].entries).toBe(30);
  });
});

describe("Levels 2 and 3", () => {
  it("are for what the caches can't give up: while they can, nothing is refused", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(60) });
    const { governor, leave } = openGovernor({ tenants: [tenant] });
    // Sixty of them can go down to ten, and that is enough.
    leave(125);
    expect([governor.level(), tenant.entries()]).toEqual([1, 10]);
    // A collection shows that it was not: nothing is left that could be given up.
    leave(90);
    expect(governor.level()).toBe(2);
    leave(101);
    expect([governor.level(), tenant.entries()]).toEqual([3, 0]);
  });
});

describe("Level 2", () => {
  it("shrinks the caches to their floor and holds them there, also while level 1 is left to go", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { governor, leave, timers, changes } = openGovernor({ tenants: [tenant], budget: budgetOf(50) });
    const fill = (): number => {
      for (let time = 0; time < 60; time += 1) {
        tenant.add({ sizeBytes: MEBIBYTE });
        governor.budget.settle();
      }
      return tenant.entries();
    };
    leave(125);
    expect(tenant.entries()).toBe(5);
    expect(governor.stats().relief[2]).toMatchObject({ entries: 35, bytes: 35 * MEBIBYTE });
    expect(fill()).toBe(5);
    leave(70);
    expect(changes.at(-1)).toEqual([2, 1]);
    expect(fill()).toBe(5);
    leave(50);
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(0);
    expect(fill()).toBe(50);
  });
});

describe("Level 3", () => {
  it("empties the caches, which have their floor again at level 2, and their whole bound at level 0", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { governor, leave } = openGovernor({ tenants: [tenant], budget: budgetOf(50) });
    const fill = (): number => {
      for (let time = 0; time < 60; time += 1) {
        tenant.add({ sizeBytes: MEBIBYTE });
        governor.budget.settle();
      }
      return tenant.entries();
    };
    leave(140);
    expect(tenant.entries()).toBe(0);
    expect(governor.stats().relief[3]).toMatchObject({ entries: 40, bytes: 40 * MEBIBYTE });
    expect(fill()).toBe(0);
    leave(80);
    expect(fill()).toBe(5);
    leave(30);
    leave(30);
    expect(governor.level()).toBe(0);
    expect(fill()).toBe(50);
  });

  it("empties large caches in slices", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const slow = {
      ...tenant,
      evictOne: () => {
        timers.jump(3);
        tenant.evictOne();
      },
    };
    const { leave, timers, changes } = openGovernor({ tenants: [slow], budget: budgetOf(50) });
    leave(140);
    expect(tenant.entries()).toBeGreaterThan(35);
    timers.advance(500);
    expect(tenant.entries()).toBe(0);
    expect(changes).toEqual([[0, 3]]);
  });
});

describe("Closing a governor", () => {
  it("gives the caches their whole bound back", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const { governor, leave } = openGovernor({ tenants: [tenant] });
    leave(135);
    governor.close();
    tenant.add({ sizeBytes: MEBIBYTE });
    governor.budget.settle();
    expect(tenant.entries()).toBe(1);
  });
});

describe("A governor that is closed while it empties the caches", () => {
  it("tells nobody any more of a level that doesn't hold", () => {
    const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(40) });
    const evictOne = (): void => {
      timers.jump(3);
      tenant.evictOne();
    };
    const { governor, leave, timers, changes } = openGovernor({ tenants: [{ ...tenant, evictOne }] });
    leave(135);
    expect(tenant.entries()).toBeGreaterThan(0);
    governor.close();
    timers.advance(500);
    expect(changes).toEqual([]);
    expect(governor.stats().relief[3].entries).toBe(40 - tenant.entries());
  });
});

describe("What a governor tells of caches", () => {
  it("is what they count themselves, together and by name", () => {
    const queues = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(2) });
    const stats = createManualTenant({ name: "stats", reloadMs: 5, entries: mebibytes(3) });
    const { governor } = openGovernor({ tenants: [queues, stats] });
    expect(governor.stats()).toMatchObject({
      cacheBytes: 5 * MEBIBYTE,
      cacheEntries: 5,
      tenants: {
        queues: { entries: 2, bytes: 2 * MEBIBYTE },
        stats: { entries: 3, bytes: 3 * MEBIBYTE },
      },
    });
  });
});
