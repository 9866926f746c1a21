/** `@mainspring/engine`: everything that needs I/O but no protocol. Stores are imported from their own entries. */
export type { ConfigMistake, ConfigOrigin } from "./config/config-source.js";
export { layerSettings } from "./config/layer-settings.js";
export type { LayersConfig } from "./config/layers-schema.js";
export { loadLayersConfig, type LayersConfigSources } from "./config/load-layers-config.js";
export type { Preset } from "./config/presets.js";
export { createEngine, type CreateEngineOptions } from "./create-engine.js";
export type * from "./engine.js";
export { createMemoryBudget, type MemoryBudgetOptions } from "./memory/budget.js";
export { createLruTenant, type LruTenant, type LruTenantOptions } from "./memory/lru-tenant.js";
export { PLAYER_ID, PLAYER_ID_PATTERN } from "./player-ids.js";
export type * from "./ports.js";
export { systemTimers } from "./system-timers.js";
export {
  createLatencyHistogram,
  LATENCY_BOUNDS_MS,
  type LatencyHistogram,
} from "./telemetry/latency-histogram.js";
export { measured } from "./telemetry/measured-store.js";
export type * from "./telemetry/performance-stats.js";
