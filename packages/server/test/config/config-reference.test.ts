/** What the pages say of the configuration is so. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { configReference } from "../../src/config/config-reference.js";
import { SERVE_KEYS } from "../../src/config/load-serve-config.js";
import { complaintsAbout } from "../support/told-config.js";

const PRODUCTION = { MAINSPRING_JWT_SECRET: "a secret for tests, of more than thirty-two bytes" };

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
