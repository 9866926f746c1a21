/** No cache at all: the store itself. The checker must find nothing. */
import type { CacheUnderTest } from "./instance.js";
import { naiveCache } from "./naive-cache.js";

export const noCache: CacheUnderTest = {
  name: "no cache at all",
  keeps: false,
  createServer: naiveCache.createServer,
  open(options) {
    const { cache } = naiveCache.open(options);
    return {
      store: options.store,
      cache: {
        ...cache,
        namespace: () => ({
          peek: () => undefined,
          get: async (_, load) => load(),
          set: async () => {},
          delete: async () => {},
        }),
      },
    };
  },
};
