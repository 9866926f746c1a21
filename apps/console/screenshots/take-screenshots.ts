/**
 * Pictures of the page, as it is: a server of its own (`mainspring serve` on the embedded store), players who come in waves, layers that
 * are rolled out to some of them, and one that the guard takes back since it does them harm.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signToken } from "@mainspring/server";
import { startServerProcess } from "../../../packages/server/test/support/server-process.js";
import { type Browser, DESKTOP, PHONE, startBrowser } from "../test/support/browser.js";
import { createCrowd } from "../test/support/players.js";
import { type Visit, visit } from "../test/support/visit.js";

const IMAGES = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const CATALOG = fileURLToPath(
  new URL("../../../packages/server/catalogs/clockwork-foundry.json", import.meta.url),
);
const SECRET = "a secret for the screenshots, of more than thirty-two bytes";
const HOUR_MS = 3_600_000;

/** So that the shortest range of the charts is full. */
const WATCHED_MS = 125_000;
/** The guard decides within 30 s; beyond this it doesn't want to. */
const GUARD_TIMEOUT_MS = 90_000;

/** A picture that takes longer to load than to look at is none. */
const MAX_IMAGE_BYTES = 250_000;

/** A limit so low that the players for whom it is on are refused in each rush, and fare worse than the others. */
const CONFIGURATION = {
  layers: { cache: true, batching: { percent: 0 }, prediction: true, overloadLimit: { percent: 0 } },
  overload: { minConcurrency: 2, maxConcurrency: 4 },
};

interface Place {
  readonly url: string;
  token(playerId: string, options?: { isAdmin?: boolean }): Promise<string>;
}

export async function takeScreenshots(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-screenshots-"));
  const configuration = join(folder, "mainspring.json");
  writeFileSync(configuration, JSON.stringify(CONFIGURATION));
  const server = await startServerProcess(
    ["serve", "--port", "0", "--data", join(folder, "data"), "--catalog", CATALOG, "--config", configuration],
    { MAINSPRING_JWT_SECRET: SECRET },
  );
  const browser = await startBrowser();
  try {
    await withPlayers({ url: server.url, token }, browser);
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const token: Place["token"] = (playerId, { isAdmin = false } = {}) =>
  signToken({ playerId, isAdmin, secret: SECRET, nowMs: Date.now(), expiresInMs: HOUR_MS });

async function withPlayers(place: Place, browser: Browser): Promise<void> {
  const crowd = (await createCrowd(place, 120)).keepBusy();
  try {
    const visits = await openAll(place, browser);
    await rollOut(place);
    await later(WATCHED_MS);
    mkdirSync(IMAGES, { recursive: true });
    for (const { look, visited } of visits) await takeAll(look, visited);
  } finally {
    await crowd.stop();
  }
}

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [DESKTOP, PHONE].map((viewport) => ({
    name: `${colorScheme}-${viewport === DESKTOP ? "desktop" : "phone"}`,
    colorScheme,
    viewport,
  })),
);

interface Opened {
  readonly look: string;
  readonly visited: Visit;
}

async function openAll(place: Place, browser: Browser): Promise<readonly Opened[]> {
  const admin = await token("ops", { isAdmin: true });
  return Promise.all(
    LOOKS.map(async (look) => {
      const visited = await visit(browser, place, look);
      await visited.signIn(admin);
      await visited.page.getByRole("radio", { name: "2 minutes" }).check({ force: true });
      return { look: look.name, visited };
    }),
  );
}

async function rollOut({ url }: Place): Promise<void> {
  const change = async (by: string, layer: string, body: object): Promise<void> => {
    const response = await fetch(`${url}/v1/admin/flags/${layer}`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${await token(by, { isAdmin: true })}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${layer}: ${response.status} ${await response.text()}`);
  };
  await change("bob", "overloadLimit", { percent: 25, reason: "Is the limit of any use?" });
  await untilTakenBack(url);
  await change("ada", "batching", { percent: 10, players: ["player-7"], reason: "Try it on a few first." });
}

async function untilTakenBack(url: string): Promise<void> {
  const admin = await token("ops", { isAdmin: true });
  const startedAtMs = Date.now();
  while (Date.now() - startedAtMs < GUARD_TIMEOUT_MS) {
    const response = await fetch(`${url}/v1/admin/flags`, { headers: { authorization: `Bearer ${admin}` } });
    const { reverts } = (await response.json()) as { readonly reverts: number };
    if (reverts > 0) return;
    await later(1_000);
  }
  throw new Error("The guard took nothing back: there is nothing to show.");
}

async function takeAll(look: string, { page, go }: Visit): Promise<void> {
  const take = async (name: string): Promise<void> => {
    const path = `${IMAGES}console-${name}-${look}.png`;
    await page.screenshot({ path, animations: "disabled" });
    const { size } = statSync(path);
    if (size > MAX_IMAGE_BYTES) throw new Error(`${path} has ${size} bytes, over ${MAX_IMAGE_BYTES}.`);
    console.log(`${path}: ${Math.round(size / 1_024)} KiB`);
  };
  await take("overview");
  await go("Requests");
  await page.getByRole("img").first().waitFor();
  await take("requests");
  await go("Switches");
  await page.getByRole("article", { name: "Batching" }).getByRole("table").waitFor();
  await take("switches");
  await page.getByRole("button", { name: "Change Batching" }).click();
  await page.getByRole("dialog").getByLabel("Share in %").fill("20");
  await page.getByRole("dialog").getByLabel("Reason").fill("It did well on 10 %.");
  await take("confirmation");
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
