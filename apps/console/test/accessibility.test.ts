/** What axe-core finds, on phone and desk, in the light and in the dark: nothing. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Browser, DESKTOP, PHONE, startBrowser } from "./support/browser.js";
import { createCrowd } from "./support/players.js";
import { type ConsoleServer, startConsoleServer } from "./support/start-server.js";
import { panel, SECTIONS, visit } from "./support/visit.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser: Browser;
let server: ConsoleServer;

beforeAll(async () => {
  server = await startConsoleServer();
  const change = { players: ["ada"], except: [], by: "admin:ada" };
  await server.flags.set("cache", { ...change, percent: 10, reason: "Try it on a few." });
  await server.flags.set("prediction", { ...change, percent: 25, reason: "In the evening." });
  await server.flags.set("prediction", {
    ...change,
    percent: 0,
    by: "guard",
    reason: "p99 48 ms against 9 ms.",
  });
  await (await createCrowd(server, 20)).rush(200);
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** What is wrong, and where. */
async function violations(page: Page): Promise<readonly string[]> {
  const results = await page.evaluate(async (tags) => {
    const { axe } = window as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return axe.run({ runOnly: { type: "tag", values: tags } });
  }, RULES);
  expect(results.passes.length).toBeGreaterThan(10);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
  );
}

/** All that can be used, by what a screen reader calls it. */
async function namelessControls(page: Page): Promise<readonly string[]> {
  // A chart's canvas is part of a picture that has a name. Each is asked for anew at each call: what is asked must hold for whichever it is by then.
  const controls = page.locator(
    "button, a[href], input, textarea, summary, canvas:not([role=img] canvas), [role=img], [tabindex='0']",
  );
  const nameless: string[] = [];
  for (const control of await controls.all()) {
    const told = await control.ariaSnapshot();
    if (!/"[^"]+"|: \S/.test(told))
      nameless.push(await control.evaluate((element) => element.outerHTML.slice(0, 200)));
  }
  return nameless;
}

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [DESKTOP, PHONE].map((viewport) => ({ colorScheme, viewport })),
);

describe.each(LOOKS)("in the $colorScheme, $viewport.width wide", (look) => {
  it("nothing is wrong, and every control has a name", async () => {
    const { page, signIn, go, close } = await visit(browser, server, look);
    onTestFinished(close);
    const examine = async (where: string): Promise<void> => {
      expect([where, ...(await violations(page))]).toEqual([where]);
      expect([where, ...(await namelessControls(page))]).toEqual([where]);
    };
    // By the debugger's way: the page's own policy lets no other script in.
    await page.evaluate(AXE);
    await page.getByLabel("Admin token").waitFor();
    await examine("sign-in");
    await signIn(await server.token("ops", { isAdmin: true }));
    for (const section of SECTIONS) {
      await go(section);
      if (section !== "Switches") await page.getByRole("img").first().waitFor();
      await examine(section);
    }
    await page.getByRole("button", { name: "Change Cache" }).click();
    await page.getByRole("dialog").getByText("Single players").waitFor();
    await examine("dialog");
    await page.getByRole("button", { name: "Cancel" }).click();
    await go("Process");
    await panel(page, "Memory").getByText("What it means").click();
    await examine("an explanation");
  });
});
