/** A configuration as it is printed. */
import { describe, expect, it } from "vitest";
import { configJson, configTable } from "../../src/config/config-table.js";
import { SERVE_KEYS } from "../../src/config/load-serve-config.js";
import { loadTold } from "../support/told-config.js";

const PRODUCTION = { MAINSPRING_JWT_SECRET: "a secret for tests, of more than thirty-two bytes" };

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
