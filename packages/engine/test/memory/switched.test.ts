/** A governor that is switched off and on again. */
import { describe, expect, it } from "vitest";
import { createMemoryBudget } from "../../src/memory/index.js";
import { createManualTenant, MEBIBYTE } from "./manual-meter.js";
import { mebibytes, openGovernor } from "./open-governor.js";

const LOOK_MS = 1_000;

function open() {
  const switched = { isOn: true };
  let collections = 0;
  const budget = createMemoryBudget({ maxEntries: 1_000, maxBytes: 100 * MEBIBYTE });
  const tenant = createManualTenant({ name: "queues", reloadMs: 5, entries: mebibytes(50) });
  const test = openGovernor({
    budget,
    tenants: [tenant],
    isOn: () => switched.isOn,
    collect: () => {
      collections += 1;
    },
  });
  return { ...test, budget, tenant, switched, collections: () => collections };
}

describe("a governor that is switched off", () => {
  it("is at level 0 at once, says so, and gives the caches their whole bound back", () => {
    const { governor, budget, tenant, switched, leave, changes } = open();
    leave(150);
    expect(governor.level()).toBe(3);
    tenant.add({ sizeBytes: MEBIBYTE });
    budget.settle();
    expect(tenant.entries()).toBe(0);
    switched.isOn = false;
    expect(governor.level()).toBe(0);
    expect(changes.at(-1)).toEqual([3, 0]);
    for (const entry of mebibytes(80)) tenant.add(entry);
    budget.settle();
    expect(tenant.entries()).toBe(80);
    expect(governor.stats()).toMatchObject({ isOn: false, level: 0, by: null, collections: { isOn: false } });
  });

  it("does nothing more, however short memory is, and asks for no collection", () => {
    const { governor, tenant, switched, leave, meter, timers, changes, collections } = open();
    switched.isOn = false;
    leave(150);
    meter.set({ heapUsedBytes: 200 * MEBIBYTE, anonymousBytes: 8_191 * MEBIBYTE });
    timers.advance(100 * LOOK_MS);
    expect([governor.level(), tenant.entries(), collections()]).toEqual([0, 50, 0]);
    expect(changes).toEqual([]);
    expect(governor.stats().alarm).toBeNull();
  });

  it("notices by itself within a look, though nobody asks for the level", () => {
    const { switched, leave, timers, changes } = open();
    leave(150);
    switched.isOn = false;
    timers.advance(LOOK_MS);
    expect(changes.at(-1)).toEqual([3, 0]);
  });

  it("begins as a fresh one when it is on again: what was seen before counts no more", () => {
    const { governor, tenant, switched, leave, timers } = open();
    leave(150);
    switched.isOn = false;
    timers.advance(LOOK_MS);
    for (const entry of mebibytes(50)) tenant.add(entry);
    switched.isOn = true;
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(0);
    expect(governor.stats()).toMatchObject({ isOn: true, liveBytes: null });
    expect(tenant.entries()).toBe(50);
    leave(72);
    expect(governor.level()).toBe(1);
    expect(governor.stats().relief).toMatchObject({ 1: { entered: 2, left: 1 }, 3: { entered: 1, left: 1 } });
  });
});
