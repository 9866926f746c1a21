/** One instance of a game's server in the simulation: a process with a cache over the shared store, linked to the modelled server. */
import type { Cache, CacheNamespace } from "../../../src/cache/cache.js";
import type { CacheTrustStats } from "../../../src/cache/cache-stats.js";
import type { Remote } from "../../../src/cache/remote.js";
import type { createModelServer } from "../../../src/testing/model-remote.js";
import type { Clock, IsOn, Store, Timers } from "../../../src/ports.js";
import type { Link } from "./link.js";
import type { SimulatedProcess } from "./process.js";
import { createFloors, type Floors } from "./truth.js";

/** A value of the game's own: which version of the truth it is. */
export interface Thing {
  readonly version: number;
}

export interface OpenOptions {
  readonly store: Store;
  readonly remote: Remote;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly maxEntries: number;
  readonly ttlSeconds: number;
  readonly breakerIntervalMs: number;
  readonly isOn: IsOn;
  readonly isPredicting: IsOn;
}

/** What the checker needs of a cache. */
export interface CheckedCache extends Pick<Cache, "namespace"> {
  stats(): { readonly trust: Pick<CacheTrustStats, "isTrusted" | "unconfirmed"> };
}

/** What is checked: a cache, and a store that lies over it. */
export interface CacheUnderTest {
  readonly name: string;
  /** What was read stays at hand while all is well. */
  readonly keeps: boolean;
  /** What models the server. */
  readonly createServer: typeof createModelServer;
  open(options: OpenOptions): { readonly store: Store; readonly cache: CheckedCache };
}

/** An instance as those see it who ask it for something. */
export interface PlayedInstance {
  readonly name: string;
  readonly process: Pick<SimulatedProcess, "isAlive" | "deliver" | "onDeath" | "frozenMs">;
  readonly store: Pick<Store, "peek" | "read" | "commit">;
  readonly things: CacheNamespace<Thing>;
  readonly bornAtMs: number;
  /** The newest that it acknowledged or showed. */
  readonly floors: Floors;
  /** The newest that it acknowledged, of a game's own values. */
  readonly changed: Floors;
  /** It doesn't take requests any more. */
  isLeaving: boolean;
}

export interface Instance extends PlayedInstance {
  readonly process: SimulatedProcess;
  readonly link: Link;
  readonly store: Store;
  readonly cache: CheckedCache;
}

export interface InstanceParts {
  readonly process: SimulatedProcess;
  readonly link: Link;
  readonly store: Store;
  readonly random: () => number;
  readonly maxEntries: number;
  readonly ttlSeconds: number;
  readonly breakerIntervalMs: number;
  readonly bornAtMs: number;
  readonly isOn: IsOn;
  readonly isPredicting: IsOn;
}

/** A load of the game's own that takes longer fails. */
export const HARD_LIMIT_MS = 2_000;

export function openInstance(underTest: CacheUnderTest, parts: InstanceParts): Instance {
  const { process, link, random, maxEntries, ttlSeconds, breakerIntervalMs, bornAtMs } = parts;
  const { isOn, isPredicting } = parts;
  const { store, cache } = underTest.open({
    store: parts.store,
    remote: link.remote,
    clock: process.clock,
    timers: process.timers,
    random,
    maxEntries,
    ttlSeconds,
    breakerIntervalMs,
    isOn,
    isPredicting,
  });
  return {
    name: process.name,
    process,
    link,
    store,
    cache,
    things: cache.namespace<Thing>("things", {
      ttlSeconds,
      absentTtlSeconds: ttlSeconds,
      hardLimitMs: HARD_LIMIT_MS,
    }),
    bornAtMs,
    floors: createFloors(),
    changed: createFloors(),
    isLeaving: false,
  };
}
