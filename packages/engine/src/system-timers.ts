/** The machine's timers: one kind for what may be forgotten when a process ends, one for what somebody waits for. */
import { performance } from "node:perf_hooks";
import type { Timers } from "./ports.js";

/** None of them keeps a process alive. */
export const systemTimers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * They keep a process alive: between two tries of a request there may be nothing else that does, and a program that copies
 * players or makes tables would end in the middle of it.
 */
export const holdingTimers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
