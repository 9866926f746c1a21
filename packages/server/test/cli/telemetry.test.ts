/** What `mainspring serve` tells of itself, as its configuration says. */
import { describe, expect, it, onTestFinished } from "vitest";
import { FOUNDRY } from "../support/run-command.js";
import { startServerProcess } from "../support/server-process.js";
import { namesOf, startOtlpReceiver } from "../tracing/otlp-receiver.js";

const ARGS = ["serve", "--dev", "--store", "memory", "--catalog", FOUNDRY, "--port", "0"];

async function start(env: Readonly<Record<string, string>>) {
  const server = await startServerProcess(ARGS, env);
  onTestFinished(async () => server.kill());
  const statusOf = async (path: string): Promise<number> => (await fetch(server.url + path)).status;
  return { server, statusOf };
}

describe("mainspring serve", () => {
  it("shows its metrics to anybody, to administrators, or to nobody", async () => {
    const statuses = ["open", "admin", "off"].map(async (metrics) => {
      const { statusOf } = await start({ MAINSPRING_TELEMETRY_METRICS: metrics });
      return statusOf("/metrics");
    });
    expect(await Promise.all(statuses)).toEqual([200, 401, 404]);
    const { statusOf } = await start({});
    expect(await statusOf("/metrics")).toBe(200);
  });

  it("traces the share that it is told, and sends what is left when it ends", async () => {
    const receiver = await startOtlpReceiver();
    const { server, statusOf } = await start({
      MAINSPRING_TELEMETRY_TRACE_SHARE: "1",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_SERVICE_NAME: "my-game",
    });
    expect(await statusOf("/v1/players/ada")).toBe(401);
    expect(receiver.trees()).toEqual([]);
    expect(await server.stop(), server.said()).toBe(0);
    expect(receiver.trees().map(namesOf)).toEqual([["GET /v1/players/:id", "auth"]]);
    expect(receiver.resource()).toMatchObject({ "service.name": "my-game" });
  });

  it("ends in order where nobody takes its traces", async () => {
    const { server, statusOf } = await start({
      MAINSPRING_TELEMETRY_TRACE_SHARE: "1",
      // Nobody listens there.
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    });
    expect(await statusOf("/healthz")).toBe(200);
    expect(await server.stop(), server.said()).toBe(0);
  });
});
