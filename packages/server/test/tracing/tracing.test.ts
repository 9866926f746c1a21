/** Traces from a request to the calls of the store, as a collector receives them. */
import { MainspringError } from "@mainspring/core";
import { createEngine, type Engine, measured, type Store } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createCache } from "@mainspring/engine/cache";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
// As built: traces are sent by a thread, and a thread begins with a file.
import { openTracing, type OpenTracingOptions, type Tracing } from "@mainspring/server";
import { openTracing as openTracingFromSource } from "../../src/index.js";
import { startServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";
import { namesOf, type OtlpReceiver, type SpanTree, startOtlpReceiver } from "./otlp-receiver.js";

const ADA = "/v1/players/ada";

async function openEngine(bare: Store = createMemoryStore()): Promise<Engine> {
  const store = batched(measured(bare));
  const cache = createCache({ isSoleWriter: true });
  const engine = await createEngine({ store, cache, catalog: testCatalog() });
  onTestFinished(async () => engine.close());
  return engine;
}

interface Traced extends TestServer {
  readonly receiver: OtlpReceiver;
  /** All traces, when everything is sent. */
  readonly traces: () => Promise<readonly SpanTree[]>;
}

async function startTraced(options: OpenTracingOptions, bare?: Store): Promise<Traced> {
  const receiver = await startOtlpReceiver();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint);
  vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const tracing: Tracing = await openTracing({ maxPerSecond: 1_000_000, ...options });
  const server = await startServer({ tracing, engine: await openEngine(bare), store: createMemoryStore() });
  return {
    ...server,
    receiver,
    async traces() {
      await server.server.close();
      await tracing.close();
      return receiver.trees();
    },
  };
}

/** The traces of requests to one route. */
const named = (trees: readonly SpanTree[], name: string) => trees.filter((tree) => tree.name === name);

describe("a trace", () => {
  it("goes from a read that finds nothing at hand to the store", async () => {
    const { call, traces, receiver } = await startTraced({ share: 1 });
    await call("GET", ADA);
    const [read] = await traces();
    expect(read && namesOf(read)).toEqual([
      "GET /v1/players/:id",
      "auth",
      ["read", "store read", "store commit"],
    ]);
    expect(read?.facts).toMatchObject({
      "http.request.method": "GET",
      "http.route": "/v1/players/:id",
      "http.response.status_code": 200,
      "mainspring.request_id": expect.stringMatching(/^[0-9a-f]{8}-/) as string,
    });
    expect([read?.isClosedLast, read?.failure, read?.parentSpanId]).toEqual([true, null, null]);
    expect(receiver.resource()).toMatchObject({
      "service.name": "mainspring",
      "deployment.environment": "test",
    });
  });

  it("goes from a command through cache and batcher to the store", async () => {
    const { call, traces } = await startTraced({ share: 1 });
    await call("GET", ADA);
    await call("POST", `${ADA}/queue/tasks`, { body: { activity: "dig" } });
    const [command] = named(await traces(), "POST /v1/players/:id/queue/tasks");
    expect(command && namesOf(command)).toEqual([
      "POST /v1/players/:id/queue/tasks",
      "auth",
      ["apply", "store commit"],
    ]);
    expect(command?.steps[1]?.steps[0]?.facts).toEqual({ "mainspring.records": 1 });
  });

  it("says what failed, and not in whose words", async () => {
    const bare = createMemoryStore();
    const failing: Store = {
      ...bare,
      commit: async () => {
        throw new MainspringError("STORE_UNAVAILABLE", "No space left in /srv/secret-place.");
      },
    };
    const { call, traces, receiver } = await startTraced({ share: 1 }, failing);
    expect((await call("GET", ADA)).status).toBe(503);
    const [read] = await traces();
    expect([read?.failure, read?.steps[1]?.failure]).toEqual(["", "STORE_UNAVAILABLE"]);
    expect(receiver.text()).not.toContain("secret-place");
  });

  it("is made of the share that is asked for, and names no player", async () => {
    const rolls = [0.5, 0.05, 0.11, 0.09, 0.2];
    const { call, traces, receiver } = await startTraced({ share: 0.1, random: () => rolls.shift() ?? 1 });
    // What is at hand would be answered before the router; what is traced goes the whole way.
    for (let count = 0; count < 8; count += 1) await call("GET", ADA);
    expect((await traces()).map(({ name }) => name)).toEqual(["GET /v1/players/:id", "GET /v1/players/:id"]);
    expect(rolls).toEqual([]);
    expect(receiver.text()).not.toContain("ada");
  });

  it("is somebody else's where callers are trusted, and only there", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const notSampled = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    const trusting = await startTraced({ trustsTraceParents: true });
    await trusting.call("GET", ADA, { headers: { traceparent } });
    await trusting.call("GET", ADA, { headers: { traceparent: notSampled } });
    await trusting.call("GET", ADA, { headers: { traceparent: "00-nonsense-01" } });
    await trusting.call("GET", ADA);
    expect(await trusting.traces()).toMatchObject([
      { traceId: "0af7651916cd43dd8448eb211c80319c", parentSpanId: "b7ad6b7169203331" },
    ]);
    const other = await startTraced({ share: 0 });
    await other.call("GET", ADA, { headers: { traceparent } });
    expect(await other.traces()).toEqual([]);
  });

  it("is of what no route has, and of who isn't known, too", async () => {
    const { call, traces } = await startTraced({ share: 1 });
    await call("GET", "/nowhere");
    await call("GET", ADA, { token: "nonsense" });
    const trees = await traces();
    expect(trees.map(namesOf)).toEqual(["GET (unknown)", ["GET /v1/players/:id", "auth"]]);
    expect(trees[1]?.steps[0]?.failure).toBe("UNAUTHENTICATED");
  });

  it("is made of so many requests in a second, and no more, whoever asks", async () => {
    const clock = createManualClock();
    const { call, traces } = await startTraced({ share: 1, maxPerSecond: 2, timers: clock });
    for (let count = 0; count < 5; count += 1) await call("GET", "/v1/catalog");
    clock.advance(499);
    await call("GET", "/v1/catalog");
    clock.advance(1);
    for (let count = 0; count < 5; count += 1) await call("GET", "/v1/catalog");
    clock.advance(60_000);
    for (let count = 0; count < 5; count += 1) await call("GET", "/v1/catalog");
    // One at once, one after half a second, and after a pause as many as a second may have.
    expect((await traces()).length).toBe(4);
  });

  it("that can't be sent is noted, and harms nobody", async () => {
    // Nobody listens there.
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const notes: string[] = [];
    const telemetry = { note: (level: string, message: string) => void notes.push(`${level}: ${message}`) };
    const tracing = await openTracing({ share: 1, telemetry });
    const { call } = await startServer({ tracing, engine: await openEngine(), store: createMemoryStore() });
    expect((await call("GET", ADA)).status).toBe(200);
    await tracing.close();
    expect(notes).toEqual(["warn: Traces could not be sent."]);
    expect((await call("GET", ADA)).status).toBe(200);
  });

  it("whose thread can't begin is noted, and harms nobody", async () => {
    const notes: unknown[] = [];
    const telemetry = {
      note: (level: string, message: string, facts?: unknown) => void notes.push({ level, message, facts }),
    };
    // From the source: there is no program for the thread beside it.
    const tracing = await openTracingFromSource({ share: 1, telemetry });
    const { call } = await startServer({ tracing, engine: await openEngine(), store: createMemoryStore() });
    expect((await call("GET", ADA)).status).toBe(200);
    await tracing.close();
    expect(notes).toEqual([
      {
        level: "warn",
        message: "Traces could not be sent.",
        facts: { spans: 5, reason: expect.stringContaining("send-traces.js") as string },
      },
    ]);
    expect((await call("GET", ADA)).status).toBe(200);
  });

  it("refuses numbers that can't be", async () => {
    await expect(openTracing({ share: 1.5 })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(openTracing({ maxPerSecond: 0 })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe("Server-Timing", () => {
  const prefer = { prefer: "respond-async, server-timing" };

  it("says how long the steps took, to who asks", async () => {
    const { call } = await startServer({ engine: await openEngine(), store: createMemoryStore() });
    const first = await call("GET", ADA, { headers: prefer });
    expect(first.headers.get("server-timing")).toMatch(
      /^auth;dur=[\d.]+, store-read;dur=[\d.]+, store-commit;dur=[\d.]+, read;dur=[\d.]+, total;dur=[\d.]+$/,
    );
    const command = await call("POST", `${ADA}/queue/tasks`, { body: { activity: "dig" }, headers: prefer });
    expect([command.status, command.headers.get("server-timing")]).toEqual([
      201,
      expect.stringMatching(/^auth;dur=[\d.]+, store-commit;dur=[\d.]+, apply;dur=[\d.]+, total;dur=[\d.]+$/),
    ]);
    const atHand = await call("GET", ADA, { headers: prefer });
    expect(atHand.headers.get("server-timing")).toMatch(/^auth;dur=[\d.]+, read;dur=[\d.]+, total/);
  });

  it("is not there for anybody else, and the answer is the same", async () => {
    const { call } = await startServer({ engine: await openEngine(), store: createMemoryStore() });
    await call("GET", ADA);
    const plain = await call("GET", ADA);
    const timed = await call("GET", ADA, { headers: prefer });
    expect(plain.headers.has("server-timing")).toBe(false);
    const names = (headers: Headers) => [...headers.keys()].filter((name) => name !== "server-timing");
    expect(names(timed.headers)).toEqual(names(plain.headers));
    expect(timed.body).toMatchObject({ ...plain.body, serverTimeMs: expect.any(Number) as number });
  });
});
