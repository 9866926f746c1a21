/** `mainspring config`, and `serve` with the same words, in processes of their own. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FOUNDRY, run, start, temporaryFolder } from "../support/run-command.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";

function configFile(folder: string, content: object): string {
  const path = join(folder, "game.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("mainspring config", () => {
  it("prints each key, its value and where that comes from, and touches nothing", async () => {
    const folder = temporaryFolder();
    const path = configFile(folder, { preset: "production", batch: { maxBatchSize: 7 } });
    const data = join(folder, "data");
    const args = ["--dev", "--config", path, "--data", data, "--set", "cache.localMaxAge=1500"];
    const env = { MAINSPRING_LAYERS_BATCHING: "true", REDIS_PASSWORD: "hunter2" };
    const { code, stdout, stderr } = await run(["config", ...args], { env });
    expect([code, stderr]).toEqual([0, ""]);
    const rows = new Map(
      stdout.split("\n").map((line) => [line.split(" ")[0], line.split(/ {2,}/).slice(1)]),
    );
    expect(rows.get("preset")).toEqual(['"production"', `file ${path}`]);
    expect(rows.get("batch.maxBatchSize")).toEqual(["7", `file ${path}`]);
    expect(rows.get("batch.maxConcurrentBatches")).toEqual(["10", "preset production"]);
    expect(rows.get("batch.batchTimeout")).toEqual(["1000", "default"]);
    expect(rows.get("layers.batching")).toEqual(["true", "environment MAINSPRING_LAYERS_BATCHING"]);
    expect(rows.get("cache.localMaxAge")).toEqual(["1500", "flag --set"]);
    expect(rows.get("store.data")).toEqual([`"${data}"`, "flag --data"]);
    expect(rows.get("redis.password")).toEqual(["set", "environment REDIS_PASSWORD"]);
    expect(stdout).not.toContain("hunter2");
    expect(existsSync(data)).toBe(false);
  });

  it("prints only what differs from the preset, and JSON for programs", async () => {
    const env = { MAINSPRING_JWT_SECRET: SECRET, MAINSPRING_PORT: "8080", MAINSPRING_HOST: "::1" };
    const { code, stdout } = await run(["config", "--changed", "--json"], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      preset: "production",
      file: null,
      values: { "server.host": { value: "::1", from: { kind: "environment", name: "MAINSPRING_HOST" } } },
      secrets: {
        "auth.secret": { isSet: true, env: "MAINSPRING_JWT_SECRET" },
        "redis.password": { isSet: false, env: "REDIS_PASSWORD" },
      },
      mistakes: [],
    });
  });

  it("prints a schema for editors, which a file may name", async () => {
    const { code, stdout } = await run(["config", "schema"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ properties: { batch: { additionalProperties: false } } });
    const path = configFile(temporaryFolder(), { $schema: "./mainspring.schema.json" });
    expect(await run(["config", "--dev", "--config", path])).toMatchObject({ code: 0, stderr: "" });
  });

  it("prints the reference of all keys", async () => {
    const { code, stdout } = await run(["config", "reference"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("| `batch.maxBatchSize` |")]);
    expect((await run(["config", "refrence"])).code).toBe(1);
  });
});

describe("a configuration with mistakes", () => {
  const wrong = (folder: string) => {
    const path = configFile(folder, {
      batch: { maxBatchSise: 7 },
      layers: { prediction: true },
      redis: { password: "hunter2" },
    });
    return {
      args: ["--dev", "--host", "0.0.0.0", "--data", join(folder, "data"), "--config", path],
      env: { MAINSPRING_CATALOGUE: FOUNDRY, MAINSPRING_DATABASE_IDLE_TIMEOUT: "5m" },
      says: [
        "mainspring: The configuration has 6 mistakes:",
        `  batch.maxBatchSise (file ${path}): there is no such key. Did you mean batch.maxBatchSize?`,
        `  redis.password (file ${path}): secrets come from the environment alone, where nobody else can read them. Remove it here, replace the secret if others could read it, and set REDIS_PASSWORD.`,
        "  MAINSPRING_CATALOGUE: there is no such variable. Did you mean MAINSPRING_CATALOG? If not, unset it.",
        '  database.idleTimeout (environment MAINSPRING_DATABASE_IDLE_TIMEOUT): must be a whole number from 1 to 86400000 (ms), not "5m". Left out, it is 300000.',
        "  server.host (flag --host): is 0.0.0.0, but a development server listens on this machine alone, since its tokens are for trying things out. Leave it out, or switch server.dev (--dev) off.",
        `  layers.prediction (file ${path}): fetches ahead into the cache, which is off. Switch layers.cache on as well, or prediction off.`,
        "",
      ].join("\n"),
    };
  };

  it.each(["config", "serve"])("is told by `%s`, all of it at once, which ends with 1", async (command) => {
    const folder = temporaryFolder();
    const { args, env, says } = wrong(folder);
    const { code, stdout, stderr } = await run([command, ...args], { env });
    expect([code, stderr]).toEqual([1, says]);
    if (command === "serve") expect(stdout).toBe("");
    else
      expect(stdout).toMatch(/^database\.idleTimeout +"5m" +environment MAINSPRING_DATABASE_IDLE_TIMEOUT$/m);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  it("is told in JSON as well", async () => {
    const { args, env } = wrong(temporaryFolder());
    const { code, stdout } = await run(["config", "--json", ...args], { env });
    const { mistakes } = JSON.parse(stdout) as { mistakes: readonly { path: string; didYouMean?: string }[] };
    expect([code, mistakes.length]).toEqual([1, 6]);
    expect(mistakes[0]).toMatchObject({ path: "batch.maxBatchSise", didYouMean: "batch.maxBatchSize" });
  });
});

describe("serve", () => {
  it("can be told everything in a file that the environment names", async () => {
    const folder = temporaryFolder();
    const MAINSPRING_CONFIG = configFile(folder, {
      server: { port: 0, dev: true, catalog: FOUNDRY, logLevel: "silent" },
      store: { data: join(folder, "elsewhere") },
    });
    const { printed } = start(["serve"], { env: { MAINSPRING_CONFIG } });
    await printed(/^Mainspring is ready at .*lmdb store in .*elsewhere, development\)$/m);
  });
});
