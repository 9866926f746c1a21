/** The alerts that come with the server: Prometheus's own tool takes them, raises them when it should, and keeps quiet otherwise. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AlertName, THRESHOLDS } from "../../src/thresholds.js";
import { promtool } from "../support/promtool.js";
import { type AlertCase, ALERT_CASES, type RaisedCase } from "./alert-cases.js";
import { ALERTS_PATH, type AlertRule, readAlerts } from "./alert-file.js";

const rules = readAlerts();

describe("the alerts", () => {
  it("are what Prometheus takes", () => {
    const { isFine, said } = promtool(["check", "rules", "--lint=all", "--lint-fatal", ALERTS_PATH]);
    expect(said).toContain(`${rules.length} rules found`);
    expect(isFine).toBe(true);
  });

  it("each say their threshold, its reason, and what to do", () => {
    for (const { alert, labels, annotations } of rules) {
      expect([alert, Object.keys(annotations).sort()]).toEqual([
        alert,
        ["action", "reason", "runbook", "summary", "threshold", "value"],
      ]);
      for (const text of Object.values(annotations)) expect(text).toMatch(/\S/);
      expect(annotations["runbook"]).toBe(`docs/numbers.md#${alert.toLowerCase()}`);
      expect(["warning", "critical"]).toContain(labels["severity"]);
    }
  });

  it("have the thresholds that the doctor goes by", () => {
    const found = rules.map(({ alert, expr }) => {
      // The comparison of the number itself comes first; what else must hold follows.
      const [, threshold] = /(?:>=|==|>|<) ([0-9.]+)\s*(?:\n\s*and |$)/.exec(expr.trim()) ?? [];
      return [alert, Number(threshold)];
    });
    expect(Object.fromEntries(found)).toEqual(THRESHOLDS);
  });
});

/** Runs Prometheus's tool on one case. What it prints says what was raised instead. */
function judge(rule: AlertRule, { series, at }: AlertCase, raised: RaisedCase | null): string {
  const { alert, labels, annotations } = rule;
  const folder = mkdtempSync(join(tmpdir(), "mainspring-alerts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "case.yml");
  const expected = raised && {
    exp_labels: { instance: "one", ...labels, ...LABELS_LEFT[alert as AlertName] },
    exp_annotations: { ...annotations, value: raised.value },
  };
  const test = {
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: expected === null ? [] : [expected] }],
  };
  // What is JSON is YAML as well.
  writeFileSync(
    path,
    JSON.stringify({ rule_files: [ALERTS_PATH], evaluation_interval: "1m", tests: [test] }),
  );
  const { isFine, said } = promtool(["test", "rules", path]);
  return isFine ? "as expected" : said;
}

/** Labels that an alert keeps besides where it comes from. */
const LABELS_LEFT: Readonly<Partial<Record<AlertName, Readonly<Record<string, string>>>>> = {
  MainspringCacheHitRateLow: { namespace: "activeQueue" },
  MainspringEventLoopLate: { of: "p99" },
  MainspringRolloutReverted: { layer: "cache", cause: "slowness" },
};

describe.each(rules.map((rule) => [rule.alert, rule] as const))("%s", (alert, rule) => {
  const { raised, quiet } = ALERT_CASES[alert as AlertName];

  it("is raised when it should be", () => {
    expect(judge(rule, raised, raised)).toBe("as expected");
  });

  it.each(quiet)("is not raised with $series", (quietCase) => {
    expect(judge(rule, quietCase, null)).toBe("as expected");
  });
});
