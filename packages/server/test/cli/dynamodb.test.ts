/** The commands around the DynamoDB store, as their users type them. */
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DynaliteProcess, environmentFor, startDynalite } from "../support/dynalite-process.js";
import { FOUNDRY, run, serve, type Served, temporaryFolder } from "../support/run-command.js";

let dynalite: DynaliteProcess;
let prefixes = 0;

beforeAll(async () => {
  dynalite = await startDynalite();
});

afterAll(async () => dynalite.kill());

/** The environment of one test: tables that no other has. */
function ownTables(): Readonly<Record<string, string>> {
  prefixes += 1;
  return { ...dynalite.env, MAINSPRING_TABLE_PREFIX: `game-${prefixes}-` };
}

const ON_TABLES = ["--dev", "--store", "dynamodb", "--catalog", FOUNDRY];

async function call(server: Served, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const at = ["--url", server.url, "--data", server.data];
  const { code, stdout, stderr } = await run(["call", ...args, ...at]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const ENQUEUE = [
  "POST",
  "/v1/players/ada/queue/tasks",
  '{"activity":"sift-scrapyard","repeat":30}',
  "--as",
  "ada",
];

describe("dynamodb create-tables", () => {
  it("makes what is missing, once, and says what it found", async () => {
    const env = ownTables();
    const prefix = env["MAINSPRING_TABLE_PREFIX"] ?? "";
    const first = await run(["dynamodb", "create-tables"], { env });
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout.split("\n").slice(0, 3)).toEqual([
      `${prefix}players was made`,
      expect.stringMatching(new RegExp(`^${prefix}history was made; this server doesn't clear away`)),
      `${prefix}content was made`,
    ]);
    const again = await run(["dynamodb", "create-tables", "--provision", "5:10"], { env });
    expect(again.stdout).toMatch(/players was there\n.*history was there.*\n.*content was there\n/);
  });

  it("says what is wrong with its flags, the region, the credentials, or the address", async () => {
    const env = ownTables();
    const cases: readonly (readonly [args: string[], env: Record<string, string>, says: RegExp])[] = [
      [["--provision", "many"], {}, /It must be two numbers of units a second/],
      [["--table-prefix", "my game"], {}, /It must be at most 200 letters, digits/],
      [[], { AWS_REGION: "no region" }, /^mainspring: .*Set the region \(AWS_REGION\)/],
      [[], { AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1" }, /^mainspring: .*(reached|ECONNREFUSED)/],
    ];
    for (const [args, more, says] of cases) {
      const { code, stderr } = await run(["dynamodb", "create-tables", ...args], {
        env: { ...env, ...more },
      });
      expect(code).toBe(1);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe("serve --store dynamodb", () => {
  it("asks for its tables by the command that makes them", async () => {
    const { code, stderr } = await run(["serve", "--port", "0", "--data", temporaryFolder(), ...ON_TABLES], {
      env: ownTables(),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^mainspring: The table game-\d+-\w+ is missing: run `mainspring dynamodb create-tables`/,
    );
  });

  it("keeps players through its restarts, shares them between instances, and keeps no secret in its answers", async () => {
    const env = ownTables();
    await run(["dynamodb", "create-tables"], { env });
    const layers = join(temporaryFolder(), "layers.json");
    writeFileSync(layers, JSON.stringify({ layers: { pool: true, batching: true } }));
    const config = { env, args: [...ON_TABLES, "--config", layers] };
    const first = await serve(config);
    await call(first, ...ENQUEUE);
    first.child.kill("SIGKILL");
    await first.ended;
    const [one, two] = await Promise.all([serve(config), serve(config)]);
    expect(await call(one, "GET", "/v1/players/ada/queue", "--as", "ada")).toMatchObject({
      status: "running",
    });
    await call(two, "POST", "/v1/players/ada/queue/pause", "--as", "ada");
    expect(await call(one, "GET", "/v1/players/ada/queue", "--as", "ada")).toMatchObject({
      status: "paused",
    });
    const performance = await call(one, "GET", "/v1/admin/performance", "--admin");
    expect(performance).toMatchObject({
      storeStats: { kind: "dynamodb", database: { throttles: 0 } },
      poolStats: { maxConnections: 5, waiting: 0 },
      batchStats: { waiting: [0, 0, 0] },
    });
    expect(JSON.stringify(performance)).not.toContain(env["AWS_SECRET_ACCESS_KEY"]);
    one.child.kill("SIGTERM");
    expect((await one.ended).code).toBe(0);
  });

  it("is looked into by the doctor", async () => {
    const env = ownTables();
    const args = [
      "doctor",
      "--store",
      "dynamodb",
      "--data",
      temporaryFolder(),
      "--url",
      "http://127.0.0.1:1",
    ];
    expect((await run(args, { env })).stdout).toMatch(/^fail {2}The table game-\d+-\w+ is missing/m);
    await run(["dynamodb", "create-tables"], { env });
    const { stdout } = await run(args, { env });
    expect(stdout).toMatch(/^ok {4}The tables game-\d+-\* are there and can be read\.$/m);
    expect(stdout).toMatch(/^warn {2}The store has no catalog yet\.$/m);
  });
});

describe("copy", () => {
  it("moves a game from the embedded store to DynamoDB and back, and finds nothing to do the second time", async () => {
    const env = ownTables();
    const tables = `dynamodb:${env["MAINSPRING_TABLE_PREFIX"] ?? ""}`;
    const server = await serve();
    for (const player of ["ada", "bob", "cleo"]) {
      const path = `/v1/players/${player}/queue/tasks`;
      await call(server, "POST", path, '{"activity":"sift-scrapyard","repeat":30}', "--as", player);
    }
    const embedded = `lmdb:${server.data}`;
    const running = await run(["copy", embedded, tables], { env });
    expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("Another server runs")]);
    server.child.kill("SIGTERM");
    await server.ended;
    await run(["dynamodb", "create-tables"], { env });
    const first = await run(["copy", embedded, tables], { env });
    expect(first.stdout).toMatch(/^3 players: 3 copied now, with \d+ events and 3 snapshots/);
    expect(first.stdout).toMatch(
      /3 players compared: every record, journal, mark and snapshot is the same\.\n$/,
    );
    const again = await run(["copy", embedded, tables], { env });
    expect(again.stdout).toMatch(/^3 players: 0 copied now, with 0 events/);
    const back = join(temporaryFolder(), "data");
    const third = await run(["copy", tables, `lmdb:${back}`], { env });
    expect([third.code, third.stdout]).toEqual([0, expect.stringContaining("3 copied now")]);
    const restarted = await serve({ data: back });
    expect(await call(restarted, "GET", "/v1/players/bob/queue", "--as", "bob")).toMatchObject({
      current: { activity: "sift-scrapyard", cyclesTotal: 30 },
    });
  });

  it("ends with 1 where a player was changed in the target, and says whose", async () => {
    const env = ownTables();
    await run(["dynamodb", "create-tables"], { env });
    const source = await serve();
    await call(source, ...ENQUEUE);
    source.child.kill("SIGTERM");
    await source.ended;
    const tables = `dynamodb:${env["MAINSPRING_TABLE_PREFIX"] ?? ""}`;
    await run(["copy", `lmdb:${source.data}`, tables], { env });
    const target = await serve({ env, args: ON_TABLES });
    await call(target, "POST", "/v1/players/ada/queue/pause", "--as", "ada");
    const { code, stdout } = await run(["copy", `lmdb:${source.data}`, tables], { env });
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(/1 are not the same\.\n {2}ada: the record has version/),
    ]);
  });

  it("says what it can't copy", async () => {
    const folder = temporaryFolder();
    expect((await run(["copy", "redis:x", "lmdb:y"])).stderr).toContain(
      "It must be lmdb:FOLDER or dynamodb:PREFIX",
    );
    expect((await run(["copy", `lmdb:${folder}`, `lmdb:${folder}`])).stderr).toContain("are the same store");
  });
});

describe("a database that doesn't answer", () => {
  it("is told in time, and not waited for without end", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, "127.0.0.1", resolve);
    });
    const { port } = silent.address() as AddressInfo;
    const config = join(temporaryFolder(), "config.json");
    writeFileSync(config, JSON.stringify({ database: { connectionTimeout: 50 } }));
    const { code, stderr } = await run(
      ["serve", "--port", "0", "--data", temporaryFolder(), "--config", config, ...ON_TABLES],
      { env: environmentFor(`http://127.0.0.1:${port}`) },
    );
    silent.closeAllConnections();
    silent.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mainspring: The table .* can't be looked at: No answer within 50 ms/);
  });
});
