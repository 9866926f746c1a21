/** `mainspring serve` within its limits: one bound for all local caches, the memory governor, the overload limit. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PerformanceStats } from "@mainspring/engine";
import { describe, expect, it, onTestFinished } from "vitest";
import { FOUNDRY, run, serve, type Served, temporaryFolder } from "../support/run-command.js";

const MIB = 1_048_576;

/** Less than the process takes by itself, whoever plays. */
const FAR_TOO_LITTLE_BYTES = 16 * MIB;

const PLAYERS = 7;

async function serveWith(config: object): Promise<Served> {
  const path = join(temporaryFolder(), "layers.json");
  writeFileSync(path, JSON.stringify(config));
  const server = await serve({ args: ["--dev", "--catalog", FOUNDRY, "--config", path] });
  onTestFinished(async () => {
    server.child.kill("SIGTERM");
    await server.ended;
  });
  return server;
}

async function tokenOf({ data }: Served, player: string, ...more: string[]): Promise<string> {
  const { stdout } = await run(["token", "--player", player, "--data", data, ...more]);
  return stdout.trim();
}

async function ask(server: Served, path: string, token: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return fetch(`${server.url}${path}`, { ...init, headers });
}

async function numbersOf(server: Served): Promise<PerformanceStats> {
  const answer = await ask(server, "/v1/admin/performance", await tokenOf(server, "ops", "--admin"));
  expect(answer.status).toBe(200);
  return (await answer.json()) as PerformanceStats;
}

describe("a server's limits", () => {
  it("are on unless switched off, with the thresholds of the preset", async () => {
    const server = await serveWith({});
    const ada = await tokenOf(server, "ada");
    expect((await ask(server, "/v1/players/ada", ada)).status).toBe(200);
    const { memoryStats, overloadStats } = await numbersOf(server);
    expect(memoryStats.governor).toMatchObject({
      level: 0,
      thresholdBytes: 100 * MIB,
      collections: { isOn: false },
      tenants: { decodedPlayers: { entries: 1 }, tokens: { entries: 2 } },
    });
    expect(overloadStats).toMatchObject({ step: 0, byPriority: { read: { admitted: 1, refused: 0 } } });
  });

  it("can be switched off", async () => {
    const server = await serveWith({ layers: { memoryGovernor: false, overloadLimit: false } });
    const ada = await tokenOf(server, "ada");
    expect((await ask(server, "/v1/players/ada", ada)).status).toBe(200);
    const { memoryStats, overloadStats } = await numbersOf(server);
    expect([memoryStats.governor, overloadStats]).toMatchObject([
      { isOn: false, level: 0 },
      { isOn: false, byPriority: { read: { admitted: 0 } } },
    ]);
  });

  it("hold all local caches together to maxCacheSize", async () => {
    const server = await serveWith({ memory: { maxCacheSize: 5 }, layers: { cache: true } });
    const admin = await tokenOf(server, "ops", "--admin");
    for (let player = 0; player < PLAYERS; player += 1) {
      const command = { method: "POST", body: JSON.stringify({ activity: "sift-scrapyard" }) };
      const path = `/v1/players/player-${player}`;
      const token = await tokenOf(server, `player-${player}`);
      expect((await ask(server, `${path}/queue/tasks`, token, command)).status).toBe(201);
      expect((await ask(server, `${path}/queue`, admin)).status).toBe(200);
    }
    const { memoryStats } = await numbersOf(server);
    const tenants = memoryStats.governor?.tenants ?? {};
    const { decodedPlayers, ...others } = tenants;
    expect(Object.keys(others)).toEqual(expect.arrayContaining(["activeQueue", "tokens"]));
    expect(Object.values(others).reduce((sum, { entries }) => sum + entries, 0)).toBeLessThanOrEqual(5);
    expect(decodedPlayers?.entries).toBeLessThanOrEqual(5);
  });

  it("serve commands and health alone where memory is far too little, and say so", async () => {
    const server = await serveWith({
      cache: { maxBytes: MIB },
      memory: { memoryThreshold: FAR_TOO_LITTLE_BYTES, enableGcOptimization: true, gcInterval: 1_000 },
    });
    const ada = await tokenOf(server, "ada");
    const isShort = async (): Promise<boolean> => (await numbersOf(server)).memoryStats.governor?.level === 3;
    // The governor looks once a second; the test's own time limit ends it.
    while (!(await isShort()));

    const read = await ask(server, "/v1/players/ada/queue", ada);
    expect(read.status).toBe(503);
    expect(await read.json()).toMatchObject({ code: "OVERLOADED", reason: "memory", priority: "read" });
    expect(Number(read.headers.get("retry-after"))).toBeGreaterThan(0);
    const command = { method: "POST", body: JSON.stringify({ activity: "sift-scrapyard" }) };
    expect((await ask(server, "/v1/players/ada/queue/tasks", ada, command)).status).toBe(201);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);

    const { stdout } = await run(["doctor", "--url", server.url, "--data", server.data]);
    expect(stdout).toContain("only commands are served");
    expect(stdout).toContain("memory.memoryThreshold");
  });

  it("refuse to start with levels that don't rise", async () => {
    const path = join(temporaryFolder(), "layers.json");
    writeFileSync(path, JSON.stringify({ memory: { levelShares: [0.9, 0.8, 1] } }));
    const { code, stderr } = await run([
      "serve",
      "--dev",
      "--port",
      "0",
      "--catalog",
      FOUNDRY,
      "--config",
      path,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /memory\.levelShares \(file .*\): must rise from level to level\. For example \[0\.7, 0\.85, 1\]\./,
    );
  });
});
