/**
 * cacheable in its documented two tiers: its own memory store, and Redis through Keyv. What would tell other instances of
 * changes is a package of its own there and is left out, which spares it work.
 */
import KeyvRedis from "@keyv/redis";
import { Cacheable, createKeyv } from "cacheable";
import { type OpenPeer, PEER_MAX_ENTRIES, PEER_TTL_MS, type PeerValue } from "./peer.js";

export const openCacheablePeer: OpenPeer = async (redisPort) => {
  const cacheable = new Cacheable({
    primary: createKeyv({ lruSize: PEER_MAX_ENTRIES }),
    secondary: new KeyvRedis<PeerValue>(`redis://127.0.0.1:${redisPort}`),
    ttl: PEER_TTL_MS,
  });
  return {
    get: async (key, load) => cacheable.getOrSet<PeerValue>(key, load),
    set: async (key, value) => cacheable.set(key, value),
    delete: async (key) => cacheable.delete(key),
    close: async () => cacheable.disconnect(),
  };
};
