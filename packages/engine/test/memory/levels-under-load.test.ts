/**
 * A real process that allocates all the time, with a real cache: each level is entered when what is live calls for it, seen by V8's own
 * collections, what was dropped is what should be, and the cache works again when it is left.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { GovernorStats, MemoryLevel } from "../../src/ports.js";
import { MEBIBYTE } from "./manual-meter.js";

const PROGRAM = fileURLToPath(new URL("governed-process.mjs", import.meta.url));

const THRESHOLD_BYTES = 160 * MEBIBYTE;
const MAX_BYTES = 64 * MEBIBYTE;
const FLOOR_BYTES = 0.1 * MAX_BYTES;

/** Of about 8 KiB each: 46 MiB together. */
const COUNTS = { expiring: 500, cheap: 3_000, dear: 2_000 };
const EXPIRE_AFTER_MS = 61_000;

/** What the cache can give up before anything is refused: all but the floor. */
const GIVABLE_SHARE = (46 * MEBIBYTE - FLOOR_BYTES) / THRESHOLD_BYTES;

/** A small young generation, so that garbage grows old and V8 collects fully, again and again. */
const NODE_OPTIONS = ["--max-semi-space-size=1", "--max-old-space-size=600"];

interface Report {
  readonly type: "done" | "level";
  readonly level: MemoryLevel;
  readonly before: MemoryLevel;
  readonly stats: GovernorStats;
  readonly namespaces: Readonly<Record<string, { readonly hits: number; readonly misses: number }>>;
}

interface Governed {
  /** Does something, and tells how things stand then. */
  order(order: Readonly<Record<string, unknown>>): Promise<Report>;
  /** The next report that a level was entered or left that ends at this one. */
  level(level: MemoryLevel): Promise<Report>;
  readonly changes: string[];
  readonly child: ChildProcess;
}

async function start(): Promise<Governed> {
  const options = JSON.stringify({ thresholdBytes: THRESHOLD_BYTES, maxBytes: MAX_BYTES });
  const child = fork(PROGRAM, [options], { execArgv: NODE_OPTIONS });
  onTestFinished(() => void child.kill("SIGKILL"));
  const changes: string[] = [];
  const waiting = new Set<{
    readonly isIt: (report: Report) => boolean;
    readonly resolve: (report: Report) => void;
  }>();
  child.on("message", (report: Report) => {
    if (report.type === "level") changes.push(`${report.before} to ${report.level}`);
    for (const waiter of waiting) {
      if (!waiter.isIt(report)) continue;
      waiting.delete(waiter);
      waiter.resolve(report);
    }
  });
  const next = async (isIt: (report: Report) => boolean): Promise<Report> =>
    new Promise((resolve) => {
      waiting.add({ isIt, resolve });
    });
  await next(({ type }) => type === "done");
  return {
    changes,
    child,
    async order(order) {
      const done = next(({ type }) => type === "done");
      child.send(order);
      return done;
    },
    level: async (level) => next((report) => report.type === "level" && report.level === level),
  };
}

async function fillAndExpire({ order }: Pick<Governed, "order">): Promise<void> {
  await order({ type: "fill", counts: COUNTS });
  const { stats } = await order({ type: "pass", ms: EXPIRE_AFTER_MS });
  expect(stats.level).toBe(0);
  expect(entriesOf(stats)).toEqual(COUNTS);
}

function entriesOf({ tenants }: GovernorStats) {
  return Object.fromEntries(Object.keys(COUNTS).map((name) => [name, tenants[name]?.entries]));
}

/** Goes up to this share of the threshold at once, and comes back with what was told when the level was entered. */
async function enter(
  governed: Governed,
  { share, level }: { readonly share: number; readonly level: MemoryLevel },
) {
  const entered = governed.level(level);
  await governed.order({ type: "reach", bytes: share * THRESHOLD_BYTES });
  return entered;
}

/** Lets go of what was held, and sees the cache fill again, and answer from what it has. */
async function leave(governed: Governed): Promise<GovernorStats> {
  const left = governed.level(0);
  const released = await governed.order({ type: "release" });
  // Level 1 may have been left already, by what the cache gave up.
  if (released.stats.level !== 0) await left;
  await governed.order({ type: "fill", counts: COUNTS });
  const { namespaces: before } = await governed.order({ type: "look" });
  const { stats, namespaces: after } = await governed.order({ type: "fill", counts: COUNTS });
  expect(entriesOf(stats)).toEqual(COUNTS);
  expect((after["dear.local"]?.hits ?? 0) - (before["dear.local"]?.hits ?? 0)).toBe(COUNTS.dear);
  return stats;
}

describe("In a process under an allocation load", () => {
  it("level 1 takes what is expired and what is cheapest to have again, until enough is gone", async () => {
    const governed = await start();
    await fillAndExpire(governed);
    const { stats } = await enter(governed, { share: 0.78, level: 1 });
    const { relief, tenants } = stats;
    expect(relief[1]).toMatchObject({ entered: 1, left: 0, expiredEntries: COUNTS.expiring });
    expect(relief[1].entries).toBeGreaterThan(COUNTS.expiring);
    expect(tenants["expiring"]?.entries).toBe(0);
    expect(tenants["cheap"]?.entries).toBeLessThan(COUNTS.cheap);
    // What takes 5 ms to load, and not none, goes only when there is nothing cheaper any more.
    expect(tenants["cheap"]?.entries === 0 || tenants["dear"]?.entries === COUNTS.dear).toBe(true);
    // At 70 % it was entered, at 60 % it is left: a tenth at least had to go, and not all did.
    expect(relief[1].bytes).toBeGreaterThan(0.1 * THRESHOLD_BYTES);
    expect(stats.cacheBytes).toBeGreaterThan(FLOOR_BYTES);
    const { relief: after } = await leave(governed);
    expect(after[1]).toMatchObject({ entered: 1, left: 1 });
    expect(after[2].entered + after[3].entered).toBe(0);
  });

  it("level 2 shrinks the cache to its floor", async () => {
    const governed = await start();
    await fillAndExpire(governed);
    const { stats } = await enter(governed, { share: 0.92 + GIVABLE_SHARE, level: 2 });
    expect(stats.cacheBytes).toBeLessThanOrEqual(FLOOR_BYTES);
    expect(stats.cacheBytes).toBeGreaterThan(0.9 * FLOOR_BYTES);
    expect(stats.relief[2].bytes).toBeGreaterThan(0);
    const { relief } = await leave(governed);
    expect(governed.changes).toContain("2 to 1");
    expect(relief[2]).toMatchObject({ entered: 1, left: 1 });
    expect(relief[3].entered).toBe(0);
  });

  it("level 3 empties the cache", async () => {
    const governed = await start();
    await fillAndExpire(governed);
    const { stats } = await enter(governed, { share: 1.2 + GIVABLE_SHARE, level: 3 });
    expect(stats.cacheEntries).toBe(0);
    expect(stats.relief[3].bytes).toBeGreaterThan(0);
    const { relief } = await leave(governed);
    expect(governed.changes.slice(-3)).toEqual(["3 to 2", "2 to 1", "1 to 0"]);
    expect(relief[3]).toMatchObject({ entered: 1, left: 1 });
  });
});
