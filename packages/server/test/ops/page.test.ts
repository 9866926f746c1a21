/** The page about numbers says all of what alerts and metrics say. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readAlerts } from "./alert-file.js";
import { metricsOfLoadedServers } from "./loaded-server.js";

const page = readFileSync(fileURLToPath(new URL("../../../../docs/numbers.md", import.meta.url)), "utf8");

describe("docs/numbers.md", () => {
  it("has a section for each alert, which the alert itself names, with its threshold, reason and action", () => {
    for (const { alert, annotations } of readAlerts()) {
      const [, section = ""] = page.split(`\n### ${alert}\n`);
      const [own = ""] = section.split("\n## ")[0]?.split("\n### ") ?? [];
      for (const name of ["summary", "threshold", "reason", "action"])
        expect([alert, own]).toEqual([alert, expect.stringContaining(annotations[name] ?? "(nothing)")]);
    }
    expect(page.match(/^### Mainspring/gm)).toHaveLength(readAlerts().length);
  });

  it("names every metric that servers have", async () => {
    const names = [...(await metricsOfLoadedServers()).keys()].map((name) =>
      name.replace(/_(?:bucket|sum|count)$/, ""),
    );
    const told = new Set([...page.matchAll(/^\| `(mainspring_\w+)`/gm)].map(([, name = ""]) => name));
    expect([...new Set(names)].filter((name) => !told.has(name))).toEqual([]);
  });
});
