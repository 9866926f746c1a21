/** The real meter, in processes of their own: what of their memory it takes for live. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { exposedCollector, type LiveMemory, type MemoryReading } from "../../src/memory/index.js";
import type { GovernorStats } from "../../src/ports.js";
import { MEBIBYTE } from "./manual-meter.js";

const PROGRAM = fileURLToPath(new URL("metered-process.mjs", import.meta.url));

/** What a process has told that did this, and how it ended: by itself, or its test ends in vain. */
async function done(deed: string): Promise<unknown> {
  const child = fork(PROGRAM, [deed]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "exit");
  const [told] = (await once(child, "message")) as [unknown];
  expect(await exit).toEqual([0, null]);
  return told;
}

describe("What the meter takes for live", () => {
  it("is not what buffers held that are dead, though V8 counts them for a while", async () => {
    const live = (await done("deadBuffers")) as LiveMemory;
    expect(live.externalBytes).toBeLessThan(10 * MEBIBYTE);
    expect(live.heapBytes).toBeLessThan(20 * MEBIBYTE);
  });

  it("is what buffers hold that are used", async () => {
    const live = (await done("liveBuffers")) as LiveMemory;
    expect(live.externalBytes).toBeGreaterThan(100 * MEBIBYTE);
    expect(live.externalBytes).toBeLessThan(110 * MEBIBYTE);
  });

  it("is what objects hold that are used", async () => {
    const live = (await done("liveObjects")) as LiveMemory;
    expect(live.heapBytes).toBeGreaterThan(20 * MEBIBYTE);
  });

  it("is not what was made after the collection, in the same turn of the event loop", async () => {
    const live = (await done("youngGarbage")) as LiveMemory;
    expect(live.heapBytes).toBeLessThan(8 * MEBIBYTE);
  });
});

describe("The meter", () => {
  it("tells of collections that come in each turn of the event loop", async () => {
    const { told } = (await done("collectionInEachTurn")) as { readonly told: readonly LiveMemory[] };
    expect(told[0]?.heapBytes).toBeGreaterThan(8 * MEBIBYTE);
  });

  it("tells what is resident and what of it is no file", async () => {
    const { before, after } = (await done("reading")) as Record<"before" | "after", MemoryReading>;
    expect(after.externalBytes - before.externalBytes).toBeGreaterThan(99 * MEBIBYTE);
    expect(after.anonymousBytes - before.anonymousBytes).toBeGreaterThan(90 * MEBIBYTE);
    expect(after.anonymousBytes - before.anonymousBytes).toBeLessThan(120 * MEBIBYTE);
    expect(after.residentLimitBytes).toBeGreaterThan(after.anonymousBytes);
    expect(Number.isSafeInteger(after.residentLimitBytes)).toBe(true);
  });
});

describe("A governor that may ask for collections", () => {
  it("asks for one over the threshold, and tells what it gained and took", async () => {
    const stats = (await done("collects")) as GovernorStats;
    expect(stats.collections).toMatchObject({ isOn: true, count: 1, inVain: 0 });
    expect(stats.collections.freedBytes).toBeGreaterThan(60 * MEBIBYTE);
    expect(stats.collections.pauseMs).toBeGreaterThan(0);
    expect(stats.liveBytes).toBeLessThan(20 * MEBIBYTE);
  });

  it("keeps no process alive", async () => {
    expect(await done("governorAlone")).toBe("done");
  });
});

describe("The exposed collector", () => {
  it("can be had in a process that was started without a flag", () => {
    expect(globalThis.gc).toBe(undefined);
    expect(exposedCollector()).toBeInstanceOf(Function);
  });
});
