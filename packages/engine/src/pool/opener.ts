/** Opens connections, and after failures not too often. */
import type { Socket } from "node:net";
import { createAlarm } from "./alarm.js";
import { createSocketSource, type Opening } from "./open-socket.js";
import { reasonOf } from "./pool-errors.js";
import { type PoolSettings, REOPEN_AFTER_MAX_MS, REOPEN_AFTER_MS } from "./pool-options.js";

export interface Opener {
  open(): void;
  /** Openings that are neither done nor failed. */
  underWay(): number;
  /** Whether the next opening must wait because the last ones failed. */
  isPutOff(): boolean;
  /** A connection that was of no use counts as one that could not be opened. */
  noteFailure(reason: string): void;
  noteSuccess(): void;
  opened(): number;
  failures(): number;
  close(): void;
}

export interface OpenerOptions {
  readonly endpoint: URL;
  readonly settings: PoolSettings;
  readonly onOpen: (socket: Socket) => void;
  readonly onFailure: (reason: string, failuresInARow: number) => void;
  /** The time to try again has come. */
  readonly onRetry: () => void;
}

export function createOpener({ endpoint, settings, onOpen, onFailure, onRetry }: OpenerOptions): Opener {
  const { ca, timers, connectionTimeoutMs } = settings;
  const source = createSocketSource({ endpoint, ca, timers });
  const underWay = new Set<Opening>();
  const retry = createAlarm(timers, onRetry);
  let isClosed = false;
  let opened = 0;
  let failures = 0;
  let failuresInARow = 0;

  function noteFailure(reason: string): void {
    if (isClosed) return;
    failures += 1;
    // What failed together failed once.
    if (!retry.isSet()) {
      failuresInARow += 1;
      retry.set(Math.min(REOPEN_AFTER_MAX_MS, REOPEN_AFTER_MS * 2 ** (failuresInARow - 1)));
    }
    onFailure(reason, failuresInARow);
  }

  async function settle(opening: Opening): Promise<void> {
    try {
      const socket = await opening.socket;
      underWay.delete(opening);
      opened += 1;
      if (isClosed) socket.destroy();
      else onOpen(socket);
    } catch (error) {
      underWay.delete(opening);
      noteFailure(reasonOf(error));
    }
  }

  return {
    open() {
      retry.clear();
      const opening = source.open(connectionTimeoutMs);
      underWay.add(opening);
      void settle(opening);
    },
    underWay: () => underWay.size,
    isPutOff: () => retry.isSet(),
    noteFailure,
    noteSuccess() {
      failuresInARow = 0;
    },
    opened: () => opened,
    failures: () => failures,
    close() {
      isClosed = true;
      retry.clear();
      for (const opening of underWay) opening.cancel();
    },
  };
}
