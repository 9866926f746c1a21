/** The caches that are compared, by name. Each loads only in the process that plays it. */
import type { OpenPeer } from "./peer.js";

export const PEER_NAMES = ["mainspring", "bentocache", "bentocache-objects", "cacheable"] as const;

export type PeerName = (typeof PEER_NAMES)[number];

export async function openerOf(name: PeerName): Promise<OpenPeer> {
  switch (name) {
    case "mainspring":
      return (await import("./mainspring-peer.js")).openMainspringPeer;
    case "bentocache":
      return (await import("./bentocache-peer.js")).bentocachePeer({ serialize: true });
    case "bentocache-objects":
      return (await import("./bentocache-peer.js")).bentocachePeer({ serialize: false });
    case "cacheable":
      return (await import("./cacheable-peer.js")).openCacheablePeer;
  }
}

/** What each is, for the table. */
export const PEER_DESCRIPTIONS: Readonly<Record<PeerName, string>> = {
  mainspring: "ours, objects in memory, Redis by ioredis, and its channel",
  bentocache: "bentocache 1.6.1, memory (as JSON, its default), Redis by ioredis and its Redis bus",
  "bentocache-objects": "the same with `serialize: false` (objects themselves in memory)",
  cacheable: "cacheable 2.5.0, its own memory store (clones what it gives) and @keyv/redis 5.1.6; no bus",
};

export const PEER_SHORT_NAMES: Readonly<Record<PeerName, string>> = {
  mainspring: "ours",
  bentocache: "bentocache",
  "bentocache-objects": "bentocache without serialising",
  cacheable: "cacheable",
};
