/** The switches: for whom the configuration has each layer on, and which of them can't be switched on in this process. */
import { type Flags, layerSettings, type Telemetry } from "@mainspring/engine";
import { createFlags, type CreateFlagsOptions } from "@mainspring/engine/flags";
import type { ServeConfig } from "../config/serve-schema.js";

/** @throws MainspringError `CONFIG_INVALID` */
export function openFlags(config: ServeConfig, telemetry: Telemetry): Flags {
  const { isOn, ...thresholds } = config.guard;
  return createFlags({
    configured: layerSettings(config.layers),
    notBuiltIn: notBuiltIn(config),
    // Nobody else has the store: there is no news to look for.
    ...(config.store.kind !== "dynamodb" && { lookEveryMs: null }),
    guard: isOn ? thresholds : null,
    telemetry,
  });
}

/** Whether the cache is there to be switched on. Where it costs nothing it is. */
export function isCacheBuiltIn({ store, layers }: ServeConfig): boolean {
  return store.kind !== "dynamodb" || layers.cache !== false;
}

function notBuiltIn(config: ServeConfig): NonNullable<CreateFlagsOptions["notBuiltIn"]> {
  const { store } = config;
  return {
    ...(store.kind !== "dynamodb" && { pool: `The ${store.kind} store has no connections.` }),
    ...(!isCacheBuiltIn(config) && {
      cache:
        'On DynamoDB it needs Redis. Start all instances with "layers": { "cache": { "percent": 0 } } and REDIS_ENDPOINT to have it ready.',
      prediction: "It fetches ahead into the cache, which isn't built in.",
    }),
  };
}
