/** The list of who was active last, on its way to the second tier. */
import { describe, expect, it } from "vitest";
import {
  createRecentPlayers,
  MAX_WAITING,
  RECENT_BATCH,
  RECENT_STEP_MS,
} from "../../../src/cache/warm-up/recent-players.js";

type Told = Parameters<Parameters<typeof createRecentPlayers>[0]["noteRecent"]>[0];

/** A second tier that fails those of its calls that are named, by number. */
function setUp({ failing = [] }: { readonly failing?: readonly number[] } = {}) {
  const calls: Told[] = [];
  const told = new Map<string, number>();
  const recent = createRecentPlayers({
    noteRecent: async (players) => {
      calls.push(players);
      if (failing.includes(calls.length)) throw new Error("away");
      for (const { key, atMs } of players) told.set(key, atMs);
    },
  });
  return { recent, calls, told };
}

describe("who was active", () => {
  it("is told once with the last instant, the order being that of the instants", async () => {
    const { recent, calls } = setUp();
    recent.noteActive("ada", 1_000);
    recent.noteActive("bob", 2_000);
    recent.noteActive("ada", 1_000 + RECENT_STEP_MS);
    expect(await recent.flush()).toBe(true);
    expect(calls).toEqual([
      [
        { key: "bob", atMs: 2_000 },
        { key: "ada", atMs: 1_000 + RECENT_STEP_MS },
      ],
    ]);
    expect(await recent.flush()).toBe(true);
    expect(calls).toHaveLength(1);
  });

  it("travels in batches", async () => {
    const { recent, calls } = setUp();
    for (let index = 0; index < RECENT_BATCH + 1; index += 1) recent.noteActive(`player-${index}`, index);
    await recent.flush();
    expect(calls.map(({ length }) => length)).toEqual([RECENT_BATCH, 1]);
  });

  it("waits for the next time when the second tier doesn't take it, unless there is something newer", async () => {
    const { recent, calls, told } = setUp({ failing: [2] });
    for (let index = 0; index < RECENT_BATCH + 2; index += 1) recent.noteActive(`player-${index}`, 0);
    const flushing = recent.flush();
    recent.noteActive(`player-${RECENT_BATCH}`, 99_000);
    expect(await flushing).toBe(false);
    expect(recent.size()).toBe(2);
    expect(await recent.flush()).toBe(true);
    expect(calls.at(-1)).toEqual([
      { key: `player-${RECENT_BATCH + 1}`, atMs: 0 },
      { key: `player-${RECENT_BATCH}`, atMs: 99_000 },
    ]);
    expect(told.size).toBe(RECENT_BATCH + 2);
    expect(told.get(`player-${RECENT_BATCH}`)).toBe(99_000);
    expect(told.get(`player-${RECENT_BATCH + 1}`)).toBe(0);
  });

  it("is kept for so many, those who were active last", async () => {
    const { recent, told } = setUp({ failing: [1] });
    for (let index = 0; index < MAX_WAITING + 5; index += 1) recent.noteActive(`player-${index}`, index);
    expect(recent.size()).toBe(MAX_WAITING);
    const flushing = recent.flush();
    recent.noteActive("newcomer", MAX_WAITING + 5);
    await flushing;
    expect(recent.size()).toBe(MAX_WAITING);
    await recent.flush();
    expect(told.has("player-5")).toBe(false);
    expect(told.has("player-6")).toBe(true);
    expect(told.has("newcomer")).toBe(true);
  });

  it("is flushed by one at a time", async () => {
    const { recent, calls } = setUp();
    recent.noteActive("ada", 0);
    const first = recent.flush();
    recent.noteActive("bob", 0);
    expect(await recent.flush()).toBe(false);
    expect(await first).toBe(true);
    expect(calls).toHaveLength(1);
    expect(recent.size()).toBe(1);
  });
});
