/** Marks on their way to the history: of each incarnation only the latest counts, so they gather for a while and are written in bulk. */
import type { Mark, PlayerIncarnation, Timers } from "../../ports.js";
import { createDelayLine } from "./delay-line.js";
import { markKey } from "./history-keys.js";
import type { HistoryWrites } from "./history-writes.js";

/** So many marks gather at most; past it the one that waited longest goes at once. */
const MAX_WAITING_MARKS = 100_000;

export interface Marks {
  add(player: PlayerIncarnation, mark: Mark): void;
  /** What has not been written yet. */
  waiting(player: PlayerIncarnation): Mark | null;
  /** @throws MainspringError when a mark could not be written; it goes on waiting */
  flush(): Promise<void>;
}

export interface MarksOptions {
  readonly writes: HistoryWrites;
  readonly timers: Timers;
  readonly delayMs: number;
  /** The expiry of what is written now, in seconds. */
  readonly expirySeconds: () => string;
}

interface WaitingMark {
  readonly player: PlayerIncarnation;
  readonly mark: Mark;
}

export function createMarks({ writes, timers, delayMs, expirySeconds }: MarksOptions): Marks {
  /** The latest of each key that was sent, while it is under way. */
  const underWay = new Map<string, WaitingMark>();
  const write = async (key: string, waiting: WaitingMark, urgency: "now" | "bulk"): Promise<void> => {
    const { player, mark } = waiting;
    underWay.set(key, waiting);
    const item = {
      p: { S: player.playerId },
      k: { S: markKey(player.incarnation) },
      v: { N: String(mark.version) },
      b: { B: mark.bytes },
      x: { N: expirySeconds() },
    };
    try {
      await writes.put(item, urgency);
    } catch (error) {
      // Unless a later one waits or was sent, it tries again when its time comes once more.
      if (line.get(key) === undefined && underWay.get(key) === waiting) line.addAgain(key, waiting);
      throw error;
    } finally {
      if (underWay.get(key) === waiting) underWay.delete(key);
    }
  };
  const line = createDelayLine<WaitingMark>({
    timers,
    delayMs,
    maxWaiting: MAX_WAITING_MARKS,
    letGo(key, waiting) {
      // It goes on waiting, and whoever asks with flush() is told.
      write(key, waiting, "bulk").catch(() => undefined);
    },
  });
  return {
    add: (player, mark) => line.add(keyOf(player), { player, mark }),
    waiting: (player) => line.get(keyOf(player))?.mark ?? null,
    async flush() {
      const written = line.entries().map(async ([key, waiting]) => {
        line.take(key);
        await write(key, waiting, "now");
      });
      const settled = Promise.allSettled(written);
      await writes.flush();
      for (const result of await settled) if (result.status === "rejected") throw result.reason as Error;
    },
  };
}

function keyOf({ playerId, incarnation }: PlayerIncarnation): string {
  return `${playerId} ${incarnation}`;
}
