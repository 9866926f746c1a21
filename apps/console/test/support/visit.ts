/** A visit of the page, by an operator with a browser; and what the browser saw of it. */
import type { Locator, Page } from "playwright-core";
import type { Browser, Look } from "./browser.js";
import type { ConsoleServer } from "./start-server.js";

export interface Visit {
  readonly page: Page;
  /** All addresses that were asked for. */
  readonly requested: readonly string[];
  /** What the browser complained of: policies, scripts, what could not be loaded. */
  readonly complaints: readonly string[];
  readonly signIn: (token: string) => Promise<void>;
  readonly go: (section: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const SECTIONS = ["Overview", "Requests", "Cache", "Store", "Process", "Switches"] as const;

/** What the page does each two seconds is there by then, on a machine that is busy with other tests, too. */
const WAIT_MS = 30_000;

export async function visit(
  browser: Browser,
  server: Pick<ConsoleServer, "url">,
  look: Look,
): Promise<Visit> {
  const context = await browser.open(look);
  context.setDefaultTimeout(WAIT_MS);
  const requested: string[] = [];
  const complaints: string[] = [];
  context.on("request", (request) => requested.push(request.url()));
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  const page = await context.newPage();
  await page.goto(`${server.url}/console/`);
  return {
    page,
    requested,
    complaints,
    signIn: async (token) => {
      await page.getByLabel("Admin token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("navigation", { name: "Sections" }).waitFor();
    },
    go: async (section) => {
      await page.getByRole("navigation").getByRole("link", { name: section }).click();
      await page.getByRole("heading", { level: 1, name: section }).waitFor();
    },
    close: () => context.close(),
  };
}

/** Chooses a section's panel by its title. */
export function panel(page: Page, title: string): Locator {
  return page.getByRole("article", { name: title, exact: true });
}

/** A panel's value of a series, as it is shown now. */
export async function valueOf(page: Page, title: string, series: string): Promise<string> {
  const item = panel(page, title)
    .getByRole("list", { name: "Now" })
    .getByRole("listitem")
    .filter({ hasText: series });
  return item.first().locator(".value").innerText();
}
