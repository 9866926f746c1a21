/** What the server counts of its requests, and that its description has every number. */
import type { Socket } from "node:net";
import { createEngine, type Engine, type OverloadLimit } from "@mainspring/engine";
import { cached, createCache } from "@mainspring/engine/cache";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { createManualClock } from "@mainspring/engine/testing";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { createHttpNumbers } from "../../src/http/numbers/http-numbers.js";
import type { HttpStats } from "../../src/http/numbers/http-stats.js";
import { openLayeredEngine } from "../support/layered-engine.js";
import { sendRaw } from "../support/raw-request.js";
import { startServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

const ADA = "/v1/players/ada";

async function httpStatsOf({ asAdmin }: TestServer): Promise<HttpStats> {
  const { text } = await asAdmin("GET", "/v1/admin/performance");
  return (JSON.parse(text) as { readonly httpStats: HttpStats }).httpStats;
}

/** A limit that refuses what it is told to. */
function refusing(): OverloadLimit {
  const limit = createOverloadLimit({ memoryLevel: () => 0 });
  return {
    ...limit,
    enter: (priority) =>
      priority === "low"
        ? { isAdmitted: false, reason: "load", step: 1, retryAfterSeconds: 1 }
        : limit.enter(priority),
  };
}

async function engineWithCache(overload?: OverloadLimit): Promise<Engine> {
  const engine = await createEngine({
    store: cached(createMemoryStore(), createCache({ isSoleWriter: true })),
    catalog: testCatalog(),
    ...(overload !== undefined && { overload }),
  });
  onTestFinished(async () => engine.close());
  return engine;
}

/** Something to wait for. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("the numbers of requests", () => {
  it("are counted by method, template and class of status", async () => {
    const server = await startServer();
    const { call } = server;
    await call("GET", ADA);
    await call("GET", `${ADA}/queue`);
    await call("GET", `${ADA}/queue`);
    await call("GET", "/v1/players/bob/queue");
    await call("POST", `${ADA}/queue/tasks`, { body: { activity: "dig" } });
    await call("POST", `${ADA}/queue/tasks`, { body: { activity: "nonsense" } });
    await call("GET", "/v1/catalog");
    const { headers } = await call("GET", "/v1/catalog");
    await call("GET", "/v1/catalog", { headers: { "if-none-match": headers.get("etag") ?? "" } });
    const { byRoute } = await httpStatsOf(server);
    expect(byRoute).toMatchObject({
      "GET /v1/players/:id": { requests: 1, successes: 1 },
      "GET /v1/players/:id/queue": { requests: 3, successes: 2, clientErrors: 1, serverErrors: 0 },
      "POST /v1/players/:id/queue/tasks": { requests: 2, successes: 1, clientErrors: 1 },
      "GET /v1/catalog": { requests: 3, successes: 2, unchanged: 1 },
    });
    expect(Object.keys(byRoute)).toHaveLength(4);
    expect(JSON.stringify(byRoute)).not.toContain("ada");
    for (const { p50Ms, p99Ms, totalMs, atMost } of Object.values(byRoute)) {
      expect(p50Ms).toBeGreaterThan(0);
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms ?? Infinity);
      expect(totalMs).toBeGreaterThan(0);
      expect(atMost.at(-1)).toBeGreaterThan(0);
    }
  });

  it("have what is answered before the router among them", async () => {
    const server = await startServer({ engine: await engineWithCache(), store: createMemoryStore() });
    const { call } = server;
    await call("GET", ADA);
    const before = await httpStatsOf(server);
    for (let count = 0; count < 5; count += 1) await call("GET", `${ADA}/queue`);
    await call("GET", ADA);
    const { byRoute, cachedReads } = await httpStatsOf(server);
    expect(cachedReads.requests - before.cachedReads.requests).toBeGreaterThanOrEqual(5);
    expect(byRoute["GET /v1/players/:id/queue"]).toMatchObject({ requests: 5, successes: 5 });
    expect(cachedReads.p99Ms).toBeGreaterThan(0);
  });

  it("have what was no request, what no route has, and what the door refused", async () => {
    const server = await startServer({
      engine: await engineWithCache(refusing()),
      store: createMemoryStore(),
    });
    const { call, url } = server;
    await call("GET", "/no/such/address");
    await call("PATCH", ADA);
    await call("GET", "/v1/players/%zz");
    await call("GET", `${ADA}/stats`);
    await call("GET", `${ADA}/events`);
    await sendRaw(url, "nonsense\r\n\r\n");
    const { byRoute } = await httpStatsOf(server);
    expect(byRoute).toMatchObject({
      "GET (unknown)": { requests: 2, clientErrors: 2 },
      "PATCH (unknown)": { requests: 1, clientErrors: 1 },
      "GET (refused)": { requests: 2, serverErrors: 2 },
      "OTHER (broken)": { requests: 1, clientErrors: 1 },
    });
  });

  it("have those whose client went away before the answer, once each", async () => {
    const bare = createMemoryStore();
    const [asked, held] = [gate(), gate()];
    const server = await startServer({
      store: {
        ...bare,
        async commit(...given) {
          asked.open();
          await held.opened;
          return bare.commit(...given);
        },
      },
    });
    onTestFinished(held.open);
    const left = gate();
    server.server.fastify.server.once("connection", (socket: Socket) => socket.once("close", left.open));
    const away = new AbortController();
    const headers = { authorization: `Bearer ${await server.token("ada")}` };
    const given = fetch(`${server.url}${ADA}`, { headers, signal: away.signal }).catch(() => "given up");
    await asked.opened;
    away.abort();
    expect(await given).toBe("given up");
    await left.opened;
    expect((await httpStatsOf(server)).byRoute).toMatchObject({
      "GET /v1/players/:id": { requests: 1, successes: 0, clientErrors: 1 },
    });
    held.open();
    await server.call("GET", ADA);
    const { byRoute } = await httpStatsOf(server);
    expect(byRoute["GET /v1/players/:id"]).toMatchObject({ requests: 2, successes: 1, clientErrors: 1 });
  });

  it("have what is refused for want of a Host, with the time that it took", async () => {
    const server = await startServer();
    const beganAtMs = performance.now();
    for (const path of [ADA, "/no/such/address"]) {
      await sendRaw(server.url, `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`);
    }
    const { byRoute } = await httpStatsOf(server);
    const passedMs = performance.now() - beganAtMs;
    expect(byRoute).toMatchObject({
      "GET /v1/players/:id": { requests: 1, clientErrors: 1 },
      "GET (unknown)": { requests: 1, clientErrors: 1 },
    });
    for (const { totalMs } of Object.values(byRoute)) expect(totalMs).toBeLessThanOrEqual(passedMs);
  });

  it("count connections", async () => {
    const server = await startServer();
    const before = (await httpStatsOf(server)).connections;
    await sendRaw(server.url, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const { open, accepted } = (await httpStatsOf(server)).connections;
    expect(accepted).toBeGreaterThan(before.accepted);
    expect(open).toBeLessThanOrEqual(before.open + 1);
    expect(open).toBeGreaterThan(0);
  });
});

describe("the time a request takes", () => {
  it("begins with the turn of the event loop that it was read in", async () => {
    const clock = createManualClock();
    const numbers = createHttpNumbers(clock);
    const route = numbers.cachedReads("GET", "/slow");
    // Two that arrive together, and each takes 20 ms: the second one's client waits for both.
    for (let count = 0; count < 2; count += 1) {
      const arrivedAtMs = numbers.arrivedAtMs();
      clock.advance(20);
      route.answered(200, arrivedAtMs);
    }
    expect(numbers.stats().byRoute["GET /slow"]).toMatchObject({ requests: 2, totalMs: 60 });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const arrivedAtMs = numbers.arrivedAtMs();
    clock.advance(20);
    route.answered(200, arrivedAtMs);
    expect(numbers.stats().cachedReads).toMatchObject({ requests: 3, totalMs: 80 });
  });

  it("is counted under few names, whatever clients send", () => {
    const numbers = createHttpNumbers(createManualClock());
    for (const method of ["QUERY", "BREW", "__proto__"]) numbers.route(method, "(unknown)").answered(405, 0);
    expect(numbers.stats().byRoute).toEqual({
      "OTHER (unknown)": expect.objectContaining({ requests: 3 }) as object,
    });
  });
});

describe("/v1/admin/performance", () => {
  it.each([
    ["without layers", null],
    ["with every layer", openLayeredEngine],
  ] as const)("is described to the last number, and shows all there is, %s", async (_, make) => {
    const server = await startServer(
      make === null ? {} : { engine: await make(), store: createMemoryStore() },
    );
    await server.call("GET", ADA);
    await server.call("POST", `${ADA}/queue/tasks`, { body: { activity: "nonsense" } });
    const { components } = JSON.parse((await server.call("GET", "/openapi.json", { token: null })).text) as {
      components: { schemas: { PerformanceStats: object } };
    };
    const check = new Ajv2020({ strict: false }).compile({
      ...components.schemas.PerformanceStats,
      components,
    });
    const { body } = await server.asAdmin("GET", "/v1/admin/performance");
    expect(check(body) ? [] : check.errors).toEqual([]);
    // The schema is strict: what it forgets would not be in the answer.
    expect(namesIn(body)).toEqual(
      namesIn({ ...server.engine.performance(), httpStats: body["httpStats"] as unknown }),
    );
  });
});

/** The names of all fields, with where they are; of lists and maps the first element's. */
function namesIn(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  if (Array.isArray(value)) return value.length === 0 ? [path] : namesIn(value[0], `${path}[]`);
  return Object.entries(JSON.parse(JSON.stringify(value)) as object)
    .flatMap(([name, inner]) => namesIn(inner, `${path}.${name}`))
    .sort();
}
