/** The metrics of a server, for Prometheus: the numbers are read once for each time somebody asks. */
import { type Metric, Registry } from "prom-client";
import { cacheFamilies } from "./cache-families.js";
import type { Family } from "./family.js";
import type { ServerStats } from "../numbers/http-stats.js";
import { flagFamilies } from "./flag-families.js";
import { httpFamilies } from "./http-families.js";
import { processFamilies } from "./process-families.js";
import { serviceFamilies } from "./service-families.js";
import { storeFamilies } from "./store-families.js";

export interface Metrics {
  readonly contentType: string;
  /** The exposition, at most a second old. */
  text(): Promise<string>;
}

const FAMILIES: readonly Family[] = [
  ...httpFamilies,
  ...serviceFamilies,
  ...processFamilies,
  ...cacheFamilies,
  ...storeFamilies,
  ...flagFamilies,
];

/** To make them takes milliseconds, and nobody is refused them: whoever asks again so soon is told the same. */
const KEPT_MS = 1_000;

export function createMetrics(look: () => ServerStats, nowMs: () => number): Metrics {
  let kept: { readonly text: Promise<string>; readonly madeAtMs: number } | null = null;
  const make = async (): Promise<string> => {
    const numbers = look();
    // A layer that is off has no numbers, and needs no names.
    const present = FAMILIES.map(({ name, help, type, samples }) => ({
      name,
      help,
      type,
      values: samples(numbers),
    })).filter(({ values }) => values.length > 0);
    const registry = new Registry();
    for (const family of present) registry.registerMetric(asMetric(family));
    return registry.metrics();
  };
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    async text() {
      const madeAtMs = nowMs();
      if (kept === null || madeAtMs - kept.madeAtMs >= KEPT_MS) kept = { text: make(), madeAtMs };
      return kept.text;
    },
  };
}

/**
 * What the library asks of a metric. Its own histograms count by themselves, on the way of each request, and can't be told what was
 * counted elsewhere.
 */
function asMetric({ name, ...family }: { readonly name: string }): Metric {
  const get = async () => ({ name, aggregator: "sum", ...family });
  return { name, get } as unknown as Metric;
}
