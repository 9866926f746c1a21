/**
 * `@mainspring/core`: the rules. Pure functions on plain data; no I/O, no clock, no randomness of the platform.
 *
 * A catalog is compiled (`compileCatalog`), a player is made (`createPlayer`), commands are applied (`applyCommand`), and
 * time passes in one place (`settle`). What will happen is foreseen by `forecast`.
 */
export { compileCatalog, HASH_DIGITS } from "./catalog/compile.js";
export { publicCatalog } from "./catalog/public-catalog.js";
export type * from "./catalog/public-catalog.js";
export { checkCatalog, type CatalogCheck } from "./catalog/check-catalog.js";
export { formatMistake, type Mistake } from "./catalog/checker.js";
export type * from "./catalog/catalog.js";
export type * from "./catalog/source.js";
export { DEFAULT_SETTINGS, LIMITS } from "./catalog/limits.js";
export { levelOf, xpForNextLevel } from "./catalog/levels.js";
export { closest } from "./catalog/suggest.js";
export { sha256Hex } from "./catalog/sha256.js";
export {
  catalogOf,
  createTimeline,
  entryAfter,
  entryAt,
  type Timeline,
  type TimelineEntry,
} from "./catalog/timeline.js";
export {
  applyCommand,
  type Applied,
  type ApplyOptions,
  MAX_FAST_FORWARD_MS,
} from "./commands/apply-command.js";
export { MAX_TIMED_EFFECTS } from "./commands/adjust.js";
export { commandOf } from "./commands/command-of.js";
export { createPlayer, type CreatePlayerOptions } from "./commands/create-player.js";
export { MAX_REPEAT } from "./commands/queue-commands.js";
export { isSightDue, markSeen, sightDueMs } from "./commands/seen.js";
export {
  ERROR_TABLE,
  type ErrorCategory,
  type ErrorCode,
  type ErrorDetails,
  isMainspringError,
  MainspringError,
} from "./errors.js";
export { addUpToMax, divCeil, divFloor, MAX_AMOUNT, mulDivFloor, PPM, toPpm } from "./numbers.js";
export type * from "./player/command.js";
export type * from "./player/events.js";
export { createSeed, SEED_BYTES, type Seed, seedBytes } from "./player/seed.js";
export type * from "./player/state.js";
export { RULES_VERSION } from "./rules-version.js";
export { awayLimitMs, nextBoundaryMs, SEEN_GRACE_MS } from "./settle/boundaries.js";
export {
  forecast,
  type Forecast,
  type ForecastTask,
  type ForecastTime,
  type Shortfall,
} from "./settle/forecast.js";
export { RARE_FINDS_TOLD } from "./settle/finish.js";
export { DEFAULT_MAX_COST, settle, type SettleOptions } from "./settle/settle.js";
export { levelIn, type Terms, termsOf } from "./settle/terms.js";
