/** Waiting between two tries: a time drawn from nothing to a bound that doubles, so that those who wait don't come back together. */
import type { Timers } from "../../ports.js";

const BASE_DELAY_MS = 25;
const MAX_DELAY_MS = 1_000;

export interface Backoff {
  /** @param failureCount how many tries have failed so far, from 1 */
  wait(failureCount: number): Promise<void>;
}

export function createBackoff({
  timers,
  random,
}: {
  readonly timers: Timers;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}): Backoff {
  return {
    async wait(failureCount) {
      const boundMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (failureCount - 1));
      await new Promise<void>((resolve) => {
        timers.after(random() * boundMs, resolve);
      });
    },
  };
}
