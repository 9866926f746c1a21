/** A real server on the memory store, with cache, governor and limit, and players that keep it busy. */
import { readFileSync } from "node:fs";
import { createEngine, type Engine } from "@mainspring/engine";
import { createCache } from "@mainspring/engine/cache";
import { createMemoryBudget, createMemoryGovernor } from "@mainspring/engine/governor";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { createServer, jwtAuthenticate, type Server, signToken } from "@mainspring/server";
import { createFakeFlags, type FakeFlags } from "./fake-flags.js";

const SECRET = "a secret for the console's tests, of more than thirty-two bytes";
const HOUR_MS = 3_600_000;
const CATALOG = new URL("../../../../packages/server/catalogs/clockwork-foundry.json", import.meta.url);

export interface ConsoleServer {
  readonly url: string;
  readonly engine: Engine;
  readonly flags: FakeFlags;
  token(playerId: string, options?: { isAdmin?: boolean; expiresInMs?: number }): Promise<string>;
  close(): Promise<void>;
}

export async function startConsoleServer({ port = 0 } = {}): Promise<ConsoleServer> {
  const budget = createMemoryBudget({});
  const governor = createMemoryGovernor({ budget });
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
    isDevelopment: true,
  });
  const server = createServer({
    engine,
    authenticate: jwtAuthenticate({ secret: SECRET }),
    isDevelopment: true,
    logLevel: "silent",
  });
  const flags = createFakeFlags();
  addFakeFlagRoutes(server, flags);
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

function addFakeFlagRoutes({ fastify }: Server, flags: FakeFlags): void {
  fastify.get("/v1/admin/flags", () => flags.read());
  fastify.put("/v1/admin/flags/:layer", (request, reply) => {
    const { layer } = request.params as { readonly layer: string };
    const [status, body] = flags.change(layer, request.body as never);
    return reply.code(status).send(body);
  });
  fastify.delete("/v1/admin/flags/:layer", (request, reply) => {
    const { layer } = request.params as { readonly layer: string };
    const [status, body] = flags.reset(layer);
    return reply.code(status).send(body);
  });
}
