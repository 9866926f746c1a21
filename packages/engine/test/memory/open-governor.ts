/** A governor with a meter, timers and tenants that a test moves, and all that it tells. */
import { onTestFinished } from "vitest";
import {
  createMemoryBudget,
  createMemoryGovernor,
  type MemoryGovernorOptions,
} from "../../src/memory/index.js";
import type { MemoryGovernor, MemoryLevel, Telemetry } from "../../src/ports.js";
import { createManualTimers, type ManualTimers } from "../pool/manual-timers.js";
import { createManualMeter, type ManualMeter, type ManualTenant, MEBIBYTE } from "./manual-meter.js";

/** A hundred MiB: shares are MiB. */
export const THRESHOLD_BYTES = 100 * MEBIBYTE;

export interface Note {
  readonly severity: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export interface OpenGovernor {
  readonly governor: MemoryGovernor;
  readonly meter: ManualMeter;
  readonly timers: ManualTimers;
  readonly notes: Note[];
  /** Each change of the level: before and after. */
  readonly changes: [before: MemoryLevel, level: MemoryLevel][];
  /** A full collection leaves so many MiB in the heap. */
  readonly leave: (liveMebibytes: number) => void;
}

export interface OpenGovernorOptions extends Partial<MemoryGovernorOptions> {
  readonly tenants?: readonly ManualTenant[];
}

export function openGovernor({ tenants = [], ...options }: OpenGovernorOptions = {}): OpenGovernor {
  const meter = createManualMeter();
  const timers = createManualTimers();
  const notes: Note[] = [];
  const changes: OpenGovernor["changes"] = [];
  const telemetry: Telemetry = {
    note: (severity, message, facts) => void notes.push({ severity, message, facts }),
  };
  const budget = options.budget ?? createMemoryBudget({ maxEntries: 1_000, maxBytes: 100 * MEBIBYTE });
  for (const tenant of tenants) budget.join(tenant);
  const governor = createMemoryGovernor({
    thresholdBytes: THRESHOLD_BYTES,
    meter,
    timers,
    telemetry,
    ...options,
    budget,
  });
  onTestFinished(() => governor.close());
  governor.onLevel((level, before) => void changes.push([before, level]));
  const leave = (liveMebibytes: number): void =>
    meter.collected({ heapBytes: liveMebibytes * MEBIBYTE, externalBytes: 0 });
  return { governor, meter, timers, notes, changes, leave };
}

/** So many entries of a MiB each. */
export function mebibytes(count: number) {
  return Array.from({ length: count }, () => ({ sizeBytes: MEBIBYTE }));
}
