/** Work that no request waits for: counted, bounded, waited for at the end, and told of when it fails. */
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { Telemetry } from "../ports.js";

/** So much may be under way. */
export const MAX_BACKGROUND = 10_000;

export interface Background {
  /** Starts the work, unless too much is under way. Its failure is noted under this name, and harms nobody. */
  run(name: string, work: () => Promise<unknown>): void;
  inFlight(): number;
  /** Resolves when nothing is under way. */
  done(): Promise<void>;
}

export function createBackground(telemetry: Telemetry): Background {
  const underWay = new Set<Promise<void>>();
  const note = (name: string, error: unknown): void => {
    telemetry.note("warn", "Work in the background failed.", {
      name,
      code: isMainspringError(error) ? error.code : "INTERNAL",
      error: error instanceof Error ? error.message : "unknown",
    });
  };
  return {
    run(name, work) {
      if (underWay.size >= MAX_BACKGROUND) {
        note(name, new MainspringError("OVERLOADED", "Too much is under way in the background."));
        return;
      }
      const running: Promise<void> = work()
        .then(
          () => undefined,
          (error: unknown) => note(name, error),
        )
        .finally(() => underWay.delete(running));
      underWay.add(running);
    },
    inFlight: () => underWay.size,
    async done() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
