/** Work that no request waits for: counted, bounded, waited for at the end, and told of when it fails. */
import { setImmediate } from "node:timers";
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { Telemetry } from "../ports.js";

/** So much may be under way. */
export const MAX_BACKGROUND = 10_000;

export interface Background {
  /** Starts the work, unless too much is under way: then `false`. Its failure is noted under this name, and harms nobody. */
  run(name: string, work: () => Promise<unknown>): boolean;
  inFlight(): number;
  /**
   * Resolves when nothing is under way.
   * @param hurry makes what the work waits for come sooner, such as a store's `flush`
   */
  done(hurry: () => Promise<void>): Promise<void>;
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
        return false;
      }
      const running: Promise<void> = work()
        .then(
          () => undefined,
          (error: unknown) => note(name, error),
        )
        .finally(() => underWay.delete(running));
      underWay.add(running);
      return true;
    },
    inFlight: () => underWay.size,
    async done(hurry) {
      // Some of it may still be on its way to where it can be hurried.
      while (underWay.size > 0) {
        await hurry().catch((error: unknown) => note("flush", error));
        await Promise.race([Promise.all(underWay), nextTurn()]);
      }
    },
  };
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
