/** A timer that is set or not: setting it again changes nothing until it has rung. */
import type { Timers } from "../ports.js";

export interface Alarm {
  isSet(): boolean;
  set(delayMs: number): void;
  clear(): void;
}

export function createAlarm(timers: Timers, ring: () => void): Alarm {
  let cancel: (() => void) | undefined;
  return {
    isSet: () => cancel !== undefined,
    set(delayMs) {
      cancel ??= timers.after(delayMs, () => {
        cancel = undefined;
        ring();
      });
    },
    clear() {
      cancel?.();
      cancel = undefined;
    },
  };
}
