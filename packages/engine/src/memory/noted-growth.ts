/** The growth watch, with a note when its alarm is raised, and one when it ends. */
import type { GrowthAlarm, Telemetry, Timers } from "../ports.js";
import { createGrowthWatch, type GrowthOptions, type GrowthWatch } from "./growth-watch.js";

const RAISED =
  "Memory grows although the caches don't. Take two heap snapshots some minutes apart (`mainspring heap snapshot`, twice), and see what grew " +
  "between them (`mainspring heap compare`).";

export interface NotedGrowthOptions {
  readonly thresholdBytes: number;
  readonly growth: GrowthOptions;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
}

export interface NotedGrowth extends GrowthWatch {
  /** What was seen so far counts no more. */
  restart(): void;
}

export function createNotedGrowth(options: NotedGrowthOptions): NotedGrowth {
  const { thresholdBytes, growth, timers, telemetry } = options;
  const start = (): GrowthWatch => createGrowthWatch({ thresholdBytes, startedAtMs: timers.nowMs() }, growth);
  let watch = start();
  return {
    add(sample) {
      const before = watch.alarm();
      const alarm = watch.add(sample);
      if (before === null && alarm !== null) telemetry.note("warn", RAISED, factsOf(alarm));
      if (before !== null && alarm === null) telemetry.note("info", "Memory does not grow any more.", {});
      return alarm;
    },
    alarm: () => watch.alarm(),
    restart() {
      watch = start();
    },
  };
}

function factsOf(alarm: GrowthAlarm): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(alarm).map(([name, value]: [string, number]) => [name, Math.round(value)]),
  );
}
