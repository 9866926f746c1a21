/** The memory governor: it keeps a long-running process inside its budget. */
export type * from "./governor.js";
export type { Dispensable, MemoryBudget, MemoryTenant } from "./tenant.js";
export { createMemoryBudget, type MemoryBudgetOptions } from "./budget.js";
export { createMemoryGovernor } from "./create-governor.js";
export { exposedCollector } from "./exposed-collector.js";
export type { MemoryGovernorOptions } from "./governor-options.js";
export type { GrowthOptions } from "./growth-watch.js";
export type { LevelShares } from "./levels.js";
export type { LiveMemory, MemoryMeter, MemoryReading } from "./memory-meter.js";
