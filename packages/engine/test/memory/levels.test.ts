/** Which level holds, and when it is left again. */
import { describe, expect, it } from "vitest";
import { MEBIBYTE } from "./manual-meter.js";
import { openGovernor } from "./open-governor.js";

/** The governor looks each second. */
const LOOK_MS = 1_000;

describe("The level of a governor", () => {
  it.each([
    [69.9, 0],
    [70, 1],
    [84.9, 1],
    [85, 2],
    [99.9, 2],
    [100, 3],
  ])("with %s % of the threshold live is %s", (live, level) => {
    const { governor, leave } = openGovernor();
    leave(live);
    expect(governor.level()).toBe(level);
  });

  it("is left a tenth below where it was entered, one at a time", () => {
    const { governor, leave, timers, changes } = openGovernor();
    leave(100);
    for (const [live, level] of [
      [90, 3],
      [89.9, 2],
      [75, 2],
      [74.9, 1],
      [60, 1],
      [59.9, 0],
    ] as const) {
      leave(live);
      timers.advance(3 * LOOK_MS);
      expect(governor.level(), `${live} % live`).toBe(level);
    }
    expect(changes).toEqual([
      [0, 3],
      [3, 2],
      [2, 1],
      [1, 0],
    ]);
  });

  it("goes down step by step when a collection frees much", () => {
    const { governor, leave, timers, changes } = openGovernor();
    leave(100);
    leave(10);
    expect(governor.level()).toBe(2);
    timers.advance(2 * LOOK_MS);
    expect(governor.level()).toBe(0);
    expect(changes).toEqual([
      [0, 3],
      [3, 2],
      [2, 1],
      [1, 0],
    ]);
  });

  it("counts what was entered and left on the way", () => {
    const { governor, leave, timers } = openGovernor();
    leave(86);
    leave(101);
    leave(10);
    timers.advance(2 * LOOK_MS);
    const { relief } = governor.stats();
    expect(Object.values(relief)).toMatchObject([
      { entered: 1, left: 1 },
      { entered: 1, left: 1 },
      { entered: 1, left: 1 },
    ]);
    leave(75);
    expect(governor.stats().relief[1]).toMatchObject({ entered: 2, left: 1 });
  });

  it("stays 0 while memory is used that may be garbage", () => {
    const { governor, meter, timers } = openGovernor();
    meter.set({ heapUsedBytes: 150 * MEBIBYTE });
    timers.advance(10 * LOOK_MS);
    expect(governor.level()).toBe(0);
    expect(governor.stats().liveBytes).toBe(null);
  });

  it("falls as soon as less is used than the last full collection left", () => {
    const { governor, meter, timers, leave } = openGovernor();
    leave(80);
    meter.set({ heapUsedBytes: 50 * MEBIBYTE });
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(0);
    expect(governor.stats().liveBytes).toBe(50 * MEBIBYTE);
  });

  it("counts what is outside of the heap, and that of it which is freed late", () => {
    const { governor, meter, timers } = openGovernor();
    meter.collected({ heapBytes: 20 * MEBIBYTE, externalBytes: 55 * MEBIBYTE });
    expect(governor.level()).toBe(1);
    // The heap is full of garbage; that the buffers are gone is seen all the same.
    meter.set({ heapUsedBytes: 90 * MEBIBYTE, externalBytes: 5 * MEBIBYTE });
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(0);
  });

  it.each([
    [84, 0],
    [85, 1],
    [90, 2],
    [95, 3],
  ])("with %s % of what the process may have resident is %s", (share, level) => {
    const { governor, meter, timers, notes } = openGovernor();
    meter.set({ residentLimitBytes: 1_000 * MEBIBYTE, anonymousBytes: share * 10 * MEBIBYTE });
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(level);
    expect(notes.at(-1)?.facts["by"]).toBe(level === 0 ? undefined : "resident");
    expect(governor.stats().by).toBe(level === 0 ? null : "resident");
  });

  it("is that of the yardstick that is worst", () => {
    const { governor, meter, timers, leave } = openGovernor();
    meter.set({ residentLimitBytes: 1_000 * MEBIBYTE, anonymousBytes: 860 * MEBIBYTE });
    leave(90);
    expect(governor.level()).toBe(2);
    leave(10);
    timers.advance(5 * LOOK_MS);
    expect(governor.level()).toBe(1);
  });

  it("is 3 when the heap is all but at V8's own limit, whatever of it is live", () => {
    const { governor, meter, timers } = openGovernor({ thresholdBytes: 10_000 * MEBIBYTE });
    meter.set({ heapLimitBytes: 200 * MEBIBYTE, heapUsedBytes: 189 * MEBIBYTE });
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(0);
    meter.set({ heapUsedBytes: 190 * MEBIBYTE });
    timers.advance(LOOK_MS);
    expect(governor.level()).toBe(3);
  });

  it("follows the live heap against V8's limit where the threshold is beyond it", () => {
    const { governor, meter, leave } = openGovernor({ thresholdBytes: 10_000 * MEBIBYTE });
    meter.set({ heapLimitBytes: 200 * MEBIBYTE });
    leave(182);
    expect(governor.level()).toBe(2);
  });

  it("is given up when a process that hardly allocates was not collected for long", () => {
    const { governor, meter, timers, leave } = openGovernor({ gcIntervalMs: 30_000 });
    leave(120);
    // Garbage hides what is free.
    meter.set({ heapUsedBytes: 130 * MEBIBYTE });
    timers.advance(59_000);
    expect(governor.level()).toBe(3);
    timers.advance(4_000);
    expect(governor.level()).toBe(0);
    expect(governor.stats().liveBytes).toBe(null);
    leave(120);
    expect(governor.level()).toBe(3);
  });

  it("takes other shares", () => {
    const { governor, leave, timers } = openGovernor({ levelShares: [0.5, 0.6, 0.7], hysteresis: 0.2 });
    leave(60);
    expect(governor.level()).toBe(2);
    leave(41);
    leave(39);
    timers.advance(5 * LOOK_MS);
    expect(governor.level()).toBe(1);
    leave(29);
    expect(governor.level()).toBe(0);
  });

  it("is 0 once the governor is closed, and nothing is looked at any more", () => {
    const { governor, meter, timers, leave } = openGovernor();
    leave(120);
    governor.close();
    expect(governor.level()).toBe(0);
    expect(meter.isClosed()).toBe(true);
    meter.set({ residentLimitBytes: 1, anonymousBytes: 1 });
    timers.advance(10 * LOOK_MS);
    expect(governor.level()).toBe(0);
  });
});

describe("A governor", () => {
  it("notes each level that is entered and left, with numbers, the same change once a minute", () => {
    const { leave, timers, notes } = openGovernor();
    for (let time = 0; time < 5; time += 1) {
      leave(75);
      leave(50);
      timers.advance(10 * LOOK_MS);
    }
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatchObject({
      severity: "info",
      facts: { level: 1, before: 0, by: "live", liveBytes: 75 * MEBIBYTE, droppedEntries: 0, cacheBytes: 0 },
    });
    timers.advance(20 * LOOK_MS);
    leave(75);
    expect(notes[2]?.facts).toMatchObject({ level: 1, timesSinceLastNote: 4 });
  });

  it("notes an emergency as an error", () => {
    const { leave, notes } = openGovernor();
    leave(150);
    expect(notes).toMatchObject([{ severity: "error", facts: { level: 3, before: 0 } }]);
  });

  it("tells its other listeners when one of them throws", () => {
    const { governor, leave, notes } = openGovernor();
    const told: number[] = [];
    governor.onLevel(() => {
      throw new Error("a bug of a game");
    });
    const stop = governor.onLevel((level) => void told.push(level));
    leave(75);
    expect(told).toEqual([1]);
    expect(notes.at(-1)).toMatchObject({ severity: "error", facts: { error: "a bug of a game" } });
    stop();
    leave(90);
    expect(told).toEqual([1]);
  });

  it.each([
    { levelShares: [0.7, 0.6, 1] as const },
    { levelShares: [0.05, 0.6, 1] as const },
    { limitShares: [0.85, 0.9, 0.9] as const },
    { thresholdBytes: 0 },
    { hysteresis: 1 },
    { floorShare: 0 },
    { gcIntervalMs: 0.5 },
    { lookEveryMs: 0 },
    { growth: { minWindowMs: -1 } },
    { growth: { warmUpMs: -1 } },
    { growth: { minGrowthShare: 2 } },
  ])("refuses %j", (options) => {
    expect(() => openGovernor(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
