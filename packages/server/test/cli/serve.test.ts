/** `mainspring serve`, in processes of their own. */
import { execFile } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { FOUNDRY, run, serve, temporaryFolder } from "../support/run-command.js";
import { testCatalog } from "../support/test-catalog.js";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const SECRET = "a secret for tests, of more than thirty-two bytes";

/** A catalog in a file. */
function catalogFile(folder: string, catalog: object): string {
  const path = join(folder, "catalog.json");
  writeFileSync(path, JSON.stringify(catalog));
  return path;
}

describe("a development server", () => {
  it("says when it is ready, and what to do next; the command it prints works as it is", async () => {
    const { url, data, printed } = await serve();
    await printed(
      new RegExp(
        String.raw`ready at ${url} \(catalog clockwork-foundry [0-9a-f]{32}, lmdb store in ${data}, development\)`,
      ),
    );
    await printed(new RegExp(`its schema +${url}/openapi.json`));
    const [, command = ""] = await printed(/^ {2}(npx mainspring call .+)\n/m);
    expect(command).toContain(`--url ${url} --data ${data}`);
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: root });
    expect(JSON.parse(stdout)).toMatchObject({
      task: { taskId: 1, cyclesTotal: 3 },
      queue: { playerId: "ada", status: "running" },
    });
  });

  it("says where its page for operators is, and how to get a token that the page takes", async () => {
    const { url, data, printed } = await serve();
    await printed(new RegExp(`console +${url}/console/\n`));
    const [, command = ""] = await printed(/^ {2}its token +(npx mainspring token .+)\n/m);
    expect(command).toContain(`--data ${data}`);
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: root });
    const answer = await fetch(`${url}/v1/admin/performance`, {
      headers: { authorization: `Bearer ${stdout.trim()}` },
    });
    expect(answer.status).toBe(200);
  });

  it("keeps players and its key when it is started again", async () => {
    const first = await serve();
    const { url, data } = first;
    const queued = await run([
      "call",
      "POST",
      "/v1/players/ada/queue/tasks",
      '{"activity":"sift-scrapyard"}',
      "--as",
      "ada",
      "--url",
      url,
      "--data",
      data,
    ]);
    expect([queued.code, queued.stderr]).toEqual([0, ""]);
    const keyPath = join(data, "development-key");
    const key = readFileSync(keyPath, "utf8");
    expect(key).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    first.child.kill("SIGTERM");
    expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
    // Without --catalog: the store has it.
    const second = await serve({ data, args: ["--dev"] });
    expect(readFileSync(keyPath, "utf8")).toBe(key);
    const shown = await run([
      "call",
      "GET",
      "/v1/players/ada/queue",
      "--as",
      "ada",
      "--url",
      second.url,
      "--data",
      data,
    ]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ revision: 1 });
  });

  it("tells its log of each request if it should, but of no key and no token", async () => {
    const args = ["--dev", "--catalog", FOUNDRY, "--log-level", "debug"];
    const { url, data, child, ended } = await serve({ args });
    const token = (await run(["token", "--player", "ada", "--data", data])).stdout.trim();
    const env = { MAINSPRING_TOKEN: token, MAINSPRING_URL: url };
    await run(["call", "GET", "/v1/players/ada/queue", "--data", data], { env });
    await run(["call", "GET", "/v1/players/bob/queue", "--data", data], { env });
    child.kill("SIGTERM");
    const { stdout, stderr } = await ended;
    const lines = stderr
      .trim()
      .split("\n")
      .filter((line) => line.includes("answered"));
    const route = "/v1/players/:id/queue";
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { method: "GET", route, status: 200, actor: "ada", msg: "answered" },
      { method: "GET", route, status: 403, actor: "ada", msg: "answered" },
    ]);
    const key = readFileSync(join(data, "development-key"), "utf8").trim();
    for (const secret of [key, token, token.split(".")[2] ?? ""]) {
      expect(stdout + stderr).not.toContain(secret);
    }
  });

  it("listens on this machine alone", async () => {
    const { code, stderr } = await run(["serve", "--dev", "--host", "0.0.0.0", "--port", "0"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^ {2}server\.host \(flag --host\): is 0\.0\.0\.0, but .* this machine alone/m),
    ]);
  });

  it("can keep everything in memory", async () => {
    const { printed, data } = await serve({ args: ["--dev", "--store", "memory", "--catalog", FOUNDRY] });
    await printed(/memory store, development/);
    expect(() => statSync(join(data, "store"))).toThrow();
  });
});

describe("a server", () => {
  it("takes tokens that are signed with the key of the environment, and no development tricks", async () => {
    const env = { MAINSPRING_JWT_SECRET: SECRET };
    const { url, data } = await serve({ env, args: ["--catalog", FOUNDRY] });
    const at = ["--url", url, "--data", data];
    const shown = await run(["call", "GET", "/v1/players/ada", "--as", "ada", ...at], { env });
    expect(JSON.parse(shown.stdout)).toMatchObject({ playerId: "ada" });
    const jump = await run(
      ["call", "POST", "/v1/admin/players/ada/fast-forward", '{"byMs":1000}', "--admin", ...at],
      { env },
    );
    expect([jump.code, jump.stderr]).toEqual([1, "mainspring: NOT_FOUND: There is no such address.\n"]);
    expect(() => statSync(join(data, "development-key"))).toThrow();
  });

  it("believes its flags before its environment, and that before its defaults", async () => {
    const data = join(temporaryFolder(), "data");
    const env = {
      MAINSPRING_PORT: "1",
      MAINSPRING_STORE: "memory",
      MAINSPRING_CATALOG: FOUNDRY,
      MAINSPRING_HOST: "127.0.0.1",
      MAINSPRING_DATA: "/nowhere",
    };
    const { printed } = await serve({ env, data, args: ["--dev"] });
    await printed(/clockwork-foundry [0-9a-f]{32}, memory store, development/);
  });

  it("says when a catalog that it was given becomes active", async () => {
    const folder = temporaryFolder();
    const data = join(folder, "data");
    const first = await serve({ data, args: ["--dev", "--catalog", catalogFile(folder, testCatalog())] });
    await first.printed(/ready at .* \(catalog test /);
    first.child.kill("SIGTERM");
    const { stdout } = await first.ended;
    expect(stdout).not.toContain("becomes active");
    const changed = {
      ...testCatalog(),
      name: "changed",
      activities: { stroll: { kind: "harvest", durationMs: 500 } },
    };
    const second = await serve({ data, args: ["--dev", "--catalog", catalogFile(folder, changed)] });
    await second.printed(/ready at .* \(catalog test /);
    const [, at = ""] = await second.printed(
      /^The catalog changed [0-9a-f]{32} becomes active at (\S+)\.\n/m,
    );
    const leadMs = Date.parse(at) - Date.now();
    expect(leadMs).toBeGreaterThan(0);
    expect(leadMs).toBeLessThanOrEqual(60_000);
  });

  it("ends at once when it is told twice", async () => {
    const { url, child, ended, printed } = await serve();
    // A body that never comes keeps it waiting.
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    socket.write(
      "POST /v1/players/ada/queue/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    );
    await new Promise((resolve) => socket.once("data", resolve));
    child.kill("SIGTERM");
    await printed(/Shutting down/);
    // One that follows at once may be the same one, passed on; so it has to be said until it is heard.
    const again = setInterval(() => child.kill("SIGTERM"), 50);
    const { code } = await ended;
    clearInterval(again);
    expect(code).toBe(143);
  });
});

describe("a server that can't start", () => {
  const attempts = (
    folder: string,
  ): readonly (readonly [
    name: string,
    args: readonly string[],
    env: Record<string, string>,
    says: RegExp,
  ])[] => [
    [
      "a table prefix that is none",
      ["--dev", "--store", "dynamodb", "--table-prefix", "my game"],
      {},
      /^ {2}store\.tablePrefix \(flag --table-prefix\): must be at most 200 letters, digits and _ \. -, not "my game"\./m,
    ],
    [
      "no way to check tokens",
      ["--catalog", FOUNDRY],
      {},
      /^ {2}auth: the server must know how to check tokens\. Set MAINSPRING_JWT_SECRET .*--dev\.$/m,
    ],
    [
      "a short key",
      ["--catalog", FOUNDRY],
      { MAINSPRING_JWT_SECRET: "short" },
      /^ {2}auth\.secret \(environment MAINSPRING_JWT_SECRET\): the key that signs tokens must have at least 32 bytes, not 5\. Set /m,
    ],
    [
      "a JWKS without an issuer",
      ["--catalog", FOUNDRY],
      { MAINSPRING_JWKS_URL: "https://game.example/keys" },
      /auth\.issuer.* is missing, and auth\.jwksUrl needs it.*\n.*auth\.audience/,
    ],
    [
      "no catalog",
      ["--dev"],
      {},
      /^mainspring: The store has no catalog yet\. Give the server one: --catalog file\.json\.$/,
    ],
    [
      "a catalog that isn't there",
      ["--dev", "--catalog", "no.json"],
      {},
      /^mainspring: The catalog no\.json can't be read: there is no such file\.$/,
    ],
    [
      "a catalog with mistakes",
      [
        "--dev",
        "--catalog",
        catalogFile(folder, { name: "x", kinds: ["a"], activities: { b: { kind: "c", durationMs: 1 } } }),
      ],
      {},
      /activities\.b\.kind: no kind "c"/,
    ],
    [
      "a configuration that isn't there",
      ["--dev", "--config", "no.json"],
      {},
      /^mainspring: The configuration no\.json can't be read: there is no such file\.$/,
    ],
    [
      "prediction without the cache that it is for",
      ["--dev", "--catalog", FOUNDRY, "--config", layersFile(folder, { prediction: true })],
      {},
      /layers\.prediction \(file .*\): fetches ahead into the cache, which is off\. Switch layers\.cache on as well/,
    ],
    [
      "an address of Redis that is none",
      ["--catalog", FOUNDRY, "--config", layersFile(folder, { cache: true })],
      { MAINSPRING_JWT_SECRET: SECRET, REDIS_ENDPOINT: "cache.example:99999" },
      /redis\.port \(environment REDIS_ENDPOINT\): must be a whole number from 1 to 65535, not 99999/,
    ],
    [
      "a port that is none",
      ["--dev", "--port", "70000"],
      {},
      /server\.port \(flag --port\): must be a whole number from 0 to 65535, not 70000\. Left out, it is 8080\./,
    ],
    [
      "a port of the environment that is none",
      ["--dev"],
      { MAINSPRING_PORT: "http" },
      /server\.port \(environment MAINSPRING_PORT\): must be a whole number/,
    ],
    ["an unknown flag", ["--prot", "8080"], {}, /unknown option '--prot'/],
    [
      "a host that isn't this machine's",
      ["--catalog", FOUNDRY, "--host", "192.0.2.1"],
      { MAINSPRING_JWT_SECRET: SECRET },
      /^mainspring: This machine has no address 192\.0\.2\.1\. .*--host\.$/,
    ],
  ];

  function layersFile(folder: string, layers: Readonly<Record<string, boolean>>): string {
    const path = join(folder, `layers-${Object.keys(layers).join("-")}.json`);
    writeFileSync(path, JSON.stringify({ layers }));
    return path;
  }

  it("says why in a line or a few, with what helps, and ends with 1", async () => {
    const folder = temporaryFolder();
    for (const [index, [name, args, env, says]] of attempts(folder).entries()) {
      const flags = args.includes("--port") || "MAINSPRING_PORT" in env ? args : ["--port", "0", ...args];
      const { code, stdout, stderr } = await run(
        ["serve", "--data", join(folder, `data-${index}`), ...flags],
        { env },
      );
      expect([name, code, stdout]).toEqual([name, 1, ""]);
      expect(stderr.trim(), name).toMatch(says);
      expect(stderr.trim().split("\n").length, name).toBeLessThanOrEqual(3);
      expect(stderr, name).not.toMatch(/^\s+at /m);
    }
  });

  it("names the remedy for a port that is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const data = join(temporaryFolder(), "data");
    const { code, stderr } = await run([
      "serve",
      "--dev",
      "--catalog",
      FOUNDRY,
      "--data",
      data,
      "--port",
      String(port),
    ]);
    expect([code, stderr]).toEqual([
      1,
      `mainspring: Port ${port} on 127.0.0.1 is taken. Choose another with --port, or a free one with --port 0.\n`,
    ]);
  });

  it("says that another server runs on its folder", async () => {
    const { data } = await serve();
    const { code, stderr } = await run(["serve", "--dev", "--data", data, "--port", "0"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^mainspring: Another server runs on the data folder .*--data\.\n$/),
    ]);
  });
});
