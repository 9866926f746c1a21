/**
 * What was acknowledged, and what any reader saw, survives a power cut.
 *
 * A process commits under load while strace records what it writes and when it flushes. From that the data file is put
 * together as a power cut at some moment would have left it: with what was flushed by then, and with none, some or all
 * of the sectors that were not. The store must open, and hold every commit that was acknowledged, and every version that
 * a reader had seen, by that moment. To show that this can fail, the same check runs on a store that never flushes, and
 * on one that publishes before it flushes, as lmdb does by default.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Durability } from "../../src/store/lmdb/environment.js";
import { openLmdbStore } from "../../src/store/lmdb/index.js";
import { type History, historyOf, type Said } from "./power-cut.js";
import { type SeededRandom, seededRandom } from "./seeded-random.js";
import { bytesIn, readCalls, runTraced, type SystemCall } from "./system-calls.js";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.js";

const SCRIPT = fileURLToPath(new URL("player-load.mjs", import.meta.url));
const PLAYER_COUNT = 8;
const COMMIT_COUNT = 20;
const INCARNATION = 1_700_000_000_000;
const CUT_COUNT = 100;
/** Flushes, and writes that flush, take longer than the disk needs: the reader has time to look meanwhile. */
const SLOW_FLUSHES = ["-e", "inject=fdatasync:delay_enter=5000", "-e", "inject=pwrite64:delay_exit=2000"];
/** Of the sectors that were not flushed. */
const KEPT_SHARES = [0, 0.1, 0.5, 0.9, 1];

let temporary: TemporaryFolder;

beforeAll(() => {
  temporary = temporaryFolder();
});

afterAll(() => {
  temporary.remove();
});

interface Run {
  /** The data file before. */
  readonly base: Buffer;
  readonly history: History;
}

/** Runs the load on a store that already has something in it. */
async function runLoad(durability: Durability): Promise<Run> {
  const folder = join(temporary.path, durability);
  const first = await openLmdbStore({ folder });
  await first.close();
  const dataPath = join(folder, "store", "data.mdb");
  const base = readFileSync(dataPath);
  const logPath = join(temporary.path, `${durability}.log`);
  const options = {
    folder,
    durability,
    playerCount: PLAYER_COUNT,
    commitCount: COMMIT_COUNT,
    hasReader: true,
  };
  const { exitCode, errors, output } = await runTraced({
    script: SCRIPT,
    argument: JSON.stringify(options),
    logPath,
    straceOptions: SLOW_FLUSHES,
  });
  expect({ exitCode, errors, last: output.at(-1) }).toEqual({ exitCode: 0, errors: "", last: "done" });
  return { base, history: historyOf(await readCalls(logPath), dataPath) };
}

interface Cut {
  readonly moment: number;
  /** How likely a sector that was not flushed is there, from 0 to 1. */
  readonly keptShare: number;
}

/** @returns what was lost, in words; empty if nothing */
async function lossesOf(
  { base, history }: Run,
  { moment, keptShare }: Cut,
  random: SeededRandom,
): Promise<string[]> {
  const folder = join(temporary.path, "after-the-cut");
  mkdirSync(join(folder, "store"), { recursive: true });
  const image = history.imageAt(moment, base, () => random.fraction() < keptShare);
  writeFileSync(join(folder, "store", "data.mdb"), image);
  const store = await openLmdbStore({ folder }).catch((error: unknown) => String(error));
  if (typeof store === "string") return [`At ${moment} the store did not open: ${store}`];
  try {
    const losses: string[] = [];
    for (const { word, playerId, version } of greatestOf(history.said, moment)) {
      const [found] = await store.read([playerId]);
      const stored = found?.version ?? 0;
      if (stored < version)
        losses.push(`At ${moment}: ${word} ${playerId} ${version}, but ${stored} is there`);
      const query = { playerId, incarnation: INCARNATION, afterNumber: 0, limit: COMMIT_COUNT + 1 };
      const events = await store.readEvents(query);
      if (events.length !== stored)
        losses.push(`At ${moment}: ${playerId} ${stored} has ${events.length} events`);
      if (found?.bytes.some((byte) => byte !== stored % 256) === true) losses.push(`${playerId} is garbled`);
    }
    return losses;
  } finally {
    await store.close();
  }
}

/** The greatest version of each player that was acknowledged, and that was seen, before a moment. */
function greatestOf(said: readonly Said[], moment: number): readonly Said[] {
  const greatest = new Map<string, Said>();
  for (const line of said) {
    if (line.at < moment && ["ack", "saw"].includes(line.word))
      greatest.set(`${line.word} ${line.playerId}`, line);
  }
  return [...greatest.values()];
}

/** Cuts at moments of every kind, any and where it is tightest, with any share of what was not flushed. */
function drawCuts(history: History, random: SeededRandom): readonly Cut[] {
  return Array.from({ length: CUT_COUNT }, (_, index) => {
    const anyMoment = random.integer(history.endsAt + 1);
    const tight = history.moments[random.integer(history.moments.length)] ?? anyMoment;
    return {
      moment: index % 4 === 0 ? anyMoment : tight,
      keptShare: KEPT_SHARES[index % KEPT_SHARES.length] ?? 0,
    };
  });
}

/**
 * Cuts at every moment at which something was just acknowledged or seen, that keep nothing that was not flushed: a file
 * with parts missing where nothing was flushed in order could end the process that opens it.
 */
function cutsAfterEachWord({ said }: History): readonly Cut[] {
  return said.map(({ at }) => ({ moment: at + 1, keptShare: 0 }));
}

describe("a power cut", () => {
  it("takes nothing that was acknowledged and nothing that a reader saw", async () => {
    const random = seededRandom("a power cut");
    const run = await runLoad("flushed");
    const acknowledged = run.history.said.filter(({ word }) => word === "ack");
    expect(acknowledged).toHaveLength(PLAYER_COUNT * COMMIT_COUNT);
    expect(run.history.said.some(({ word }) => word === "saw")).toBe(true);
    for (const cut of [...drawCuts(run.history, random), ...cutsAfterEachWord(run.history)]) {
      expect(await lossesOf(run, cut, random)).toEqual([]);
    }
  });

  for (const { durability, word, what } of [
    { durability: "never", word: "ack", what: "acknowledged from a store that never flushes" },
    { durability: "overlapping", word: "saw", what: "seen in a store that publishes before it flushes" },
  ] as const) {
    it(`would take what was ${what}, and this test would find it`, async () => {
      const random = seededRandom(`a power cut, flushes: ${durability}`);
      const run = await runLoad(durability);
      const losses: string[] = [];
      for (const cut of cutsAfterEachWord(run.history)) losses.push(...(await lossesOf(run, cut, random)));
      expect(losses.filter((loss) => loss.includes(`: ${word} `)).length).toBeGreaterThan(0);
    });
  }
});

describe("a new data folder", () => {
  it("gets its store whole: flushed before it has its name, and its name flushed before anything is acknowledged", async () => {
    const folder = join(temporary.path, "new", "data");
    const logPath = join(temporary.path, "new.log");
    const options = { folder, playerCount: 1, commitCount: 1 };
    await runTraced({ script: SCRIPT, argument: JSON.stringify(options), logPath });
    const calls = await readCalls(logPath);

    const named = calls.find(({ name }) => name === "rename");
    const [from, to] = (named?.argumentText ?? "").split(", ").map((text) => bytesIn(text).toString());
    expect(to).toBe(join(folder, "store"));
    const aside = String(from);
    const before = calls.slice(0, calls.indexOf(named as SystemCall));
    const after = calls.slice(calls.indexOf(named as SystemCall) + 1);

    // Everything that was written aside is durable at the moment of the rename, and so is the file's own name.
    const nothing = Buffer.alloc(0);
    const history = historyOf(before, join(aside, "data.mdb"));
    const kept = history.imageAt(history.endsAt, nothing, () => false);
    expect(kept.equals(history.imageAt(history.endsAt, nothing, () => true))).toBe(true);
    expect(kept.length).toBeGreaterThan(0);
    expect(flushedFolders(before)).toContain(aside);
    // The folder that was made, up to the one that was there.
    expect(flushedFolders(before)).toEqual(
      expect.arrayContaining([folder, join(folder, ".."), temporary.path]),
    );

    const answer = after.findIndex(
      ({ name, argumentText }) => name === "write" && isAcknowledgement(argumentText),
    );
    expect(answer).toBeGreaterThan(0);
    expect(flushedFolders(after.slice(0, answer))).toContain(folder);
  });

  it("is made anew where a starter was cut off in the middle", async () => {
    const folder = join(temporary.path, "cut-off");
    const unfinished = join(folder, ".new-0123456789abcdef");
    mkdirSync(unfinished, { recursive: true });
    copyFileSync(SCRIPT, join(unfinished, "data.mdb"));
    const store = await openLmdbStore({ folder });
    expect(await store.read(["ada"])).toEqual([null]);
    await store.close();
  });
});

function isAcknowledgement(argumentText: string): boolean {
  return argumentText.startsWith("1,") && bytesIn(argumentText).toString().startsWith("ack");
}

function flushedFolders(calls: readonly SystemCall[]): readonly string[] {
  const paths = new Map<number, string>();
  const flushed: string[] = [];
  for (const { name, argumentText, result } of calls) {
    if (name === "openat") paths.set(Number.parseInt(result, 10), bytesIn(argumentText).toString());
    const path = paths.get(Number.parseInt(argumentText, 10));
    if (name === "fsync" && path !== undefined) flushed.push(path);
  }
  return flushed;
}
