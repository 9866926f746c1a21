/** Requests that wait for the second tier: released when they have waited long enough, or when its silence says that they would wait in vain. */
import type { Timers } from "../../ports.js";

export interface AskingOptions {
  readonly timers: Timers;
  /** A request waits at most so long; after so much silence there is no answer to be expected. */
  readonly timeoutMs: number;
  /** After so much silence one goes on waiting, to find out; all others are released. */
  readonly patienceMs: number;
  readonly onSilence: () => void;
}

export interface Asking {
  /** Whoever waits from now on. Returns how to leave. */
  enter(release: () => void): () => void;
  /** There was an answer, to whomever. */
  answered(): void;
  /** Silent for a moment: not worth waiting for, except by the one who finds out. */
  isSuspect(): boolean;
  releaseAll(): void;
  readonly size: number;
}

interface Waiter {
  readonly startedAtMs: number;
  readonly release: () => void;
}

export function createAsking({ timers, timeoutMs, patienceMs, onSilence }: AskingOptions): Asking {
  /** The first to ask first. */
  const waiters = new Set<Waiter>();
  let answeredAtMs = -Infinity;
  let isSuspect = false;
  let isWatched = false;

  const release = (waiter: Waiter): void => {
    if (waiters.delete(waiter)) waiter.release();
  };

  const releaseBeyond = (keptCount: number): void => {
    for (const waiter of [...waiters].slice(keptCount)) release(waiter);
  };

  const watch = (): void => {
    const [first] = waiters;
    if (isWatched || first === undefined) return;
    const silentSinceMs = Math.max(first.startedAtMs, answeredAtMs);
    const dueMs = Math.min(
      silentSinceMs + (isSuspect ? timeoutMs : patienceMs),
      first.startedAtMs + timeoutMs,
    );
    isWatched = true;
    timers.after(Math.max(0, dueMs - timers.nowMs()), () => {
      // Timers come before sockets: where this process itself was late, the answers are there and were not read yet.
      timers.after(0, () => {
        isWatched = false;
        lookAround();
        watch();
      });
    });
  };

  const lookAround = (): void => {
    const [first] = waiters;
    if (first === undefined) return;
    const nowMs = timers.nowMs();
    const silentMs = nowMs - Math.max(first.startedAtMs, answeredAtMs);
    if (silentMs >= timeoutMs) onSilence();
    else if (silentMs >= patienceMs && !isSuspect) {
      isSuspect = true;
      releaseBeyond(1);
    }
    for (const waiter of waiters) {
      if (nowMs - waiter.startedAtMs < timeoutMs) break;
      release(waiter);
    }
  };

  return {
    enter(onRelease) {
      const waiter: Waiter = { startedAtMs: timers.nowMs(), release: onRelease };
      waiters.add(waiter);
      watch();
      return () => void waiters.delete(waiter);
    },
    answered() {
      answeredAtMs = timers.nowMs();
      isSuspect = false;
    },
    isSuspect: () => isSuspect,
    releaseAll() {
      isSuspect = false;
      releaseBeyond(0);
    },
    get size() {
      return waiters.size;
    },
  };
}
