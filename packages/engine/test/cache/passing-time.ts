/** Time that passes on a clock of the test's own, with room for what is under way to go on. */
import type { ManualClock } from "../../src/testing/index.js";

/** Turns that a call may take until all that follows from it has happened. */
const TURNS = 100;

/** Shorter than anybody waits for an answer: nothing seems silent for the clock's own leaps. */
const STEP_MS = 5;

export async function pass(clock: ManualClock, byMs: number, stepMs = STEP_MS): Promise<void> {
  await turns();
  for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
    clock.advance(stepMs);
    await turns();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
}
