/** What keeps the process within its limits: the bound of all local caches, the memory governor, the overload limit. */
import type {
  Flags,
  LayersConfig,
  MemoryBudget,
  MemoryGovernor,
  OverloadLimit,
  Telemetry,
} from "@mainspring/engine";
import { createMemoryBudget, createMemoryGovernor, exposedCollector } from "@mainspring/engine/governor";
import { createOverloadLimit } from "@mainspring/engine/overload";

/** From this level on nothing is fetched ahead. */
const TIGHT = 2;

export interface Limits {
  /** Of all local caches together. */
  readonly budget: MemoryBudget;
  readonly governor: MemoryGovernor;
  readonly overload: OverloadLimit;
  /** Whether there is room and time to fetch ahead of players. */
  readonly mayPrefetch: () => boolean;
}

interface LimitParts {
  readonly flags: Flags;
  readonly telemetry: Telemetry;
}

/** @throws MainspringError `CONFIG_INVALID` */
export function openLimits(
  { cache, memory, overload: bounds }: LayersConfig,
  { flags, telemetry }: LimitParts,
): Limits {
  const budget = createMemoryBudget({ maxEntries: memory.maxCacheSize, maxBytes: cache.maxBytes });
  const governor = createMemoryGovernor({
    ...governorOptions(memory),
    budget,
    telemetry,
    isOn: () => flags.servesAnybody("memoryGovernor"),
  });
  const overload = createOverloadLimit({
    isOn: () => flags.servesAnybody("overloadLimit"),
    memoryLevel: () => governor.level(),
    minLimit: bounds.minConcurrency,
    maxLimit: bounds.maxConcurrency,
    telemetry,
  });
  const mayPrefetch = () => governor.level() < TIGHT && overload.step() === 0;
  return { budget, governor, overload, mayPrefetch };
}

function governorOptions({
  memoryThreshold,
  levelShares,
  gcInterval,
  enableGcOptimization,
}: LayersConfig["memory"]) {
  return {
    thresholdBytes: memoryThreshold,
    levelShares,
    gcIntervalMs: gcInterval,
    collect: enableGcOptimization ? exposedCollector() : null,
  };
}
