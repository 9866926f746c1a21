/** `@mainspring/engine`: everything that needs I/O but no protocol. Stores are imported from their own entries. */
export { createEngine, type CreateEngineOptions } from "./create-engine.js";
export type * from "./engine.js";
export type * from "./ports.js";
export type * from "./telemetry/performance-stats.js";
