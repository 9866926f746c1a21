/** Those who want to know of commits. */
import type { PlayerChange } from "../engine.js";
import type { Telemetry } from "../ports.js";

export interface Listeners {
  readonly publish: (change: PlayerChange) => void;
  readonly subscribe: (listener: (change: PlayerChange) => void) => () => void;
}

/** A listener that throws is noted, and harms no other. */
export function createListeners(telemetry: Telemetry): Listeners {
  const listeners = new Set<(change: PlayerChange) => void>();
  return {
    publish(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          telemetry.note("error", "A listener threw.", {
            error: error instanceof Error ? error.message : "unknown",
          });
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
