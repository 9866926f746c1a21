/** Snapshots on their way to the history. Nobody waits for them, and what can't be written now is tried again when the table answers. */
import { isMainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";
import { createDelayLine } from "./delay-line.js";
import type { HistoryWrites } from "./history-writes.js";
import type { Item } from "./item-size.js";

/** What couldn't be written is tried again after so long. */
const AGAIN_MS = 30_000;

/** So many wait for another try at most: of the largest records 80 MB. What comes then is lost, and told. */
const MAX_WAITING = 200;

export interface SnapshotWrites {
  /** @param items repeated without harm */
  put(items: readonly Item[]): void;
  /** @throws MainspringError when one could not be written; it goes on waiting, unless it never will be or there is no room: that is told once */
  flush(): Promise<void>;
}

export interface SnapshotWritesOptions {
  readonly writes: HistoryWrites;
  readonly timers: Timers;
}

export function createSnapshotWrites({ writes, timers }: SnapshotWritesOptions): SnapshotWrites {
  let lost: unknown;
  const write = async (item: Item, urgency: "now" | "bulk"): Promise<void> => {
    try {
      await writes.put(item, urgency);
    } catch (error) {
      const key = keyOf(item);
      if (mayComeRight(error)) line.addAgain(key, item);
      if (line.get(key) === undefined) lost ??= error;
      throw error;
    }
  };
  const inBulk = (item: Item): void => {
    // It goes on waiting, or is lost, and whoever asks with flush() is told.
    write(item, "bulk").catch(() => undefined);
  };
  const line = createDelayLine<Item>({
    timers,
    delayMs: AGAIN_MS,
    maxWaiting: MAX_WAITING,
    letGo: (_key, item) => inBulk(item),
  });
  return {
    put: (items) => items.forEach(inBulk),
    async flush() {
      // What is on its way may fail, and is tried once more then.
      await writes.flush();
      const again = line.entries().map(async ([key, item]) => {
        line.take(key);
        await write(item, "now");
      });
      const results = await Promise.allSettled(again);
      const found = lost;
      lost = undefined;
      if (found !== undefined) throw found as Error;
      for (const result of results) if (result.status === "rejected") throw result.reason as Error;
    },
  };
}

function mayComeRight(error: unknown): boolean {
  return isMainspringError(error) && (error.code === "STORE_UNAVAILABLE" || error.code === "OVERLOADED");
}

function keyOf({ p, k }: Item): string {
  return `${p?.S} ${k?.S}`;
}
