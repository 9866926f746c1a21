/** What may wait for a while, by key, in the order in which it came; one timer lets go of what has waited long enough. */
import type { Timers } from "../../ports.js";

export interface DelayLineOptions<T> {
  readonly timers: Timers;
  readonly delayMs: number;
  /** Past it, the one who waited longest is let go at once. */
  readonly maxWaiting: number;
  readonly letGo: (key: string, value: T) => void;
}

export interface DelayLine<T> {
  /** Puts a value in, or in the place of the one of this key: it waits no longer for being changed. */
  add(key: string, value: T): void;
  /** The same, but gives up where the line is full: for what was let go before and has nowhere to go. */
  addAgain(key: string, value: T): void;
  get(key: string): T | undefined;
  take(key: string): T | undefined;
  entries(): readonly (readonly [key: string, value: T])[];
}

export function createDelayLine<T>(options: DelayLineOptions<T>): DelayLine<T> {
  const { timers, delayMs, maxWaiting, letGo } = options;
  const waiting = new Map<string, { readonly value: T; readonly dueMs: number }>();
  let hasTimer = false;

  const letGoOfDue = (): void => {
    hasTimer = false;
    for (const [key, { value, dueMs }] of waiting) {
      if (dueMs > timers.nowMs()) break;
      waiting.delete(key);
      letGo(key, value);
    }
    setTimer();
  };
  const setTimer = (): void => {
    const [first] = waiting.values();
    if (hasTimer || first === undefined) return;
    hasTimer = true;
    timers.after(Math.max(0, first.dueMs - timers.nowMs()), letGoOfDue);
  };
  const add = (key: string, value: T): void => {
    const dueMs = waiting.get(key)?.dueMs ?? timers.nowMs() + delayMs;
    waiting.set(key, { value, dueMs });
    setTimer();
  };
  return {
    add(key, value) {
      add(key, value);
      const [first] = waiting.size > maxWaiting ? waiting : [];
      if (first === undefined) return;
      waiting.delete(first[0]);
      letGo(first[0], first[1].value);
    },
    addAgain(key, value) {
      if (waiting.size < maxWaiting) add(key, value);
    },
    get: (key) => waiting.get(key)?.value,
    take(key) {
      const value = waiting.get(key)?.value;
      waiting.delete(key);
      return value;
    },
    entries: () => [...waiting].map(([key, { value }]) => [key, value] as const),
  };
}
