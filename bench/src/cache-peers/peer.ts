/** What the cache is compared with: two-tier caches, each behind the same few calls. */

/** What is cached: an object that is about 700 bytes as JSON, the size of a stored player. */
export interface PeerValue {
  readonly playerId: string;
  readonly version: number;
  readonly skills: Readonly<Record<string, { readonly level: number; readonly xp: number }>>;
  readonly items: Readonly<Record<string, number>>;
  readonly tasks: readonly { readonly taskId: number; readonly activity: string; readonly repeat: number }[];
}

export interface Peer {
  /** The value; on a miss it is loaded, and kept in both tiers. At once where the cache can. */
  get(
    key: string,
    load: () => Promise<PeerValue>,
  ): PeerValue | null | undefined | Promise<PeerValue | null | undefined>;
  set(key: string, value: PeerValue): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Opens one over an empty Redis. Several in one process or in many share what is in it. */
export type OpenPeer = (redisPort: number) => Promise<Peer>;

export const PEER_TTL_MS = 300_000;

/** Entries that the first tier of each has room for. */
export const PEER_MAX_ENTRIES = 20_000;

const TASKS = 6;

export function peerValueOf(playerId: string, version: number): PeerValue {
  return {
    playerId,
    version,
    skills: {
      mining: { level: 31, xp: 45_210 },
      smithing: { level: 17, xp: 8_034 },
      combat: { level: 8, xp: 1_277 },
    },
    items: {
      "copper-ore": 4211,
      "iron-ore": 977,
      "steam-crystal": 12,
      gear: 301,
      "fine-gear": 9,
      scrap: 1403,
      lantern: 1,
    },
    tasks: Array.from({ length: TASKS }, (_, task) => ({
      taskId: 1000 + task,
      activity: task % 2 === 0 ? "mine-copper" : "forge-gear",
      repeat: 100 * (task + 1),
    })),
  };
}
