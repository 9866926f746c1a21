/** A server on the real engine, with a clock that the test moves. */
import { createEngine, type Engine, type Flags, type Store } from "@mainspring/engine";
import { createManualClock, type ManualClock } from "@mainspring/engine/testing";
import { onTestFinished } from "vitest";
import {
  createServer,
  type CreateServerOptions,
  jwtAuthenticate,
  type Server,
  signToken,
} from "../../src/index.js";
import { openTestLayers, openTestStore, type TestLayers } from "./test-store.js";
import { testCatalog } from "./test-catalog.js";

export const SECRET = "a secret for tests, of more than thirty-two bytes";

const HOUR_MS = 3_600_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
  readonly text: string;
}

/** Loose: what tests look into. */
export interface Json {
  readonly [key: string]: JsonValue;
}
type JsonValue = never;

export interface CallOptions {
  readonly token?: string | null;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly server: Server;
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: ManualClock;
  /** A token of a player, or of an administrator. */
  readonly token: (
    playerId: string,
    options?: { isAdmin?: boolean; expiresInMs?: number; secret?: string },
  ) => Promise<string>;
  /** Sends a request; by default with ada's token. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
  /** The same with an administrator's token. */
  readonly asAdmin: (method: string, path: string, options?: CallOptions) => Promise<Answer>;
}

export interface TestServerOptions extends Partial<CreateServerOptions> {
  readonly catalog?: unknown;
  readonly store?: Store;
  readonly flags?: Flags;
  readonly plainStore?: Store;
}

/** Starts one; it ends with the test. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await openServer(options);
  onTestFinished(() => server.end());
  return server;
}

/** Starts one that many tests share; whoever starts it ends it. */
export async function openServer({
  catalog = testCatalog(),
  ...options
}: TestServerOptions = {}): Promise<TestServer & { end(): Promise<void> }> {
  const clock = createManualClock();
  const { store, layers } = await openStore(clock, options.store);
  const flags = {
    ...(options.flags !== undefined && { flags: options.flags }),
    ...(options.plainStore !== undefined && { plainStore: options.plainStore }),
  };
  const engine =
    options.engine ??
    (await createEngine({ store, ...layers, ...flags, catalog, clock, isDevelopment: true }));
  const authenticate = options.authenticate ?? jwtAuthenticate({ secret: SECRET, clock });
  const server = createServer({ isDevelopment: true, logLevel: "silent", ...options, engine, authenticate });
  const url = await server.listen({ port: 0 });
  const token: TestServer["token"] = (
    playerId,
    { isAdmin = false, expiresInMs = HOUR_MS, secret = SECRET } = {},
  ) => signToken({ playerId, isAdmin, secret, nowMs: clock.nowMs(), expiresInMs });
  const ada = await token("ada");
  const admin = await token("ops", { isAdmin: true });
  const call: TestServer["call"] = (method, path, callOptions = {}) =>
    send(`${url}${path}`, method, { token: ada, ...callOptions });
  return {
    async end() {
      await server.close();
      await engine.close();
    },
    url,
    server,
    engine,
    store,
    clock,
    token,
    call,
    asAdmin: (method, path, callOptions = {}) => call(method, path, { token: admin, ...callOptions }),
  };
}

/** What tests put into the store goes through the cache, as what the engine does. */
async function openStore(
  clock: ManualClock,
  given: Store | undefined,
): Promise<{ store: Store; layers: TestLayers }> {
  if (given !== undefined) return { store: given, layers: {} };
  const bare = await openTestStore(clock);
  const layers = await openTestLayers(clock);
  const { cache } = layers;
  if (cache === undefined) return { store: bare, layers };
  const store = cache.over(bare);
  return { store, layers: { ...layers, cache: { ...cache, over: () => store } } };
}

async function send(
  url: string,
  method: string,
  { token, body, headers = {} }: CallOptions,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(typeof token === "string" ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined
      ? {}
      : { body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
