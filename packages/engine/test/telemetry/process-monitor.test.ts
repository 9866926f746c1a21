/** What the process says of itself. */
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { exposedCollector } from "@mainspring/engine/governor";
import { describe, expect, it } from "vitest";
import { startProcessMonitor } from "../../src/telemetry/process-monitor.js";

/** Lets observers and timers have their turn. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}

describe("the process monitor", () => {
  it("counts collections by kind, with their pauses", async () => {
    const collect = exposedCollector();
    if (collect === null) throw new Error("This process can't be told to collect.");
    const monitor = startProcessMonitor();
    collect();
    collect();
    while (monitor.process().collections.major.count < 2) await turns(1);
    const { minor, major } = monitor.process().collections;
    expect(major.pauseMs).toBeGreaterThan(0);
    expect(minor.count).toBeGreaterThanOrEqual(0);
    monitor.stop();
  });

  it("tells processor time, and how long the event loop was busy and late", async () => {
    const monitor = startProcessMonitor();
    await turns(30);
    const before = monitor.process();
    const beganAtMs = performance.now();
    while (performance.now() - beganAtMs < 120);
    await turns(2);
    const after = monitor.process();
    expect(after.cpuUserMs + after.cpuSystemMs).toBeGreaterThan(before.cpuUserMs + before.cpuSystemMs);
    expect(after.eventLoopBusyMs).toBeGreaterThan(before.eventLoopBusyMs);
    // 120 ms without a turn are seen as that, less the time between two looks.
    expect(monitor.memory().eventLoopDelayMaxMs).toBeGreaterThan(60);
    monitor.stop();
  });

  it("is part of an engine's numbers", async () => {
    const engine = await createEngine({ store: createMemoryStore() });
    const { processStats, memoryStats } = engine.performance();
    expect(Object.keys(processStats.collections).sort()).toEqual(["incremental", "major", "minor", "weak"]);
    expect(memoryStats.eventLoopDelayP99Ms).toBeGreaterThanOrEqual(0);
    await engine.close();
  });
});
