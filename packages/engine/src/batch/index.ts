/** `@mainspring/engine/batch`: operations that travel together. */
export type * from "./batcher.js";
export type { BatcherStats, Priority } from "./batcher-stats.js";
export { batched, type BatchedOptions } from "./batched-store.js";
export { createBatcher } from "./create-batcher.js";
