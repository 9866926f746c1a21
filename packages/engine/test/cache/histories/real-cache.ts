/** The cache of this package, under test. */
import { cached, createCache } from "../../../src/cache/index.js";
import { createModelServer } from "../../../src/testing/model-remote.js";
import type { CacheUnderTest } from "./instance.js";

export const realCache: CacheUnderTest = underTestOf("the cache", { cached, createCache, createModelServer });

/** The parts of the product that a mutant brings its own of. */
export interface CacheModules {
  readonly cached: typeof cached;
  readonly createCache: typeof createCache;
  readonly createModelServer: typeof createModelServer;
}

export function underTestOf(name: string, modules: CacheModules): CacheUnderTest {
  return {
    name,
    keeps: true,
    createServer: modules.createModelServer,
    open({ store, ttlSeconds, ...options }) {
      const cache = modules.createCache({ ...options, ttlSeconds: { activeQueue: ttlSeconds } });
      return { cache, store: modules.cached(store, cache) };
    },
  };
}
