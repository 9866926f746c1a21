/** The engine over an opened store, with the layers around it, and the catalog that it was given. */
import { type Catalog, isMainspringError, MainspringError } from "@mainspring/core";
import {
  type Activation,
  createEngine,
  type Engine,
  type Flags,
  type Store,
  type Telemetry,
} from "@mainspring/engine";
import type { ServeConfig } from "../config/serve-schema.js";
import type { OpenedCache } from "./open-cache.js";
import type { Limits } from "./open-limits.js";

export interface Opened {
  readonly engine: Engine;
  /** What became of the catalog that was given. */
  readonly activation: Activation | null;
  readonly catalog: Catalog;
}

export interface EngineSettings {
  readonly telemetry: Telemetry;
  readonly document: unknown;
  readonly config: ServeConfig;
}

export interface Layered {
  /** Below all layers. */
  readonly plainStore: Store;
  readonly store: Store;
  readonly cache: OpenedCache | null;
  readonly limits: Limits;
  readonly flags: Flags;
}

/** Closes all that it was given if it fails. @throws MainspringError `CONFIG_INVALID` without a catalog */
export async function openEngine(
  { plainStore, store, cache, limits, flags }: Layered,
  { telemetry, document, config }: EngineSettings,
): Promise<Opened> {
  let engine: Engine | undefined;
  try {
    engine = await createEngine({
      store,
      plainStore,
      flags,
      ...(cache !== null && { cache }),
      budget: limits.budget,
      governor: limits.governor,
      overload: limits.overload,
      isDevelopment: config.server.dev,
      telemetry,
      checkpoint: { everyMs: config.layers.checkpointInterval, isOn: flags.asks("checkpoint") },
    });
    const activation = document === undefined ? null : await engine.catalogs.propose(document);
    return { engine, activation, catalog: await activeCatalog(engine) };
  } catch (error) {
    await (engine ?? store).close();
    await cache?.close();
    throw error;
  }
}

async function activeCatalog(engine: Engine): Promise<Catalog> {
  try {
    return await engine.catalogs.active();
  } catch (error) {
    if (!isMainspringError(error) || error.code !== "NO_CATALOG") throw error;
    throw new MainspringError(
      "CONFIG_INVALID",
      "The store has no catalog yet. Give the server one: --catalog file.json.",
    );
  }
}
