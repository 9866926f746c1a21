/** The cache that the configuration asks for. Its libraries load only then. */
import { type Flags, layerSettings, type StoreCache, type Telemetry } from "@mainspring/engine";
import { servesAnybody } from "@mainspring/engine/flags";
import { isCacheBuiltIn } from "./open-flags.js";
import type { ServeConfig, StoreKind } from "../config/serve-schema.js";
import type { Limits } from "./open-limits.js";

export interface OpenCacheOptions {
  readonly config: ServeConfig;
  /** Of Redis. */
  readonly password: string | undefined;
  readonly telemetry: Telemetry;
  readonly limits: Pick<Limits, "budget" | "mayPrefetch">;
  readonly flags: Flags;
}

export interface OpenedCache extends StoreCache {
  close(): Promise<void>;
}

/** `null`: it isn't built in. @throws MainspringError `CONFIG_INVALID` */
export async function openCache({
  config,
  password,
  telemetry,
  limits,
  flags,
}: OpenCacheOptions): Promise<OpenedCache | null> {
  const { redis, cache } = config;
  if (!isCacheBuiltIn(config)) return null;
  const { createCache } = await import("@mainspring/engine/cache");
  const common = {
    budget: limits.budget,
    mayPrefetch: limits.mayPrefetch,
    localMaxAgeMs: cache.localMaxAge,
    ttlSeconds: redis.ttl,
    isOn: flags.asks("cache"),
    isPredicting: flags.asks("prediction"),
    telemetry,
  };
  // One process has the store for itself: there is nobody to share with, or to hear from.
  if (isSoleWriter(config.store.kind)) return createCache({ ...common, isSoleWriter: true });
  const { openRedis } = await import("@mainspring/engine/redis");
  const { host, port, username, tls, cluster } = redis;
  const remote = await openRedis({
    host,
    port,
    tls,
    telemetry,
    ...(username !== "" && { username }),
    ...(password !== undefined && { password }),
    ...(cluster && { clusterNodes: [{ host, port }] }),
  });
  return createCache({ ...common, remote });
}

/** What to say of the cache when the server is ready; `null`: nothing. */
export function describeCache({ layers, redis, store: { kind } }: ServeConfig): string | null {
  if (!servesAnybody(layerSettings(layers).cache)) return null;
  if (isSoleWriter(kind)) {
    return `The cache is this process's own: no other process has the ${kind} store, so Redis isn't used.`;
  }
  return `The cache is shared through Redis at ${redis.host}:${redis.port}.`;
}

function isSoleWriter(kind: StoreKind): boolean {
  return kind !== "dynamodb";
}
