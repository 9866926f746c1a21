/** `/metrics`: what Prometheus reads, as Prometheus's own tool sees it. */
import { createMemoryStore } from "@mainspring/engine/memory";
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/http/metrics/create-metrics.js";
import { createHttpNumbers } from "../../src/http/numbers/http-numbers.js";
import { openLayeredEngine } from "../support/layered-engine.js";
import { promtool } from "../support/promtool.js";
import { startServer, type TestServer } from "../support/start-server.js";

const ADA = "/v1/players/ada";

async function play({ call, asAdmin }: TestServer): Promise<void> {
  await call("GET", ADA);
  await call("POST", `${ADA}/queue/tasks`, { body: { activity: "dig" } });
  await call("POST", `${ADA}/queue/tasks`, { body: { activity: "nonsense" } });
  for (let count = 0; count < 20; count += 1) await call("GET", `${ADA}/queue`);
  await call("GET", `${ADA}/stats`);
  await call("GET", "/nowhere/ada");
  await asAdmin("GET", "/v1/admin/players/ada");
}

/** The value of a sample, by its line without it. */
function valueOf(text: string, name: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`There is no ${name}.`);
  return Number(line.slice(name.length));
}

describe("/metrics", () => {
  it.each([
    ["without layers", false],
    ["with every layer", true],
  ])("has nothing that Prometheus objects to, %s", async (_, isLayered) => {
    const layered = isLayered ? { engine: await openLayeredEngine(), store: createMemoryStore() } : {};
    const server = await startServer(layered);
    await play(server);
    const { status, text, headers } = await server.call("GET", "/metrics", { token: null });
    expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(promtool(["check", "metrics"], text)).toEqual({ isFine: true, said: "" });
  });

  it("says what the numbers say", async () => {
    const server = await startServer({ engine: await openLayeredEngine(), store: createMemoryStore() });
    await play(server);
    const { text } = await server.call("GET", "/metrics", { token: null });
    const route = 'method="GET",route="/v1/players/:id/queue"';
    expect({
      reads: valueOf(text, `mainspring_http_requests_total{${route},status="2xx"}`),
      all: valueOf(text, `mainspring_http_request_duration_seconds_bucket{${route},le="+Inf"}`),
      within10Ms: valueOf(text, `mainspring_http_request_duration_seconds_bucket{${route},le="0.01"}`) > 0,
      refused: valueOf(
        text,
        'mainspring_http_requests_total{method="POST",route="/v1/players/:id/queue/tasks",status="4xx"}',
      ),
      unknown: valueOf(text, 'mainspring_http_requests_total{method="GET",route="(unknown)",status="4xx"}'),
      failed: valueOf(text, 'mainspring_errors_total{code="UNKNOWN_ACTIVITY"}'),
      commands: valueOf(text, "mainspring_commands_total"),
      trusted: valueOf(text, "mainspring_cache_trusted"),
      level: valueOf(text, "mainspring_memory_level"),
      step: valueOf(text, "mainspring_overload_step"),
    }).toEqual({
      reads: 20,
      all: 20,
      within10Ms: true,
      refused: 1,
      unknown: 1,
      failed: 1,
      commands: 2,
      trusted: 1,
      level: 0,
      step: 0,
    });
    const { storeStats } = server.engine.performance();
    expect(valueOf(text, 'mainspring_store_call_duration_seconds_count{call="commit"}')).toBe(
      storeStats.calls?.commit.count,
    );
    expect(valueOf(text, "mainspring_http_cached_read_duration_seconds_count")).toBeGreaterThan(15);
  });

  it("names no player", async () => {
    const server = await startServer({ engine: await openLayeredEngine(), store: createMemoryStore() });
    await play(server);
    const { text } = await server.call("GET", "/metrics", { token: null });
    expect(text).not.toMatch(/\bada\b/);
  });

  it("is made once a second at most, however many ask", async () => {
    const { engine } = await startServer();
    const clock = createManualClock();
    let looks = 0;
    const metrics = createMetrics(
      () => {
        looks += 1;
        return { ...engine.performance(), httpStats: createHttpNumbers(clock).stats() };
      },
      () => clock.nowMs(),
    );
    const first = metrics.text();
    const texts = await Promise.all([first, metrics.text(), metrics.text()]);
    expect([new Set(texts).size, looks]).toEqual([1, 1]);
    clock.advance(999);
    await metrics.text();
    expect(looks).toBe(1);
    clock.advance(1);
    await metrics.text();
    expect(looks).toBe(2);
  });

  it("is open, for administrators, or not there, as the server is told", async () => {
    const admin = await startServer({ metrics: "admin" });
    expect((await admin.call("GET", "/metrics", { token: null })).status).toBe(401);
    expect((await admin.call("GET", "/metrics")).status).toBe(403);
    expect((await admin.asAdmin("GET", "/metrics")).text).toContain("mainspring_reads_total 0");
    const off = await startServer({ metrics: "off" });
    expect((await off.asAdmin("GET", "/metrics")).status).toBe(404);
  });
});
