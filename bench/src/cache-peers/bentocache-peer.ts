/** bentocache in its documented two tiers with a bus: memory, Redis, and what tells other instances of changes. */
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisBusDriver, redisDriver } from "bentocache/drivers/redis";
import { type OpenPeer, PEER_MAX_ENTRIES, PEER_TTL_MS, type PeerValue } from "./peer.js";

/** `serialize: false` keeps objects themselves in the first tier, as ours does; by default it keeps them as JSON. */
export function bentocachePeer({ serialize }: { readonly serialize: boolean }): OpenPeer {
  return async (redisPort) => {
    const connection = { host: "127.0.0.1", port: redisPort };
    const bento = new BentoCache({
      default: "players",
      ttl: PEER_TTL_MS,
      stores: {
        players: bentostore()
          .useL1Layer(memoryDriver({ maxItems: PEER_MAX_ENTRIES, serialize }))
          .useL2Layer(redisDriver({ connection }))
          .useBus(redisBusDriver({ connection })),
      },
    });
    return {
      get: async (key, load) => bento.getOrSet<PeerValue>({ key, factory: load }),
      set: async (key, value) => bento.set({ key, value }),
      delete: async (key) => bento.delete({ key }),
      close: async () => bento.disconnectAll(),
    };
  };
}
