/** A family of metrics: a name, what it means, and where its samples come from. They are computed when Prometheus asks, never before. */
import type { LatencyStats } from "@mainspring/engine";
import type { ServerStats } from "../numbers/http-stats.js";

/** Few names with few values each: never a player's id. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Of histograms, whose samples have names of their own. */
  readonly metricName?: string;
}

export interface Family {
  /** With `mainspring_`, in base units; a counter's ends in `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** None where a layer is off. */
  readonly samples: (numbers: ServerStats) => readonly Sample[];
}

/** One value; `null`: none at present. */
type One = (numbers: ServerStats) => number | null | undefined;

/** By the value of a label. */
type Many = (numbers: ServerStats) => Readonly<Record<string, number>> | null | undefined;

export function gauge(name: string, help: string, one: One): Family {
  return { ...named(name, help), type: "gauge", samples: (numbers) => samplesOf(one(numbers)) };
}

/** `name` without the `_total` at its end. */
export function counter(name: string, help: string, one: One): Family {
  return { ...named(`${name}_total`, help), type: "counter", samples: (numbers) => samplesOf(one(numbers)) };
}

export function gauges([name, label]: readonly [string, string], help: string, many: Many): Family {
  return { ...named(name, help), type: "gauge", samples: (numbers) => labelled(label, many(numbers)) };
}

export function counters([name, label]: readonly [string, string], help: string, many: Many): Family {
  return {
    ...named(`${name}_total`, help),
    type: "counter",
    samples: (numbers) => labelled(label, many(numbers)),
  };
}

export interface Timed extends Pick<LatencyStats, "totalMs" | "atMost"> {
  readonly labels: Labels;
  readonly count: number;
}

/** `name` without the `_seconds` at its end. */
export function durations(
  name: string,
  help: string,
  all: (numbers: ServerStats) => readonly Timed[],
): Family {
  const { name: full } = named(`${name}_seconds`, help);
  return {
    name: full,
    help,
    type: "histogram",
    samples: (numbers) =>
      all(numbers).flatMap(({ labels, count, totalMs, atMost }) => [
        ...numbers.latencyBoundsMs.map((boundMs, index) => ({
          metricName: `${full}_bucket`,
          labels: { ...labels, le: String(seconds(boundMs)) },
          value: atMost[index] ?? 0,
        })),
        { metricName: `${full}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
        { metricName: `${full}_sum`, labels, value: seconds(totalMs) },
        { metricName: `${full}_count`, labels, value: count },
      ]),
  };
}

const MS_PER_SECOND = 1_000;

export function seconds(durationMs: number): number {
  return durationMs / MS_PER_SECOND;
}

function named(name: string, help: string): Pick<Family, "name" | "help"> {
  return { name: `mainspring_${name}`, help };
}

function samplesOf(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : [{ labels: {}, value }];
}

function labelled(label: string, values: Readonly<Record<string, number>> | null | undefined): Sample[] {
  return Object.entries(values ?? {}).map(([of, value]) => ({ labels: { [label]: of }, value }));
}
