/** Ours: a namespace of a game's own over Redis. */
import { createCache } from "@mainspring/engine/cache";
import { openRedis } from "@mainspring/engine/redis";
import { type OpenPeer, PEER_MAX_ENTRIES, PEER_TTL_MS, type PeerValue } from "./peer.js";

const MS_PER_SECOND = 1000;

export const openMainspringPeer: OpenPeer = async (redisPort) => {
  const remote = await openRedis({ host: "127.0.0.1", port: redisPort });
  const cache = createCache({ remote, maxEntries: PEER_MAX_ENTRIES });
  const players = cache.namespace<PeerValue>("bench", { ttlSeconds: PEER_TTL_MS / MS_PER_SECOND });
  return {
    get: (key, load) => players.get(key, load),
    set: async (key, value) => players.set(key, value),
    delete: async (key) => players.delete(key),
    close: async () => cache.close(),
  };
};
