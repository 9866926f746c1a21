/** Where Prometheus would raise an alert the page says "act", and at the same number. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALL_PANELS } from "../../src/panels/sections.js";
import { idleNumbers } from "../support/numbers.js";

const ALERTS = readFileSync(
  new URL("../../../../packages/server/ops/prometheus/alerts.yml", import.meta.url),
  "utf8",
);

/** The alert, as its expression ends, and the panel with its words. */
const PAIRS: readonly (readonly [alert: string, threshold: string, panel: string, act: string])[] = [
  ["MainspringTaskFailures", "> 0.05", "faults", "Act: over 5 %."],
  ["MainspringCachedReadsSlow", "> 0.01", "latency", "Act: over 10 ms."],
  ["MainspringCacheHitRateLow", "< 0.5", "hit-rates", "Act: under 50 %."],
  ["MainspringBatchBacklog", "> 1000", "backlog", "Act: over 1 k."],
  ["MainspringPoolSaturated", "> 0.9", "connections", "Act: over 90 % are busy, and requests wait for one."],
  ["MainspringMemoryShort", ">= 2", "memory-level", "Act: level 2 or 3."],
  ["MainspringStoreErrors", "> 0.01", "store-errors", "Act: over 1 %."],
  ["MainspringEventLoopLate", "> 0.2", "event-loop", "Act: over 200 ms."],
];

describe("the page and the alerts", () => {
  it("see failures of requests that never reach the engine: nobody can check tokens", () => {
    const numbers = (requests: number, serverErrors: number) => {
      const latency = { p50Ms: 1, p99Ms: 1, totalMs: requests, atMost: [] };
      const route = { requests, successes: 0, unchanged: 0, clientErrors: 0, serverErrors, ...latency };
      const cachedReads = { requests: 0, p50Ms: null, p99Ms: null };
      const connections = { open: 1, accepted: 1 };
      return idleNumbers({
        httpStats: { byRoute: { "GET /v1/players/:id": route }, cachedReads, connections },
      });
    };
    const panel = ALL_PANELS.find(({ id }) => id === "faults");
    const [share] = panel?.seriesOf(numbers(0, 0)) ?? [];
    expect(share?.of({ before: numbers(100, 0), now: numbers(200, 60) })).toBe(0.6);
  });

  it.each(PAIRS)("agree on %s", (alert, threshold, id, act) => {
    const [, rule = ""] = new RegExp(`- alert: ${alert}\\n(.*?)(?:\\n\\n|$)`, "s").exec(ALERTS) ?? [];
    expect(rule.split("annotations:")[0]).toContain(threshold);
    expect(ALL_PANELS.find((panel) => panel.id === id)?.rule.text).toContain(act);
  });
});
