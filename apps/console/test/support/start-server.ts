/** A real server on the memory store, with cache, governor and limit, and players that keep it busy. */
import { readFileSync } from "node:fs";
import { createEngine, type Engine } from "@mainspring/engine";
import { createCache } from "@mainspring/engine/cache";
import { createFlags, type Flags, OFF, ON } from "@mainspring/engine/flags";
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
  token(playerId: string, options?: { isAdmin?: boolean; expiresInMs?: number }): Promise<string>;
  close(): Promise<void>;
}

export async function startConsoleServer({ port = 0, hasFlags = true } = {}): Promise<ConsoleServer> {
  const flags = createFlags({
    configured: { cache: ON, prediction: OFF, memoryGovernor: ON, overloadLimit: ON },
    notBuiltIn: { pool: "The memory store has no connections.", batching: "It is part of this process." },
  });
  const budget = createMemoryBudget({});
  const governor = createMemoryGovernor({ budget, thresholdBytes: THRESHOLD_BYTES });
  const overload = createOverloadLimit({ memoryLevel: () => governor.level() });
  const cache = createCache({ budget, isSoleWriter: true });
  const catalog: unknown = JSON.parse(readFileSync(CATALOG, "utf8"));
  const engine = await createEngine({
    store: createMemoryStore(),
    cache,
    budget,
    governor,
    overload,
    catalog,
    ...(hasFlags && { flags }),
    isDevelopment: true,
  });
  const server = createServer({
    engine,
    authenticate: jwtAuthenticate({ secret: SECRET }),
    isDevelopment: true,
    logLevel: "silent",
  });
  const url = await server.listen({ port });
  return {
    url,
    engine,
    flags,
    token: (playerId, { isAdmin = false, expiresInMs = HOUR_MS } = {}) =>
      signToken({ playerId, isAdmin, secret: SECRET, nowMs: Date.now(), expiresInMs }),
    async close() {
      await server.close();
      await engine.close();
    },
  };
}
