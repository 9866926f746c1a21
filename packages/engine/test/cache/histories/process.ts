/** A process of the simulation: it has clocks and timers of its own, can be frozen, and dies without a word. */
import type { Clock, Timers } from "../../../src/ports.js";
import type { World } from "./world.js";

export interface SimulatedProcess {
  readonly name: string;
  readonly timers: Timers;
  readonly clock: Clock;
  isAlive(): boolean;
  isFrozen(): boolean;
  /** Something reaches the process after so long: never, if it has died by then; when it goes on, if it is frozen. */
  deliver(delayMs: number, run: () => void): void;
  /** Nothing of it runs for so long. What came meanwhile comes then. */
  freeze(forMs: number): void;
  /** Nothing of it ever runs again. */
  kill(): void;
  /** What there is to do for others when it dies. Returns how to call it off. */
  onDeath(run: () => void): () => void;
  /** How long it was frozen so far. */
  frozenMs(): number;
}

export interface ProcessOptions {
  readonly world: World;
  readonly name: string;
  /** Where its clocks stand when the world begins. They mean nothing to anybody else. */
  readonly clockMs: number;
  readonly timersMs: number;
  /** After it was frozen: do its timers come first, or what has come over the network? */
  readonly areTimersFirst: boolean;
}

/** How much later the second kind comes, after a process was frozen. */
const SECOND_MS = 0.001;

export function createProcess(options: ProcessOptions): SimulatedProcess {
  const { world, name, clockMs, timersMs, areTimersFirst } = options;
  const mourners = new Set<() => void>();
  let isAlive = true;
  let frozenUntilMs = 0;
  let frozenMs = 0;
  const isFrozen = () => world.nowMs() < frozenUntilMs;
  /** Calls it off when it is told to. */
  const come = (delayMs: number, { isSecond, run }: { isSecond: boolean; run: () => void }): (() => void) => {
    const arrive = () => {
      if (!isAlive) return;
      if (isFrozen()) {
        callOff = world.after(frozenUntilMs - world.nowMs() + (isSecond ? SECOND_MS : 0), arrive);
        return;
      }
      run();
    };
    let callOff = world.after(delayMs, arrive);
    return () => callOff();
  };
  return {
    name,
    clock: { nowMs: () => Math.floor(clockMs + world.nowMs()) },
    timers: {
      nowMs: () => timersMs + world.nowMs(),
      // Timers of Node.js count whole milliseconds.
      after: (delayMs, run) => come(Math.max(1, Math.ceil(delayMs)), { isSecond: !areTimersFirst, run }),
    },
    isAlive: () => isAlive,
    isFrozen,
    deliver(delayMs, run) {
      come(delayMs, { isSecond: areTimersFirst, run });
    },
    freeze(forMs) {
      const untilMs = Math.max(frozenUntilMs, Math.ceil((world.nowMs() + forMs) * 1000) / 1000);
      frozenMs += untilMs - Math.max(frozenUntilMs, world.nowMs());
      frozenUntilMs = untilMs;
    },
    kill() {
      if (!isAlive) return;
      isAlive = false;
      for (const mourn of mourners) mourn();
      mourners.clear();
    },
    onDeath(run) {
      mourners.add(run);
      return () => {
        mourners.delete(run);
      };
    },
    frozenMs: () => frozenMs,
  };
}
