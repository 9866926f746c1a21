/** Snapshots that can't be written at once: whoever asks with flush() is told the truth, whatever else goes on. */
import { MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import type { HistoryWrites } from "../../../src/store/dynamodb/history-writes.js";
import type { Item } from "../../../src/store/dynamodb/item-size.js";
import { createSnapshotWrites } from "../../../src/store/dynamodb/snapshot-writes.js";
import { createManualClock } from "../../../src/testing/index.js";

const AWAY = new MainspringError("STORE_UNAVAILABLE", "The table is away.");

function item(key: string): Item {
  return { p: { S: "ada" }, k: { S: key } };
}

/** Writes that are answered when the test says so. */
function open() {
  const clock = createManualClock();
  const durable = new Set<string>();
  const waiting: { readonly key: string; readonly answer: (error?: Error) => void }[] = [];
  const underWay = new Set<Promise<void>>();
  const writes: HistoryWrites = {
    async put({ k }) {
      const key = k?.S ?? "";
      const written = new Promise<void>((resolve, reject) => {
        waiting.push({
          key,
          answer(error) {
            if (error !== undefined) {
              reject(error);
              return;
            }
            durable.add(key);
            resolve();
          },
        });
      });
      underWay.add(written);
      await written;
    },
    async flush() {
      await Promise.allSettled(underWay);
    },
    hurry: () => undefined,
    close: async () => undefined,
    pending: () => 0,
  };
  const answerAll = async (error?: Error): Promise<void> => {
    for (const { answer } of waiting.splice(0)) answer(error);
    await turns();
  };
  return { clock, durable, waiting, answerAll, snapshots: createSnapshotWrites({ writes, timers: clock }) };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** How it has ended so far. */
function watch(flushed: Promise<void>) {
  const seen = { as: "waits" };
  flushed.then(
    () => (seen.as = "kept"),
    () => (seen.as = "not kept"),
  );
  return seen;
}

describe("a flush", () => {
  it("waits for what another flush is trying again", async () => {
    const { snapshots, durable, answerAll } = open();
    snapshots.put([item("1")]);
    await answerAll(AWAY);
    const [one, other] = [watch(snapshots.flush()), watch(snapshots.flush())];
    await turns();
    expect([one.as, other.as]).toEqual(["waits", "waits"]);
    await answerAll();
    expect([one.as, other.as, ...durable]).toEqual(["kept", "kept", "1"]);
  });

  it("waits for what is tried again in the meantime, since its time has come", async () => {
    const { clock, snapshots, waiting, answerAll } = open();
    snapshots.put([item("1")]);
    await answerAll(AWAY);
    snapshots.put([item("2")]);
    const flushed = watch(snapshots.flush());
    await turns();
    clock.advance(30_000);
    await turns();
    expect(waiting.map(({ key }) => key)).toEqual(["2", "1"]);
    waiting.shift()?.answer();
    await turns();
    expect(flushed.as).toBe("waits");
    await answerAll(AWAY);
    expect(flushed.as).toBe("not kept");
  });

  it("tells once of what can never be written", async () => {
    const { snapshots, answerAll } = open();
    snapshots.put([item("1")]);
    await answerAll(new MainspringError("RECORD_TOO_LARGE", "Too large."));
    await expect(snapshots.flush()).rejects.toThrow("Too large.");
    await snapshots.flush();
  });
});

describe("what couldn't be written", () => {
  it("is tried again each half minute, until the end", async () => {
    const { clock, snapshots, waiting, answerAll } = open();
    snapshots.put([item("1")]);
    for (let tries = 0; tries < 3; tries += 1) {
      await answerAll(AWAY);
      expect(waiting).toHaveLength(0);
      clock.advance(30_000);
      await turns();
      expect(waiting).toHaveLength(1);
    }
    await answerAll(AWAY);
    snapshots.close();
    clock.advance(60_000);
    await turns();
    expect(waiting).toHaveLength(0);
  });
});
