/** What the doctor makes of a server's numbers, and of Node.js. */
import { createEngine, type PerformanceStats } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { checkNode } from "../../src/cli/doctor-machine.js";
import { findingsOf } from "../../src/cli/doctor-server.js";
import { testCatalog } from "../support/test-catalog.js";

async function numbers(): Promise<PerformanceStats> {
  const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
  const stats = engine.performance();
  await engine.close();
  return { ...stats, memoryStats: { ...stats.memoryStats, eventLoopDelayP99Ms: 1, rssBytes: 1 } };
}

describe("the doctor", () => {
  it("is content with numbers as they should be", async () => {
    expect(findingsOf(await numbers())).toEqual([
      { state: "ok", what: "The server's numbers are as they should be." },
    ]);
  });

  it("names each number that is odd, and what helps", async () => {
    const stats = await numbers();
    const findings = findingsOf({
      ...stats,
      memoryStats: { ...stats.memoryStats, eventLoopDelayP99Ms: 900, rssBytes: 1e18 },
      batchStats: { ...stats.batchStats, pending: 5_000 },
      serviceStats: {
        ...stats.serviceStats,
        commits: 100,
        conflicts: 50,
        quarantined: 2,
        errors: { OVERLOADED: 3, QUEUE_FULL: 9 },
      },
    });
    expect(findings.map(({ state }) => state)).toEqual(["warn", "warn", "warn", "warn", "warn", "fail"]);
    for (const { remedy } of findings) expect(remedy).toMatch(/\S/);
    expect(findings.map(({ what }) => what).join("\n")).toContain("3 requests ended with OVERLOADED.");
  });

  it("asks for a Node.js that is new enough", () => {
    expect(["18.20.0", "20.18.3", "20.19.0", "22.1.0"].map((version) => checkNode(version).state)).toEqual([
      "fail",
      "fail",
      "ok",
      "ok",
    ]);
  });
});
