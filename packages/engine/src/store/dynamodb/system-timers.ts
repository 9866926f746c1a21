/** The machine's timers. None of them keeps a process alive. */
import { performance } from "node:perf_hooks";
import type { Timers } from "../../ports.js";

export const systemTimers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
