/** The face of the cache: what games and the engine use. `createCache` makes one, `cached(store, cache)` lays it over a store. */
import type { Clock, IsOn, MemoryBudget, Stamp, Store, StoreCache, Telemetry, Timers } from "../ports.js";
import type { WholeCacheStats } from "./cache-stats.js";
import type { CachedStore } from "./players/cached-store.js";
import type { Remote } from "./remote.js";

/** The namespaces of Mainspring's own, whose values belong to players. */
export const PLAYER_NAMESPACES = ["activeQueue", "taskProgress", "playerStats"] as const;

export type PlayerNamespace = (typeof PLAYER_NAMESPACES)[number];

/** And the one for all else: catalogs, the timeline, what a game puts there. */
export type OwnNamespace = PlayerNamespace | "frequentData";

export interface CacheOptions {
  /**
   * For whom it is on, asked each time: reads of others go to the store, and nothing of theirs is kept; their commits are told to the other
   * instances all the same. What belongs to no player is always cached. Default: everybody
   */
  readonly isOn?: IsOn;
  /** The second tier, that all instances share. Default: none, this process alone. The cache closes it. */
  readonly remote?: Remote | null;
  /** Nobody but this process ever writes to the store: what the cache holds is what there is. Default false. */
  readonly isSoleWriter?: boolean;
  /** The bound that its entries share with other local caches. Default: one of its own, of `maxEntries` and `maxBytes` */
  readonly budget?: MemoryBudget;
  /** Entries of this process, all namespaces together. Default: 10,000 */
  readonly maxEntries?: number;
  /** Bytes that they take, about. Default: 64 MiB */
  readonly maxBytes?: number;
  /** Nothing is shown that was last known to be current longer ago, unless the others can be heard. Default: 2000 ms */
  readonly localMaxAgeMs?: number;
  /** How long values live, in seconds. Default: activeQueue 300, taskProgress 60, playerStats 600, frequentData 1800 */
  readonly ttlSeconds?: Readonly<Partial<Record<OwnNamespace, number>>>;
  /** Reads records ahead of players who are likely to come: of all, or of whom it is on for, asked each time. Default false. */
  readonly isPredicting?: boolean | IsOn;
  /** Asked before anything is fetched ahead: `false` while there is no room, or no time, for it. Default: always true */
  readonly mayPrefetch?: () => boolean;
  /** A request waits at most so long for the second tier. Default: 50 ms */
  readonly remoteTimeoutMs?: number;
  /** Once the second tier was given up, it is tried again so often. Default: 1000 ms */
  readonly breakerIntervalMs?: number;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: the system's. */
  readonly timers?: Timers;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
  /** From 0 to 1, for jitter, tokens and samples. Default: `Math.random` */
  readonly random?: () => number;
}

export interface NamespaceOptions<V> {
  /** Default: 1800 (30 minutes) */
  readonly ttlSeconds?: number;
  /** How long it is remembered that there is no value. Default: 5 */
  readonly absentTtlSeconds?: number;
  /** A value past its time is still given for so long while no newer one can be had. Default: 0 */
  readonly graceSeconds?: number;
  /** A load that takes longer lets a last good value answer, where there is one within its grace. Default: 100 ms */
  readonly softLimitMs?: number;
  /** A load that takes longer fails. Default: 5000 ms */
  readonly hardLimitMs?: number;
  /** Default: JSON, as UTF-8. */
  readonly codec?: Codec<V>;
}

export interface Codec<V> {
  encode(value: V): Uint8Array;
  /** What it throws makes the bytes a miss. */
  decode(bytes: Uint8Array): V;
}

/**
 * Values of a game's own by key. Whoever sets or deletes is never undone by a load that began before. Values are shared
 * with other callers and must not be changed.
 */
export interface CacheNamespace<V> {
  /** The value if it is at hand in this process; `null`: it is known that there is none; `undefined`: ask `get`. */
  peek(key: string): V | null | undefined;
  /**
   * The value: of this process, of the second tier, or loaded. At once, and no promise, where it is at hand. Of all that ask for a key one
   * loads. `load` says `null` where there is none.
   * @throws what `load` throws, unless there is a last good value within its grace; MainspringError `STORE_UNAVAILABLE` past `hardLimitMs`
   */
  get(key: string, load: () => Promise<V | null>): V | null | Promise<V | null>;
  /** Replaces the value. Resolves when this process has it and the second tier was told, or is known to be away. */
  set(key: string, value: V): Promise<void>;
  /** Takes the value away: whoever asks next loads it anew. */
  delete(key: string): Promise<void>;
}

/** A player's change, told to the other instances. */
export interface HeardChange {
  readonly playerId: string;
  /** `null`: something may have changed. */
  readonly stamp: Stamp | null;
}

export interface Cache extends StoreCache {
  /** A namespace of the game's own. The same name gives the same one. @throws MainspringError `INVALID_REQUEST` for a bad name, or one of Mainspring's own */
  namespace<V>(name: string, options?: NamespaceOptions<V>): CacheNamespace<V>;
  /** Lays the cache over a store, once. `cached(store, cache)` does it. @throws MainspringError `CONFIG_INVALID` the second time */
  over(store: Store): CachedStore;
  /** Told of changes of players by other instances, for what rides on the channel. Returns how to stop. */
  listen(listener: (change: HeardChange) => void): () => void;
  stats(): WholeCacheStats;
  /** Tells the others that this process is done. Closed by the store it lies over, too. */
  close(): Promise<void>;
}
