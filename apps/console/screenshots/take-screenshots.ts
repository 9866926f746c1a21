/**
 * Pictures of the page, as it is: a real server, players who come in waves, a layer that is rolled out to some of them, and one that the
 * guard takes back since it does them harm.
 */
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startChild } from "../../../packages/server/test/support/server-process.js";
import { type Browser, DESKTOP, PHONE, startBrowser } from "../test/support/browser.js";
import { createCrowd } from "../test/support/players.js";
import { type ConsoleServer, signed } from "../test/support/start-server.js";
import { type Visit, visit } from "../test/support/visit.js";

const IMAGES = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const MAIN = fileURLToPath(new URL("main.mjs", import.meta.url));

/** So that the shortest range of the charts is full. */
const WATCHED_MS = 125_000;
/** The guard decides within 30 s; beyond this it doesn't want to. */
const GUARD_TIMEOUT_MS = 90_000;

/** A picture that takes longer to load than to look at is none. */
const MAX_IMAGE_BYTES = 250_000;

type Place = Pick<ConsoleServer, "url" | "token">;

export async function run(): Promise<void> {
  const server = await startChild([MAIN, "serve"], {});
  const browser = await startBrowser();
  try {
    await withPlayers({ url: server.url, token: signed }, browser);
  } finally {
    await browser.close();
    await server.stop();
  }
}

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
  const admin = await signed("ops", { isAdmin: true });
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
        authorization: `Bearer ${await signed(by, { isAdmin: true })}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${layer}: ${response.status} ${await response.text()}`);
  };
  await change("bob", "batching", { percent: 50, reason: "Fewer flushes in the evening." });
  await untilTakenBack(url);
  await change("ada", "checkpoint", { percent: 10, players: ["player-7"], reason: "Try it on a few first." });
}

async function untilTakenBack(url: string): Promise<void> {
  const admin = await signed("ops", { isAdmin: true });
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
  await go("Switches");
  await page.getByRole("article", { name: "Interval checkpoints" }).getByRole("table").waitFor();
  await take("switches");
  await page.getByRole("button", { name: "Change Interval checkpoints" }).click();
  await page.getByRole("dialog").getByLabel("Share in %").fill("20");
  await page.getByRole("dialog").getByLabel("Reason").fill("It did well on 10 %.");
  await take("confirmation");
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
