/** Where a server's configuration comes from, and which word counts. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Value } from "typebox/value";
import { configJsonSchema } from "../../src/config/config-json-schema.js";
import { configReference } from "../../src/config/config-reference.js";
import { configJson, configTable } from "../../src/config/config-table.js";
import { loadServeConfig, SERVE_KEYS } from "../../src/config/load-serve-config.js";
import { temporaryFolder } from "../support/run-command.js";
import { complaintsAbout, loadTold, sourcesOf, type Told } from "../support/told-config.js";

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

describe("the table of a configuration", () => {
  it("has every key, its value and its origin in columns", () => {
    const lines = configTable(loadTold({ args: ["--dev", "--port", "9000"] }), { isChangedOnly: false });
    expect(lines[0]).toMatch(/^KEY +VALUE +FROM$/);
    const column = lines[0]?.indexOf("FROM") ?? 0;
    const port = lines.find((line) => line.startsWith("server.port")) ?? "";
    expect([port.slice(0, column).trim(), port.slice(column)]).toEqual([
      expect.stringMatching(/^server\.port +9000$/),
      "flag --port",
    ]);
    for (const { path } of SERVE_KEYS)
      expect(
        lines.some((line) => line.startsWith(`${path} `)),
        path,
      ).toBe(true);
    expect(lines).toContainEqual(expect.stringMatching(/^server\.catalog +not set$/));
    expect(lines).toContainEqual(expect.stringMatching(/^auth\.secret +not set$/));
  });

  it("has only what the preset doesn't, if that is asked for", () => {
    const file = { database: { maxConnections: 20, idleTimeout: 1 } };
    const lines = configTable(loadTold({ file, env: PRODUCTION }), { isChangedOnly: true });
    expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual([
      "KEY",
      "(file)",
      "database.idleTimeout",
      "auth.secret",
    ]);
  });

  it("doesn't show what was refused where a secret may have ended up", () => {
    const loaded = loadTold({ env: { REDIS_ENDPOINT: "redis://:hunter2@cache.example" } });
    for (const options of [{ isChangedOnly: false }, { isChangedOnly: true }]) {
      const shown = [...configTable(loaded, options), JSON.stringify(configJson(loaded, options))].join("\n");
      expect(shown).not.toContain("hunter2");
      expect(shown).toMatch(/^redis\.host +not shown +environment REDIS_ENDPOINT$/m);
    }
  });
});

describe("the JSON Schema of the file", () => {
  const schema = configJsonSchema();

  it.each([
    {},
    { $schema: "./mainspring.schema.json", preset: "production" },
    {
      layers: {
        cache: { percent: 10, players: ["ada"] },
        checkpoint: "interval",
        memoryGovernor: { percent: 0 },
      },
    },
    { memory: { levelShares: [0.5, 0.6, 0.7] } },
  ])("takes %j, as the loader does", (file) => {
    expect(complaintsAbout({ file, env: PRODUCTION })).toEqual([]);
    expect(Value.Check(schema, file)).toBe(true);
  });

  it.each([
    { prest: "production" },
    { redis: { password: "hunter2" } },
    { layers: { cache: { players: ["ada"] } } },
    { memory: { levelShares: [0.5, 0.6] } },
    { server: { port: 65_536 } },
  ])("refuses %j, as the loader does", (file) => {
    expect(complaintsAbout({ file, env: PRODUCTION })).not.toEqual([]);
    expect(Value.Check(schema, file)).toBe(false);
  });

  it("has no words but those of JSON Schema", () => {
    const names = JSON.stringify(schema).matchAll(/"(unit|defaultIs|env|flag|expected|isDelicate)":/g);
    expect([...names]).toEqual([]);
  });
});

describe("the pages", () => {
  const folder = fileURLToPath(new URL("../../../../docs", import.meta.url));
  const sections = new Set(SERVE_KEYS.map(({ path }) => path.split(".")[0] ?? ""));
  const configurations = readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .flatMap((page) => {
      const text = readFileSync(join(folder, page), "utf8");
      return [...text.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = ""]) => ({ page, json }));
    })
    .filter(({ json }) => Object.keys(JSON.parse(json) as object).some((key) => sections.has(key)));

  it("show configurations", () => {
    const pages = new Set(configurations.map(({ page }) => page));
    expect([...pages]).toEqual(expect.arrayContaining(["cache.md", "checkpoints.md", "configuration.md"]));
  });

  it.each(configurations)("$page shows $json, which can be used", ({ json }) => {
    expect(complaintsAbout({ file: JSON.parse(json) as unknown, env: PRODUCTION })).toEqual([]);
  });
});

describe("docs/configuration-reference.md", () => {
  it("is what the schema says", () => {
    const page = fileURLToPath(new URL("../../../../docs/configuration-reference.md", import.meta.url));
    const isCurrent = readFileSync(page, "utf8") === configReference();
    expect(isCurrent, "The schema has changed: `npm run docs:config` makes the page anew.").toBe(true);
  });

  it("names every key, with what it does", () => {
    const page = configReference();
    for (const { path, env, description } of SERVE_KEYS) {
      expect(page).toContain(`| \`${path}\` |`);
      expect(page).toContain(`\`${env}\``);
      expect(description, path).toMatch(/^(?:[A-Z`0-9]).*\.$/);
    }
  });
});
