/** `@mainspring/engine/cache/prefetch`: reading ahead of players, for caches of one's own and for measuring what it would bring. */
export type { PrefetchStats } from "../cache-stats.js";
export { createHabits, type DueOptions, type Habits } from "../habits/habits.js";
export { createPrefetcher, type Prefetcher, type PrefetcherOptions } from "./prefetcher.js";
export { MIN_CHANCE, MIN_PRECISION } from "./worth.js";
export {
  createRecentPlayers,
  type RecentPlayers,
} from "../warm-up/recent-players.js";
export { warmUp, type WarmedBatch, type WarmUpOptions, type WarmUpReport } from "../warm-up/warm-up.js";
