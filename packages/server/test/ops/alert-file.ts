/** The alerts that come with the server, read as Prometheus reads them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const ALERTS_PATH = fileURLToPath(new URL("../../ops/prometheus/alerts.yml", import.meta.url));

export function readAlerts(): readonly AlertRule[] {
  const { groups } = parse(readFileSync(ALERTS_PATH, "utf8")) as {
    readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}
