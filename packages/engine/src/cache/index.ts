/** The cache: two tiers that can't serve a wrong thing. */
export type {
  Cache,
  CacheNamespace,
  CacheOptions,
  Codec,
  HeardChange,
  NamespaceOptions,
  OwnNamespace,
} from "./cache.js";
export type {
  BreakerState,
  CacheStats,
  CacheTrustStats,
  HotKey,
  PrefetchStats,
  WholeCacheStats,
} from "./cache-stats.js";
export { cached, createCache } from "./create-cache.js";
export type { CachedStore } from "./players/cached-store.js";
export type * from "./remote.js";
