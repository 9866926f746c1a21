/** Marks and events on their way to a history that is slow: the latest mark stays, and nothing piles up. */
import { describe, expect, it } from "vitest";
import { encodeChunk } from "../../../src/store/dynamodb/event-chunks.js";
import type { HistoryWrites } from "../../../src/store/dynamodb/history-writes.js";
import type { Item } from "../../../src/store/dynamodb/item-size.js";
import { createJournalMover } from "../../../src/store/dynamodb/journal-mover.js";
import { type KnownPlayer, knownChunk, newPlayer } from "../../../src/store/dynamodb/known-players.js";
import { createMarks } from "../../../src/store/dynamodb/marks.js";
import { createManualClock } from "../../../src/testing/index.js";
import { turns } from "../../support/gate.js";

interface Sent {
  readonly item: Item;
  readonly succeed: () => void;
  readonly fail: () => void;
}

/** A history whose answers the test gives. */
function slowHistory(): { readonly writes: HistoryWrites; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const writes: HistoryWrites = {
    put: async (item) =>
      new Promise((resolve, reject) => {
        sent.push({ item, succeed: resolve, fail: () => reject(new Error("throttled")) });
      }),
    flush: async () => undefined,
    hurry: () => undefined,
    close: async () => undefined,
    pending: () => sent.length,
  };
  return { writes, sent };
}

const ADA = { playerId: "ada", incarnation: 1 };

describe("marks", () => {
  async function twoUnderWay() {
    const clock = createManualClock();
    const { writes, sent } = slowHistory();
    const marks = createMarks({ writes, timers: clock, delayMs: 100, expirySeconds: () => "9" });
    for (const version of [5, 6]) {
      marks.add(ADA, { version, bytes: Uint8Array.of(version) });
      clock.advance(101);
      await turns();
    }
    expect(sent.map(({ item }) => item["v"]?.N)).toEqual(["5", "6"]);
    const again = async (): Promise<readonly (string | undefined)[]> => {
      await turns();
      clock.advance(1_000);
      await turns();
      return sent.slice(2).map(({ item }) => item["v"]?.N);
    };
    return { sent, again };
  }

  it.each(["before", "after"])(
    "that fail %s a later one is written are not written over it",
    async (when) => {
      const { sent, again } = await twoUnderWay();
      const [five, six] = sent;
      if (when === "after") six?.succeed();
      await turns();
      five?.fail();
      await turns();
      if (when === "before") six?.succeed();
      expect(await again()).toEqual([]);
    },
  );

  it("that fail as the latest are tried again", async () => {
    const { sent, again } = await twoUnderWay();
    sent[0]?.succeed();
    sent[1]?.fail();
    expect(await again()).toEqual(["6"]);
  });
});

describe("events on their way", () => {
  function playerWithEvents(): KnownPlayer {
    const entries = [{ number: 1, bytes: new Uint8Array(1_000) }];
    const content = { atMs: Date.now(), entries };
    const value = encodeChunk(content);
    const chunk = { name: "e1_1", incarnation: 1, firstNumber: 1, eventCount: 1, value, content };
    return { ...newPlayer("ada"), incarnation: 1, version: 1, chunks: [knownChunk(chunk, null)] };
  }

  it("are sent once, however many commits come while the history takes its time, and again if it refuses", async () => {
    const clock = createManualClock(Date.now());
    const { writes, sent } = slowHistory();
    const mover = createJournalMover({
      writes,
      timers: clock,
      clock,
      delayMs: 1_000,
      retentionMs: 86_400_000,
      readParts: async () => [],
    });
    const player = playerWithEvents();
    for (let commit = 0; commit < 1_000; commit += 1) mover.schedule(player);
    await turns();
    expect(sent).toHaveLength(1);
    sent[0]?.fail();
    await turns();
    // Whoever had waited for the first try would be here at once.
    expect(sent).toHaveLength(1);
    clock.advance(1_001);
    await turns();
    expect(sent).toHaveLength(2);
    sent[1]?.succeed();
    await turns();
    expect(mover.unsavedEvents()).toBe(0);
  });
});
