/** `@mainspring/engine/flags`: switches for the layers. */
export { createFlags, type CreateFlagsOptions } from "./create-flags.js";
export type * from "./flags.js";
export { GUARD_THRESHOLDS, type GuardThresholds } from "./judge.js";
export { type IsOn, type Layer, LAYERS, type LayerSetting, OFF, ON } from "./layers.js";
export { isPartial, servesAnybody } from "./reach.js";
