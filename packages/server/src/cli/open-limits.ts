/** What keeps the process within its limits: the bound of all local caches, the memory governor, the overload limit. */
import {
  layerSettings,
  type LayersConfig,
  type MemoryBudget,
  type MemoryGovernor,
  type OverloadLimit,
  type Telemetry,
} from "@mainspring/engine";
import { servesAnybody } from "@mainspring/engine/flags";
import { createMemoryBudget, createMemoryGovernor, exposedCollector } from "@mainspring/engine/governor";
import { createOverloadLimit } from "@mainspring/engine/overload";

/** From this level on nothing is fetched ahead. */
const TIGHT = 2;

export interface Limits {
  /** Of all local caches together. */
  readonly budget: MemoryBudget;
  /** `null`: switched off, as below. */
  readonly governor: MemoryGovernor | null;
  readonly overload: OverloadLimit | null;
  /** Whether there is room and time to fetch ahead of players. */
  readonly mayPrefetch: () => boolean;
}

/** @throws MainspringError `CONFIG_INVALID` */
export function openLimits({ layers, cache, memory, overload }: LayersConfig, telemetry: Telemetry): Limits {
  const budget = createMemoryBudget({ maxEntries: memory.maxCacheSize, maxBytes: cache.maxBytes });
  const settings = layerSettings(layers);
  const governor = servesAnybody(settings.memoryGovernor) ? governorOf(memory, { budget, telemetry }) : null;
  const memoryLevel = () => governor?.level() ?? 0;
  const limit = servesAnybody(settings.overloadLimit)
    ? createOverloadLimit({
        memoryLevel,
        minLimit: overload.minConcurrency,
        maxLimit: overload.maxConcurrency,
        telemetry,
      })
    : null;
  const mayPrefetch = () => memoryLevel() < TIGHT && (limit?.step() ?? 0) === 0;
  return { budget, governor, overload: limit, mayPrefetch };
}

function governorOf(
  { memoryThreshold, levelShares, gcInterval, enableGcOptimization }: LayersConfig["memory"],
  parts: { readonly budget: MemoryBudget; readonly telemetry: Telemetry },
): MemoryGovernor {
  return createMemoryGovernor({
    ...parts,
    thresholdBytes: memoryThreshold,
    levelShares,
    gcIntervalMs: gcInterval,
    collect: enableGcOptimization ? exposedCollector() : null,
  });
}
