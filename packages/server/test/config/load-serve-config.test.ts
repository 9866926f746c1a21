/** Where a server's configuration comes from, and which word counts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configJson, configTable } from "../../src/config/config-table.js";
import { loadServeConfig, SERVE_KEYS } from "../../src/config/load-serve-config.js";
import { temporaryFolder } from "../support/run-command.js";
import { loadTold, sourcesOf, type Told } from "../support/told-config.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";
const PRODUCTION = { MAINSPRING_JWT_SECRET: SECRET };

/** The value of a key, and who has given it. */
function wordOn(path: string, told: Told): readonly [unknown, string] {
  const entry = loadTold(told).entries.find(({ key }) => key.path === path);
  return [entry?.value, `${entry?.origin?.kind ?? ""} ${entry?.origin?.name ?? ""}`.trim()];
}

describe("a server's configuration", () => {
  it("is what the strongest says: command line, environment, file, preset, default", () => {
    const path = "batch.maxBatchSize";
    const file = { batch: { maxBatchSize: 3 } };
    const env = { MAINSPRING_BATCH_MAX_BATCH_SIZE: "4" };
    const args = ["--set", "batch.maxBatchSize=5"];
    expect(wordOn(path, {})).toEqual([50, "preset production"]);
    expect(wordOn(path, { args: ["--dev"] })).toEqual([10, "preset development"]);
    expect(wordOn(path, { file })).toEqual([3, expect.stringMatching(/^file .*game\.json$/)]);
    expect(wordOn(path, { file, env })).toEqual([4, "environment MAINSPRING_BATCH_MAX_BATCH_SIZE"]);
    expect(wordOn(path, { file, env, args })).toEqual([5, "flag --set"]);
    expect(wordOn("batch.batchTimeout", {})).toEqual([1_000, "default"]);
    expect(wordOn("server.port", { args: ["--port", "0"] })).toEqual([0, "flag --port"]);
    expect(wordOn("server.catalog", {})).toEqual([undefined, ""]);
    expect(wordOn(path, { args: [...args, "--set", "batch.maxBatchSize=6"] })).toEqual([6, "flag --set"]);
    expect(wordOn("server.port", { args: ["--port", "1", "--port", "2"] })).toEqual([2, "flag --port"]);
  });

  it("stands on the preset that was named, by whomever, and otherwise on the one for --dev or for production", () => {
    const presets = [
      {},
      { args: ["--dev"] },
      { args: ["--dev"], file: { preset: "production" } },
      { file: { preset: "production" }, env: { MAINSPRING_PRESET: "development" } },
      { env: { MAINSPRING_PRESET: "development" }, args: ["--set", "preset=production"] },
      { file: { server: { dev: true } } },
    ].map((told) => [loadTold(told).preset, wordOn("database.maxConnections", told)[0]]);
    expect(presets).toEqual([
      ["production", 20],
      ["development", 5],
      ["production", 20],
      ["development", 5],
      ["production", 20],
      ["development", 5],
    ]);
  });

  it("has a variable for each key, of one name, which takes what the key takes", () => {
    const names = SERVE_KEYS.map(({ env }) => env);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        "MAINSPRING_PORT",
        "MAINSPRING_HOST",
        "MAINSPRING_STORE",
        "MAINSPRING_DATA",
        "MAINSPRING_TABLE_PREFIX",
        "MAINSPRING_CATALOG",
        "MAINSPRING_LOG_LEVEL",
        "MAINSPRING_HEAP_FOLDER",
        "MAINSPRING_JWKS_URL",
        "MAINSPRING_REDIS_TTL_ACTIVE_QUEUE",
        "REDIS_ENDPOINT",
      ]),
    );
    // Every default, said by the environment, is the same as said by nobody.
    const said = SERVE_KEYS.flatMap(({ env, default: value }) =>
      value === undefined ? [] : [[env, typeof value === "string" ? value : JSON.stringify(value)] as const],
    );
    const env = { ...PRODUCTION, ...Object.fromEntries(said) };
    const { entries, mistakes } = loadTold({ env });
    expect(mistakes).toEqual([]);
    for (const { key, value, origin } of entries) {
      // An empty variable counts as none.
      if (key.default === undefined || key.default === "") continue;
      expect([key.path, value, origin]).toEqual([
        key.path,
        key.default,
        { kind: "environment", name: key.env },
      ]);
    }
  });

  it("takes lists and objects as JSON, from the environment and the command line", () => {
    const rollout = { percent: 2.5, players: ["ada"] };
    const env = {
      MAINSPRING_LAYERS_BATCHING: JSON.stringify(rollout),
      MAINSPRING_LAYERS_CHECKPOINT: "interval",
    };
    const args = ["--dev", "--set", "memory.levelShares=[0.5, 0.6, 0.7]"];
    const { config } = loadTold({ env, args });
    expect(config?.layers).toMatchObject({ batching: rollout, checkpoint: "interval" });
    expect(config?.memory.levelShares).toEqual([0.5, 0.6, 0.7]);
  });

  it("keeps its secrets apart from all that is shown", () => {
    const env = { MAINSPRING_JWT_SECRET: SECRET, REDIS_PASSWORD: "hunter2" };
    const loaded = loadTold({ env });
    expect(loaded.secrets.get("redis.password")).toBe("hunter2");
    const options = { isChangedOnly: false };
    const shown = [
      JSON.stringify(loaded.config),
      JSON.stringify(configJson(loaded, options)),
      ...configTable(loaded, options),
    ].join("\n");
    expect(shown).toMatch(/^redis\.password +set +environment REDIS_PASSWORD$/m);
    for (const secret of Object.values(env)) expect(shown).not.toContain(secret);
  });

  it("can be read again from the same sources, when the file has changed", () => {
    const path = join(temporaryFolder(), "game.json");
    writeFileSync(path, JSON.stringify({ batch: { maxBatchSize: 3 } }));
    const sources = sourcesOf({ args: ["--dev", "--config", path] });
    expect(loadServeConfig(sources).config?.batch.maxBatchSize).toBe(3);
    writeFileSync(path, JSON.stringify({ batch: { maxBatchSize: 4 } }));
    expect(loadServeConfig(sources).config?.batch.maxBatchSize).toBe(4);
    writeFileSync(path, "{");
    expect(() => loadServeConfig(sources)).toThrow(/game\.json:1:2: this is not JSON/);
  });
});
