/** The page in a real browser, on a real server under a load that changes. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Browser, DESKTOP, type Look, PHONE, startBrowser } from "./support/browser.js";
import { type Crowd, createCrowd } from "./support/players.js";
import { type ConsoleServer, startConsoleServer } from "./support/start-server.js";
import { panel, SECTIONS, valueOf, type Visit, visit } from "./support/visit.js";

const LIGHT_DESKTOP: Look = { viewport: DESKTOP, colorScheme: "light" };
/** In the guard's own words. */
const REASON =
  /The slowest \S+ % of \d+ requests took .* or more, against up to .* of \d+ of the other players\./;

const POLLING = { timeout: 30_000, interval: 100 };

let browser: Browser;
let server: ConsoleServer;
let crowd: Crowd;
let load: { stop(): Promise<void> };

beforeAll(async () => {
  server = await startConsoleServer();
  crowd = await createCrowd(server, 40);
  load = crowd.keepBusy();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await load.stop();
  await server.close();
});

async function arrive(look: Look = LIGHT_DESKTOP, at: ConsoleServer = server): Promise<Visit> {
  const visited = await visit(browser, at, look);
  onTestFinished(() => visited.close());
  return visited;
}

async function arriveSignedIn(look: Look = LIGHT_DESKTOP, at: ConsoleServer = server): Promise<Visit> {
  const visited = await arrive(look, at);
  await visited.signIn(await at.token("ops", { isAdmin: true }));
  return visited;
}

describe("the numbers", () => {
  it("are those of the server, and follow its load", async () => {
    const { page, complaints } = await arriveSignedIn();
    await expect.poll(() => valueOf(page, "Requests", "reads"), POLLING).toMatch(/^[1-9][\d.]*\/s$/);
    const calm = await valueOf(page, "Requests", "reads");
    await expect.poll(() => valueOf(page, "Requests", "reads"), POLLING).not.toBe(calm);
    expect(await valueOf(page, "Hit rate", "activeQueue")).toMatch(/%$/);
    expect(await valueOf(page, "Time to answer", "slowest command, p99")).toMatch(/ m?s$/);
    expect(complaints).toEqual([]);
  });

  it("are told in words beside each chart, for whoever can't see it", async () => {
    const { page } = await arriveSignedIn();
    const chart = panel(page, "Requests").getByRole("img");
    await expect
      .poll(() => chart.getAttribute("aria-label"), POLLING)
      .toMatch(/^Requests, the last 10 minutes: reads [1-9].*, between .* and .*; commands /);
    await panel(page, "Requests").getByText("What it means").click();
    const row = panel(page, "Requests").getByRole("row", { name: /^reads/ });
    expect(await row.getByRole("cell").count()).toBe(4);
    expect(await panel(page, "Requests").innerText()).toContain("What to do.");
  });

  it("are drawn", async () => {
    const { page } = await arriveSignedIn();
    await expect.poll(() => valueOf(page, "Memory", "resident"), POLLING).toMatch(/MiB$/);
    const colours = await panel(page, "Memory")
      .locator("canvas")
      .evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement)
          .getContext("2d")
          ?.getImageData(0, 0, width, height) ?? { data: [] };
        const found = new Set<string>();
        for (let at = 0; at < data.length; at += 4)
          if ((data[at + 3] ?? 0) > 200) found.add(data.slice(at, at + 3).join());
        return found.size;
      });
    expect(colours).toBeGreaterThan(3);
  });

  it("say what takes the operator's attention first, with the way there", async () => {
    const { page, go } = await arriveSignedIn();
    // This server's batching makes each commit slow: the guard finds out.
    await server.flags.set("batching", {
      percent: 50,
      players: [],
      except: [],
      by: "admin:ada",
      reason: "It can only get better.",
    });
    await page.getByText("The guard took back “Batching”").waitFor();
    expect(await page.getByRole("main").innerText()).toMatch(REASON);
    await page.getByRole("heading", { name: /thing.* to act on/ }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Switches" }).click();
    await page.getByRole("heading", { level: 1, name: "Switches" }).waitFor();
    await page.getByText("The guard took back “Batching”").waitFor();
    const row = page.getByRole("row", { name: /Guard/ }).first();
    expect(await row.innerText()).toMatch(REASON);
    await go("Overview");
  });
});

describe("a token", () => {
  it("is in no address, in nothing that the page shows, and gone after signing out", async () => {
    const { page, signIn, requested } = await arrive();
    const token = await server.token("ops", { isAdmin: true });
    await signIn(token);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await expect.poll(() => valueOf(page, "Requests", "reads"), POLLING).toMatch(/\/s$/);
    expect(requested.join("\n")).not.toContain(token);
    expect(page.url()).not.toContain(token);
    expect(await page.content()).not.toContain(token);
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(token);
    expect((await page.context().cookies()).length).toBe(0);

    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Admin token").waitFor();
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain(token);
    await page.reload();
    await page.getByLabel("Admin token").waitFor();
  });

  it("that is nonsense, or a player's, is told so", async () => {
    const { page } = await arrive();
    const complaint = page.getByRole("alert");
    const tryIt = async (token: string): Promise<void> => {
      await page.getByLabel("Admin token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
    };
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect.poll(() => complaint.innerText(), POLLING).toBe("Paste a token first.");
    await tryIt("two words");
    await expect.poll(() => complaint.innerText(), POLLING).toContain("This isn't a token");
    await tryIt("nonsense");
    await expect.poll(() => complaint.innerText(), POLLING).toContain("doesn't accept the token");
    await tryIt(await server.token("ada"));
    await expect.poll(() => complaint.innerText(), POLLING).toContain("The token is a player's.");
    await tryIt(`Bearer ${await server.token("ops", { isAdmin: true })}\n`);
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  });

  it("that expires asks for another, and keeps what was seen", async () => {
    const mine = await startConsoleServer();
    onTestFinished(() => mine.close());
    const { page, signIn } = await arriveSignedIn(LIGHT_DESKTOP, mine);
    await expect.poll(() => valueOf(page, "Memory", "resident"), POLLING).toMatch(/MiB$/);
    mine.refuseTokens(true);
    await page.getByText("The server doesn't accept the token: it has expired").waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    mine.refuseTokens(false);
    // After the page's own try of the token nothing new comes: what is shown then was kept.
    await page.route("**/v1/admin/performance", () => undefined);
    await page.route("**/v1/admin/performance", (route) => route.continue(), { times: 1 });
    await signIn(await server.token("ops", { isAdmin: true }));
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    expect(await valueOf(page, "Memory", "resident")).toMatch(/MiB$/);
  });
});

describe("a server", () => {
  it("that is gone, and comes again, leaves a gap and a sentence", async () => {
    let mine = await startConsoleServer();
    onTestFinished(() => mine.close());
    const { page } = await arriveSignedIn(LIGHT_DESKTOP, mine);
    await expect.poll(() => valueOf(page, "Memory", "resident"), POLLING).toMatch(/MiB$/);
    await mine.close();
    const status = page.locator(".status");
    await expect.poll(() => status.innerText(), POLLING).toContain("The server doesn't answer.");
    expect(await page.getByText(/^No numbers since /).count()).toBe(1);
    await page.getByRole("heading", { name: "1 thing to act on" }).waitFor();
    await expect.poll(() => valueOf(page, "Memory", "resident"), POLLING).toBe("–");
    mine = await startConsoleServer({ port: Number(new URL(mine.url).port) });
    await expect.poll(() => status.innerText(), POLLING).toContain("The server was started anew");
    await expect.poll(() => valueOf(page, "Memory", "resident"), POLLING).toMatch(/MiB$/);
  });

  it("without switches says so", async () => {
    const mine = await startConsoleServer({ hasFlags: false });
    onTestFinished(() => mine.close());
    const { page, go } = await arriveSignedIn(LIGHT_DESKTOP, mine);
    await go("Switches");
    await page.getByText("This server has no switches to turn at run time.").waitFor();
  });
});

describe("the switches", () => {
  it("are changed after the operator has read what will happen, and has said why", async () => {
    const { page, go, complaints } = await arriveSignedIn();
    await go("Switches");
    await page.getByRole("button", { name: "Change Cache" }).click();
    const dialog = page.getByRole("dialog", { name: "Switch “Cache”" });
    await dialog.getByLabel("A share of players").check();
    await dialog.getByLabel("Share in %").fill("10");
    expect(await dialog.innerText()).toContain("10 % of players get it, always the same ones");
    await dialog.getByRole("button", { name: "Switch on for 10 %" }).click();
    expect(await dialog.getByRole("alert").innerText()).toContain("Say why");
    await dialog.getByLabel("Reason").fill("Try it on a few.");
    await dialog.getByRole("button", { name: "Switch on for 10 %" }).click();
    await dialog.waitFor({ state: "detached" });
    const { percent, changedBy, reason, isGuarded } = server.flags.view().layers.cache;
    expect([percent, changedBy, reason, isGuarded]).toEqual([10, "admin:ops", "Try it on a few.", true]);
    const card = page.getByRole("article", { name: "Cache" });
    expect(await card.innerText()).toContain("on for 10 % of players");
    await expect.poll(() => card.getByRole("row", { name: /^with it/ }).innerText(), POLLING).toMatch(/ms/);
    // For whoever doesn't see the card: what was done stays said.
    const said = await page.getByRole("status").allInnerTexts();
    expect(said).toContainEqual(expect.stringMatching(/^Cache: on for 10 % of players/));

    await page.getByRole("button", { name: "Change Cache" }).click();
    await dialog.getByLabel("As configured: on for everybody").check();
    await dialog.getByLabel("Reason").fill("Enough.");
    await dialog.getByRole("button", { name: "Switch back" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(server.flags.view().layers.cache.percent).toBe(100);
    expect(complaints).toEqual([]);
  });

  it("that somebody else has turned meanwhile are shown, and nothing is overwritten unseen", async () => {
    const { page, go } = await arriveSignedIn();
    await go("Switches");
    await page.getByRole("button", { name: "Change Overload limit" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Nobody").check();
    await dialog.getByLabel("Reason").fill("Too strict.");
    await server.flags.set("overloadLimit", {
      percent: 50,
      players: [],
      except: [],
      by: "admin:bob",
      reason: "Half of them.",
    });
    await dialog.getByRole("button", { name: "Switch off" }).click();
    const alert = dialog.getByRole("alert");
    await expect.poll(() => alert.innerText(), POLLING).toContain("Your change was not made");
    expect(await alert.innerText()).toContain(
      "on for 50 % of players, as said by admin:bob (“Half of them.”)",
    );
    expect(server.flags.view().layers.overloadLimit.percent).toBe(50);
    await dialog.getByRole("button", { name: "Switch off" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(server.flags.view().layers.overloadLimit.percent).toBe(0);
  });

  it("of a store that has begun anew are shown, though their version is a lower one", async () => {
    let mine = await startConsoleServer();
    onTestFinished(() => mine.close());
    await mine.flags.set("cache", { percent: 0, players: [], except: [], by: "admin:bob", reason: "Out." });
    const { page, go } = await arriveSignedIn(LIGHT_DESKTOP, mine);
    await go("Switches");
    const card = page.getByRole("article", { name: "Cache" });
    await expect.poll(() => card.innerText(), POLLING).toContain("by admin:bob");
    await mine.close();
    mine = await startConsoleServer({ port: Number(new URL(mine.url).port) });
    await expect.poll(() => card.innerText(), POLLING).not.toContain("by admin:bob");
  });

  it("that are not built in say why and offer nothing", async () => {
    const { page, go } = await arriveSignedIn();
    await go("Switches");
    const card = page.getByRole("article", { name: "Connection pool" });
    await card.waitFor();
    expect(await card.innerText()).toContain("Not built in: The store has no connections.");
    expect(await card.getByRole("button").count()).toBe(0);
  });
});

describe("the keyboard alone", () => {
  it("signs in, goes to the switches, changes one and confirms", async () => {
    const { page } = await arrive();
    const press = (key: string) => page.keyboard.press(key);
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    const tabTo = async (isIt: (text: string) => boolean): Promise<void> => {
      for (let pressed = 0; pressed < 60; pressed += 1) {
        if (isIt(await focused())) return;
        await press("Tab");
      }
      throw new Error("The keyboard doesn't get there.");
    };
    await page.getByLabel("Admin token").waitFor();
    await page.keyboard.insertText(await server.token("ops", { isAdmin: true }));
    await press("Enter");
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

    await tabTo((text) => text === "Skip to the content");
    await press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");

    await page.getByRole("link", { name: "Overview" }).focus();
    await tabTo((text) => text === "Switches");
    await press("Enter");
    await page.getByRole("heading", { level: 1, name: "Switches" }).waitFor();
    expect(await focused()).toBe("Switches");

    await page.getByRole("button", { name: "Change Interval checkpoints" }).waitFor();
    await tabTo((text) => text.includes("Interval checkpoints"));
    await press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await focused()).toContain("Interval checkpoints");

    await press("Enter");
    await dialog.waitFor();
    // The choice that is checked has the focus; the arrows change it.
    await press("ArrowDown");
    await press("ArrowDown");
    for (let pressed = 0; pressed < 20; pressed += 1) {
      if ((await page.evaluate(() => document.activeElement?.id)) === "reason") break;
      await press("Tab");
      // What lies behind the dialog is out of reach.
      expect(await page.evaluate(() => document.activeElement?.closest("main article") === null)).toBe(true);
    }
    await page.keyboard.type("By keyboard.");
    await press("Enter");
    await dialog.waitFor({ state: "detached" });
    const { percent, reason } = server.flags.view().layers.checkpoint;
    expect([percent, reason]).toEqual([100, "By keyboard."]);
  });
});

describe("an address", () => {
  it("leads to a section, and to a panel of it, with the keyboard's focus", async () => {
    const { page } = await arriveSignedIn();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
    const goTo = (hash: string) =>
      page.evaluate((there) => {
        window.location.hash = there;
      }, hash);
    await goTo("#/process/memory");
    await page.getByRole("heading", { level: 1, name: "Process" }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id), POLLING).toBe("panel-memory");
    await goTo("#/no-such-section");
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  });
});

describe("the look", () => {
  it("is the system's until the operator chooses, and then stays", async () => {
    const { page } = await arriveSignedIn({ viewport: DESKTOP, colorScheme: "dark" });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const dark = await ground();
    await page.getByRole("button", { name: "Change to the light look" }).click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await page.getByRole("button", { name: "Change to the dark look" }).waitFor();
    expect(await ground()).toBe(light);
  });

  it("keeps still for whoever asks for that", async () => {
    const { page } = await arriveSignedIn();
    const beat = () =>
      page.evaluate(() => {
        const pulse = document.querySelector(".pulse.live");
        return pulse === null ? "" : getComputedStyle(pulse, "::before").animationName;
      });
    await expect.poll(beat, POLLING).toBe("beat");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await expect.poll(beat, POLLING).toBe("none");
  });

  it("fits a phone: nothing has to be scrolled sideways but tables", async () => {
    const { page, go } = await arriveSignedIn({ viewport: PHONE, colorScheme: "light" });
    for (const section of SECTIONS) {
      await go(section);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect([section, ...widths]).toEqual([section, PHONE.width, PHONE.width]);
    }
  });
});

describe("another host", () => {
  it("is never asked for anything, in any section", async () => {
    const { page, go, requested, complaints } = await arriveSignedIn();
    for (const section of SECTIONS) {
      const asked = page.waitForResponse((response) => response.url().includes("/v1/admin/"));
      await go(section);
      await asked;
    }
    expect(requested.length).toBeGreaterThan(8);
    expect([...new Set(requested.map((address) => new URL(address).origin))]).toEqual([server.url]);
    expect(complaints).toEqual([]);
  });
});
