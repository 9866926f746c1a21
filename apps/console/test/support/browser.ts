/** Chromium, as Debian packages it: started once for a file of tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { ensureDebianPackage } from "../../../../scripts/ensure-debian-package.mjs";

export interface Browser {
  /** A context of its own: nothing is kept from one to the next. */
  open(options: Look): Promise<BrowserContext>;
  close(): Promise<void>;
}

export interface Look {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: "light" | "dark";
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export async function startBrowser(): Promise<Browser> {
  const executablePath = ensureDebianPackage({
    program: "chromium",
    packageName: "chromium",
    purpose: "opens the page for operators",
  });
  const home = mkdtempSync(join(tmpdir(), "mainspring-chromium-"));
  const browser = await chromium.launch({
    executablePath,
    // A browser that root starts can't lock its pages in.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
  });
  return {
    open: ({ viewport, colorScheme }) =>
      browser.newContext({ viewport, colorScheme, isMobile: viewport.width < 600, locale: "en-GB" }),
    async close() {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
