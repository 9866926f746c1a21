/** The dashboard and the alerts ask for what the server says, in a language that Prometheus speaks. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readAlerts } from "./alert-file.js";
import { metricsOfLoadedServers } from "./loaded-server.js";
import { parsePromql } from "./promql.js";

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

const path = fileURLToPath(new URL("../../ops/grafana/mainspring.json", import.meta.url));
const dashboard = JSON.parse(readFileSync(path, "utf8")) as Dashboard;
const charts = dashboard.panels.filter(({ type }) => type !== "row");

/** What Grafana puts in before it asks. */
function filledIn(expression: string): string {
  return expression.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*");
}

/** Labels that Prometheus itself adds. */
const OF_PROMETHEUS = ["instance", "job"];

const expressions: readonly (readonly [where: string, expression: string])[] = [
  ...charts.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, filledIn(expr)]),
  ),
  ...readAlerts().map(({ alert, expr }): [string, string] => [alert, expr]),
];

describe("the dashboard", () => {
  it("has charts that don't lie on each other, each with what it means", () => {
    expect(charts.length).toBeGreaterThan(20);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description, targets = [], gridPos } of charts) {
      expect([title, description]).toEqual([title, expect.stringMatching(/\S.*\./)]);
      expect(targets.length).toBeGreaterThan(0);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it("uses only the variables that it has", () => {
    const names = new Set(dashboard.templating.list.map(({ name }) => name));
    const used = [...JSON.stringify(charts).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name);
    expect([...new Set(used)].filter((name) => !names.has(name ?? ""))).toEqual([]);
  });

  it("names only alerts that there are", () => {
    const named = charts.flatMap(({ description = "" }) => description.match(/Mainspring[A-Z]\w+/g) ?? []);
    const alerts = new Set(readAlerts().map(({ alert }) => alert));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !alerts.has(name))).toEqual([]);
  });
});

describe("the dashboard's and the alerts' expressions", () => {
  it("can be parsed, each of them", () => {
    expect(parsePromql("sum(rate(some_total[5m)").mistakes).not.toEqual([]);
    for (const [where, expression] of expressions)
      expect([where, parsePromql(expression).mistakes]).toEqual([where, []]);
  });

  it("ask for metrics and labels that real servers have", async () => {
    const metrics = await metricsOfLoadedServers();
    for (const [where, expression] of expressions) {
      const { selectors, groupings } = parsePromql(expression);
      expect([where, selectors.length]).not.toEqual([where, 0]);
      const all = selectors.flatMap(({ metric }) => [...(metrics.get(metric) ?? [])]);
      expect([where, selectors.filter(({ metric }) => !metrics.has(metric))]).toEqual([where, []]);
      for (const { metric, labels } of selectors) {
        const known = new Set([...OF_PROMETHEUS, ...(metrics.get(metric) ?? [])]);
        expect([where, metric, labels.filter((label) => !known.has(label))]).toEqual([where, metric, []]);
      }
      const unknown = groupings.filter((label) => ![...OF_PROMETHEUS, ...all].includes(label));
      expect([where, unknown]).toEqual([where, []]);
    }
  });
});
