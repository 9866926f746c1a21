/** A real server with cache, governor, limit and switches; one of the layers can be one that does harm. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { MainspringError } from "@mainspring/core";
import { createEngine, type Engine, measured, type Store } from "@mainspring/engine";
import { createCache } from "@mainspring/engine/cache";
import { createFlags, type Flags, type IsOn, ON } from "@mainspring/engine/flags";
import { createMemoryBudget, createMemoryGovernor } from "@mainspring/engine/governor";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { createServer, jwtAuthenticate, signToken } from "@mainspring/server";

const SECRET = "a secret for the console's tests, of more than thirty-two bytes";
const HOUR_MS = 3_600_000;
/** Of the tests' own process, which has more to do than a server. */
const THRESHOLD_BYTES = 512 * 1_048_576;

const CATALOG = new URL("../../../../packages/server/catalogs/clockwork-foundry.json", import.meta.url);

export interface ConsoleServer {
  readonly url: string;
  readonly engine: Engine;
  readonly flags: Flags;
  token(playerId: string, options?: { isAdmin?: boolean }): Promise<string>;
  /** As if all of them had expired; and not any more. */
  refuseTokens(isNow: boolean): void;
  close(): Promise<void>;
}

export interface ConsoleServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Default: true */
  readonly hasFlags?: boolean;
  /** Default: one in memory. */
  readonly store?: Store;
}

export async function startConsoleServer(options: ConsoleServerOptions = {}): Promise<ConsoleServer> {
  const { port = 0, hasFlags = true, store = createMemoryStore() } = options;
  const flags = createFlags({
    configured: { cache: ON, prediction: ON, memoryGovernor: ON, overloadLimit: ON },
    notBuiltIn: { pool: "The store has no connections." },
    // Under a rush the limit refuses those who have no cache and not those who have: that the guard takes such a change back is right, and
    // not what is looked at here. It is to find the harm that is done on purpose.
    guard: { errorShare: 1, latencyMs: SLOWER_BY_MS / 2 },
  });
  const budget = createMemoryBudget({});
  const governor = createMemoryGovernor({
    budget,
    thresholdBytes: THRESHOLD_BYTES,
    isOn: () => flags.servesAnybody("memoryGovernor"),
  });
  const overload = createOverloadLimit({
    memoryLevel: () => governor.level(),
    isOn: () => flags.servesAnybody("overloadLimit"),
  });
  const cache = createCache({
    budget,
    isSoleWriter: true,
    isOn: flags.asks("cache"),
    isPredicting: flags.asks("prediction"),
  });
  const catalog: unknown = JSON.parse(readFileSync(CATALOG, "utf8"));
  const engine = await createEngine({
    store: slowFor(flags.asks("batching"), measured(store)),
    cache,
    budget,
    governor,
    overload,
    catalog,
    ...(hasFlags && { flags }),
    isDevelopment: true,
    checkpoint: { everyMs: 30_000, isOn: flags.asks("checkpoint") },
  });
  const authenticate = jwtAuthenticate({ secret: SECRET });
  let isRefusing = false;
  const server = createServer({
    engine,
    authenticate(request) {
      if (isRefusing) throw new MainspringError("UNAUTHENTICATED", "The token has expired.");
      return authenticate(request);
    },
    isDevelopment: true,
    logLevel: "silent",
  });
  const url = await server.listen({ port });
  return {
    url,
    engine,
    flags,
    token: signed,
    refuseTokens(isNow) {
      isRefusing = isNow;
    },
    async close() {
      await server.close();
      await engine.close();
    },
  };
}

/** A token that any of these servers takes. */
export const signed: ConsoleServer["token"] = (playerId, { isAdmin = false } = {}) =>
  signToken({ playerId, isAdmin, secret: SECRET, nowMs: Date.now(), expiresInMs: HOUR_MS });

/** What a batcher must never be, so that the guard has something to take back: each commit waits for nothing. */
const SLOWER_BY_MS = 150;

function slowFor(isSlow: IsOn, store: Store): Store {
  return {
    ...store,
    async commit(writes, options) {
      if (writes.some(({ next }) => isSlow(next.playerId))) await delay(SLOWER_BY_MS);
      return store.commit(writes, options);
    },
  };
}
