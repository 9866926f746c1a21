/** Snapshots on their way to the history. Nobody waits for them, and what can't be written now is tried again when the table answers. */
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";
import { createDelayLine } from "./delay-line.js";
import type { HistoryWrites } from "./history-writes.js";
import type { Item } from "./item-size.js";

/** What couldn't be written is tried again after so long. */
const AGAIN_MS = 30_000;

/** So many wait for another try at most: of the largest records 80 MB. What comes then is lost, and told. */
const MAX_WAITING = 200;

const WAITING = "Snapshots can't be written now.";

export interface SnapshotWrites {
  /** @param items repeated without harm */
  put(items: readonly Item[]): void;
  /** @throws MainspringError when one could not be written: it goes on waiting; or when one is lost, since it never can be, or there was no room */
  flush(): Promise<void>;
  /** Nothing is tried again from now on. */
  close(): void;
}

export interface SnapshotWritesOptions {
  readonly writes: HistoryWrites;
  readonly timers: Timers;
}

export function createSnapshotWrites({ writes, timers }: SnapshotWritesOptions): SnapshotWrites {
  const underWay = new Set<Promise<void>>();
  let isClosed = false;
  let lost: unknown;

  const write = async (item: Item, urgency: "now" | "bulk"): Promise<void> => {
    try {
      await writes.put(item, urgency);
    } catch (error) {
      const key = keyOf(item);
      if (mayComeRight(error) && !isClosed) line.addAgain(key, item);
      if (line.get(key) === undefined) lost ??= error;
    }
  };
  const send = (item: Item, urgency: "now" | "bulk"): void => {
    const writing: Promise<void> = write(item, urgency).finally(() => underWay.delete(writing));
    underWay.add(writing);
  };
  /** Until all that is under way now has been answered; what lingers leaves. */
  const answered = async (): Promise<void> => {
    const given = [...underWay];
    await writes.flush();
    await Promise.all(given);
  };
  const line = createDelayLine<Item>({
    timers,
    delayMs: AGAIN_MS,
    maxWaiting: MAX_WAITING,
    letGo: (_key, item) => send(item, "bulk"),
  });

  return {
    put(items) {
      for (const item of items) send(item, "bulk");
    },
    async flush() {
      await answered();
      for (const [key, item] of line.entries()) {
        line.take(key);
        send(item, "now");
      }
      // Those of another flush, and those whose time has just come, are under way as well.
      await answered();
      const found = lost;
      lost = undefined;
      if (found !== undefined) throw found as Error;
      if (line.entries().length > 0) throw new MainspringError("STORE_UNAVAILABLE", WAITING);
    },
    close() {
      isClosed = true;
      for (const [key] of line.entries()) line.take(key);
    },
  };
}

function mayComeRight(error: unknown): boolean {
  return isMainspringError(error) && (error.code === "STORE_UNAVAILABLE" || error.code === "OVERLOADED");
}

function keyOf({ p, k }: Item): string {
  return `${p?.S} ${k?.S}`;
}
