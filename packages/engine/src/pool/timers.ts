/** The real timers. None of them keeps a process alive. */
import { performance } from "node:perf_hooks";

/** Timers of whoever waits: monotonic, and free to be moved by a test. */
export interface Timers {
  /** Milliseconds since some start; never goes back. */
  nowMs(): number;
  /** Runs something once, after so long. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
