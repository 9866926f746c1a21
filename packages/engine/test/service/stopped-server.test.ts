import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type PlayerEvent, type PlayerState, nextBoundaryMs, settle } from "@mainspring/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalogRegistry } from "../../src/service/catalog-registry.js";
import { decodeRecord } from "../../src/record/decode-record.js";
import type { Store } from "../../src/ports.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { createManualClock } from "../../src/testing/index.js";
import { openEngine, OWN, START_MS } from "../support/open-engine.js";
import { readFileSync } from "node:fs";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const here = path.dirname(fileURLToPath(import.meta.url));
const catalogFile = path.join(here, "../../../server/catalogs/clockwork-foundry.json");
const catalog: unknown = JSON.parse(readFileSync(catalogFile, "utf8"));

/** Enough for a month, of all kinds, with chances, failures and shortfalls. */
const TASKS = Array.from({ length: 10 }, () => [
  "mine-copper",
  "sift-scrapyard",
  "shoo-scrap-rats",
  "file-cogs",
])
  .flat()
  .map((activity) => ({ activity, repeat: 2_400, onBlocked: "skip" as const }));

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mainspring-stopped-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A server is really started, given a queue, and really killed. */
async function leaveQueue(name: string): Promise<string> {
  const data = path.join(folder, name);
  const args = [
    path.join(here, "../support/leave-a-queue.mjs"),
    data,
    catalogFile,
    String(START_MS),
    JSON.stringify(TASKS),
  ];
  const signal = await new Promise((resolve) => {
    execFile(process.execPath, args, (error, _, stderr) => resolve(error?.signal ?? stderr));
  });
  expect(signal).toBe("SIGKILL");
  return data;
}

async function storedState(store: Store): Promise<PlayerState> {
  const [record] = await store.read(["ada"]);
  const timeline = await createCatalogRegistry(store, { nowMs: () => START_MS }).timelineFor(START_MS);
  if (record === null || record === undefined) throw new Error("ada is gone");
  return decodeRecord(record.bytes, timeline.catalogs).state;
}

/** The same, for a server that was started again on the folder with its clock moved on. */
async function returnAfter(
  data: string,
  awayMs: number,
): Promise<{ state: PlayerState; events: readonly PlayerEvent[] }> {
  const store = await openLmdbStore({ folder: data });
  const { engine } = await openEngine({ store, catalog, clock: createManualClock(START_MS + awayMs) });
  await engine.read("ada");
  const state = await storedState(store);
  const events: PlayerEvent[] = [];
  for (let last = 1; events.length < last; ) {
    const page = await engine.events("ada", { afterNumber: events.length, limit: 1_000 });
    events.push(...page.events);
    last = page.lastNumber;
  }
  await engine.close();
  return { state, events };
}

const withoutMeta = (events: readonly PlayerEvent[]): unknown =>
  events.map((event) => ({ ...event, actor: undefined }));

describe("a queue left with the server really stopped", () => {
  it("is after an hour what an engine that was read each second says", async () => {
    const returned = await returnAfter(await leaveQueue("hour"), HOUR_MS);
    const { engine, store, clock } = await openEngine({ catalog });
    await engine.apply("ada", { type: "enqueue", tasks: TASKS }, OWN);
    for (let second = 1; second <= HOUR_MS / 1_000; second += 1) {
      clock.advance(1_000);
      await engine.read("ada");
    }
    const { events } = await engine.events("ada", { limit: 1_000 });
    expect(returned.state).toEqual(await storedState(store));
    expect(withoutMeta(returned.events)).toEqual(withoutMeta(events));
    expect(returned.state.totals.size).toBeGreaterThan(0);
  });

  it("is after 29 days what settling each second says", async () => {
    const returned = await returnAfter(await leaveQueue("month"), 29 * DAY_MS);
    const { engine, store } = await openEngine({ catalog });
    await engine.apply("ada", { type: "enqueue", tasks: TASKS }, OWN);
    const first = await engine.events("ada", { limit: 1_000 });
    let state = await storedState(store);
    const timeline = await createCatalogRegistry(store, { nowMs: () => START_MS }).timelineFor(START_MS);
    const events: PlayerEvent[] = [...first.events];
    for (let nowMs = START_MS + 1_000; nowMs <= START_MS + 29 * DAY_MS; nowMs += 1_000) {
      state = settle(state, timeline, nowMs, { emit: (event) => events.push(event) });
      // Millions of times: an assertion of the runner's would cost more than what it looks at.
      if (nextBoundaryMs(state, timeline) <= nowMs) throw new Error(`${nowMs} took more than one slice`);
    }
    expect(returned.state).toEqual(state);
    expect(withoutMeta(returned.events)).toEqual(withoutMeta(events));
    expect([...returned.state.totals.keys()].sort()).toEqual(["combat", "craft", "harvest"]);
  });
});
