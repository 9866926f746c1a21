/** Where Prometheus would raise an alert the page says "act", and at the same number. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ALL_PANELS } from "../../src/panels/sections.js";

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
  it.each(PAIRS)("agree on %s", (alert, threshold, id, act) => {
    const [, rule = ""] = new RegExp(`- alert: ${alert}\\n(.*?)(?:\\n\\n|$)`, "s").exec(ALERTS) ?? [];
    expect(rule.split("annotations:")[0]).toContain(threshold);
    expect(ALL_PANELS.find((panel) => panel.id === id)?.rule.text).toContain(act);
  });
});
