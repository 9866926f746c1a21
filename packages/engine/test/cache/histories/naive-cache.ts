/** A cache as most are: values by key with a time to live, and nothing that fences them. The checker must find it out. */
import type { CacheNamespace } from "../../../src/cache/cache.js";
import type { StoredRecord } from "../../../src/ports.js";
import { createModelServer } from "../../../src/testing/model-remote.js";
import type { CacheUnderTest, CheckedCache, OpenOptions } from "./instance.js";

export const naiveCache: CacheUnderTest = {
  name: "a map with a time to live",
  keeps: true,
  createServer: createModelServer,
  open,
};

function open({ store, timers, ttlSeconds }: OpenOptions): ReturnType<CacheUnderTest["open"]> {
  const keep = <V>() => {
    const values = new Map<string, { readonly value: V; readonly untilMs: number }>();
    return {
      get(key: string): V | undefined {
        const kept = values.get(key);
        return kept !== undefined && timers.nowMs() < kept.untilMs ? kept.value : undefined;
      },
      set: (key: string, value: V) => values.set(key, { value, untilMs: timers.nowMs() + ttlSeconds * 1000 }),
      delete: (key: string) => values.delete(key),
    };
  };
  const records = keep<StoredRecord | null>();
  const cache: CheckedCache = {
    namespace<V>() {
      const values = keep<V | null>();
      const own: CacheNamespace<V> = {
        peek: (key) => values.get(key),
        get(key, load) {
          const value = values.get(key);
          if (value !== undefined) return value;
          return load().then((loaded) => {
            values.set(key, loaded);
            return loaded;
          });
        },
        async set(key, value) {
          values.set(key, value);
        },
        async delete(key) {
          values.delete(key);
        },
      };
      return own;
    },
    stats: () => ({ trust: { isTrusted: true, unconfirmed: 0 } }),
  };
  return {
    cache,
    store: {
      ...store,
      peek: (playerId) => records.get(playerId),
      async read(playerIds, options) {
        const read = await store.read(playerIds, options);
        for (const [index, playerId] of playerIds.entries()) records.set(playerId, read[index] ?? null);
        return read;
      },
      async commit(writes, options) {
        const outcomes = await store.commit(writes, options);
        for (const { next } of writes) records.delete(next.playerId);
        return outcomes;
      },
    },
  };
}
