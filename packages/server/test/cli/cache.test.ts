/** `mainspring serve` with the cache switched on: with Redis and without, and whatever becomes of Redis. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type RedisServer,
  startRedisServer,
  TEST_PASSWORD,
  TEST_USERNAME,
} from "../../../engine/test/support/redis-server.js";
import { beginRedisGroup } from "../../../engine/test/support/begin-redis-group.js";
import { signToken } from "../../src/index.js";
import { type DynaliteProcess, startDynalite } from "../support/dynalite-process.js";
import { FOUNDRY, run, serve, type Served, temporaryFolder } from "../support/run-command.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";
const WRONG_PASSWORD = "wrong-pass-5d1e";
const HOUR_MS = 3_600_000;

/** So many requests before, during and after what happens to Redis. */
const REQUESTS = 30;

/** How looks and commands are answered when nothing fails. */
const WELL = [200, 201];

let dynalite: DynaliteProcess;
let secured: RedisServer;
let prefixes = 0;

beforeAll(async () => {
  [dynalite, secured] = await Promise.all([startDynalite(), startRedisServer({ isSecured: true })]);
  await beginRedisGroup(secured.options);
});

afterAll(async () => {
  await dynalite.kill();
  await secured.stop();
});

async function ownRedis(): Promise<RedisServer> {
  const redis = await startRedisServer();
  onTestFinished(() => redis.stop());
  await beginRedisGroup(redis.options);
  return redis;
}

interface Setup {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Tables that no other test has, and the configuration in a file. */
async function onTables(config: object, env: Readonly<Record<string, string>> = {}): Promise<Setup> {
  prefixes += 1;
  const all = {
    ...dynalite.env,
    MAINSPRING_TABLE_PREFIX: `cached-${prefixes}-`,
    MAINSPRING_JWT_SECRET: SECRET,
    ...env,
  };
  expect((await run(["dynamodb", "create-tables"], { env: all })).code).toBe(0);
  return { args: ["--store", "dynamodb", "--catalog", FOUNDRY, "--config", configFile(config)], env: all };
}

function configFile(config: object): string {
  const path = join(temporaryFolder(), "layers.json");
  writeFileSync(path, JSON.stringify({ layers: { cache: true }, ...config }));
  return path;
}

function endpointOf({ options: { host = "127.0.0.1", port } }: RedisServer): string {
  return `${host}:${port}`;
}

/** The environment and configuration for the Redis with TLS and a password. */
function access(password: string) {
  const { tls } = secured.options;
  const authority = join(temporaryFolder(), "authority.pem");
  writeFileSync(authority, typeof tls === "object" ? tls.ca : "");
  return {
    config: { redis: { host: "not-this-one.example", tls: true, username: TEST_USERNAME } },
    env: {
      REDIS_ENDPOINT: endpointOf(secured),
      REDIS_PASSWORD: password,
      NODE_EXTRA_CA_CERTS: authority,
    },
  };
}

async function bearer(options: { playerId: string; isAdmin?: boolean }): Promise<string> {
  const token = await signToken({ secret: SECRET, nowMs: Date.now(), expiresInMs: HOUR_MS, ...options });
  return `Bearer ${token}`;
}

async function queueOf(playerId: string, { url }: Served): Promise<number> {
  const headers = { authorization: await bearer({ playerId }) };
  const answer = await fetch(`${url}/v1/players/${playerId}/queue`, { headers });
  await answer.text();
  return answer.status;
}

async function enqueue(playerId: string, { url }: Served): Promise<number> {
  const authorization = await bearer({ playerId });
  const answer = await fetch(`${url}/v1/players/${playerId}/queue/tasks`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: '{"activity":"sift-scrapyard"}',
  });
  await answer.text();
  return answer.status;
}

/** Commands and looks of players that come and go. @returns how they were answered, each status once */
async function play(server: Served): Promise<readonly number[]> {
  const statuses = new Set<number>();
  for (let request = 0; request < REQUESTS; request += 1) {
    const playerId = `player-${request % 7}`;
    statuses.add(request % 10 === 0 ? await enqueue(playerId, server) : await queueOf(playerId, server));
  }
  return [...statuses].sort((one, other) => one - other);
}

interface Health {
  readonly trust: { readonly breaker: string; readonly members: number };
}

async function healthOf({ url }: Served): Promise<Health> {
  const headers = { authorization: await bearer({ playerId: "ops", isAdmin: true }) };
  const answer = await fetch(`${url}/v1/admin/performance`, { headers });
  return ((await answer.json()) as { cacheHealth: Health }).cacheHealth;
}

/** Asks until it is so; the test's own time limit ends it. */
async function untilHealth(server: Served, isIt: (health: Health) => boolean): Promise<void> {
  for (;;) if (isIt(await healthOf(server))) return;
}

async function doctor(server: Served, env: Readonly<Record<string, string>>): Promise<string> {
  const at = ["--store", "dynamodb", "--data", server.data, "--url", server.url];
  return (await run(["doctor", ...at], { env })).stdout;
}

/** Ends it in order. @returns its log, line by line, and all that it ever said */
async function end(server: Served): Promise<{ log: readonly string[]; all: string }> {
  server.child.kill("SIGTERM");
  const { code, stdout, stderr } = await server.ended;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const lines = stderr.trim().split("\n");
  const log = lines
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { log, all: stdout + stderr };
}

describe("serve with layers.cache", () => {
  it("over the embedded store says that Redis isn't used, and asks for none", async () => {
    // Nobody is there.
    const config = configFile({ redis: { host: "127.0.0.1", port: 1 } });
    const env = { MAINSPRING_JWT_SECRET: SECRET };
    const server = await serve({ env, args: ["--catalog", FOUNDRY, "--config", config] });
    await server.printed(
      /^The cache is this process's own: no other process has the lmdb store, so Redis isn't used\.$/m,
    );
    expect(await play(server)).toEqual(WELL);
    expect(await healthOf(server)).toMatchObject({ trust: { breaker: "none" } });
    expect((await end(server)).log).toEqual([]);
  });

  it("over DynamoDB shares through the Redis of the environment, with TLS, a user and a password", async () => {
    const { config, env } = access(TEST_PASSWORD);
    const setup = await onTables(config, env);
    const [one, two] = await Promise.all([serve(setup), serve(setup)]);
    await one.printed(new RegExp(`^The cache is shared through Redis at ${endpointOf(secured)}\\.$`, "m"));
    await untilHealth(one, ({ trust }) => trust.breaker === "closed" && trust.members === 2);
    expect(await play(one)).toEqual(WELL);
    expect(await play(two)).toEqual(WELL);
    expect(await secured.ask("EXISTS", "mainspring:player:player-0")).toBe(1);
    const findings = await doctor(one, setup.env);
    expect(findings).toMatch(/^ok {4}A server answers at .* and is ready\.$/m);
    // How late a busy machine makes it is another matter.
    expect(findings).not.toMatch(/^(?:warn|fail).*(?:Redis|cache|changes)/m);
    for (const server of [one, two]) {
      const { log, all } = await end(server);
      expect(log).toEqual([]);
      for (const secret of [TEST_PASSWORD, TEST_USERNAME]) expect(all).not.toContain(secret);
    }
  });

  it.each([
    ["a wrong password", () => access(WRONG_PASSWORD), "Redis refuses the user or the password."],
    [
      "a Redis that isn't there",
      () => ({ config: {}, env: { REDIS_ENDPOINT: "127.0.0.1:1", REDIS_PASSWORD: WRONG_PASSWORD } }),
      "Redis can't be reached; the cache goes on without it.",
    ],
  ])(
    "starts and serves with %s; its log says so without a secret, and the doctor as well",
    async (...row) => {
      const [, given, message] = row;
      const { config, env } = given();
      const setup = await onTables(config, env);
      const server = await serve(setup);
      expect(await play(server)).toEqual(WELL);
      const found = await doctor(server, setup.env);
      expect(found).toMatch(/^fail {2}The server has never reached Redis/m);
      const { log, all } = await end(server);
      expect(log).toContain(message);
      for (const secret of [WRONG_PASSWORD, TEST_USERNAME]) expect(all + found).not.toContain(secret);
    },
  );

  it("fails no request while Redis is killed, is away, and comes back", async () => {
    const redis = await ownRedis();
    const setup = await onTables({}, { REDIS_ENDPOINT: endpointOf(redis) });
    const server = await serve(setup);
    await untilHealth(server, ({ trust }) => trust.members === 1);
    const during = [play(server), play(server)];
    await redis.kill();
    expect(await Promise.all(during)).toEqual([WELL, WELL]);
    await untilHealth(server, ({ trust }) => trust.breaker === "open");
    expect(await play(server)).toEqual(WELL);
    expect(await doctor(server, setup.env)).toMatch(/^warn {2}Redis doesn't answer/m);
    await redis.restart();
    const after = play(server);
    await untilHealth(server, ({ trust }) => trust.breaker === "closed");
    expect(await after).toEqual(WELL);
    const { log } = await end(server);
    expect(log).toContain("Redis does not answer; the cache goes on without it.");
  });

  it("ends in order while Redis hangs", async () => {
    const redis = await ownRedis();
    const server = await serve(await onTables({}, { REDIS_ENDPOINT: endpointOf(redis) }));
    await untilHealth(server, ({ trust }) => trust.members === 1);
    redis.pause();
    expect(await play(server)).toEqual(WELL);
    // With 0, and not with what a forced end gives.
    await end(server);
  });
});
