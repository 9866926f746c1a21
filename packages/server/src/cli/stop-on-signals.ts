/** SIGTERM and SIGINT end the server in order; a second one ends it at once. */
import { constants } from "node:os";

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** As shells count it: 128 and the signal's number. */
const SIGNAL_EXIT = 128;

/** A second signal sooner than this is the first one once more: npm passes on what the terminal has sent to all already. */
const ECHO_MS = 500;

export interface StopOptions {
  /** One after the other. */
  readonly steps: readonly (() => Promise<void>)[];
  /** All of them together; then the process ends anyway, with 1. */
  readonly timeoutMs: number;
  readonly print: (line: string) => void;
}

export function stopOnSignals({ steps, timeoutMs, print }: StopOptions): void {
  let stoppingSinceMs: number | null = null;
  const stop = async (): Promise<void> => {
    for (const step of steps) await step();
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stoppingSinceMs !== null) {
        if (performance.now() - stoppingSinceMs < ECHO_MS) return;
        process.exit(SIGNAL_EXIT + constants.signals[signal]);
      }
      stoppingSinceMs = performance.now();
      print("Shutting down: requests under way are finished first. Once more ends it at once.");
      setTimeout(() => process.exit(1), timeoutMs).unref();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          print(`It did not end in order: ${error instanceof Error ? error.message : String(error)}`);
          process.exit(1);
        },
      );
    });
  }
}
