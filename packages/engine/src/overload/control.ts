/** Looks at what happened ten times a second, and says how much room there is for each priority until the next time. */
import type { MemoryLevel, Telemetry, Timers } from "../ports.js";
import type { Accounts } from "./accounts.js";
import { createDegradation, type Degradation } from "./degradation.js";
import { createGradient } from "./gradient.js";
import type { RequestPriority } from "./overload-limit.js";
import { ofEach, PRIORITIES } from "./priorities.js";
import { createProbe } from "./probe.js";
import { createShares } from "./shares.js";
import type { Departure, UnderWay } from "./under-way.js";

/** Before anything is known: on one processor 100 requests of 0.3 ms take 30 ms. */
const INITIAL_LIMIT = 100;

/** So often the limit, the shares and the step are looked at while there are requests. */
const WINDOW_MS = 100;

export interface ControlParts {
  readonly accounts: Accounts;
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly memoryLevel: () => MemoryLevel;
  readonly telemetry: Telemetry;
  readonly timers: Timers;
  readonly random: () => number;
}

export interface Control {
  limit(): number;
  /** `null`: not known yet. */
  withoutQueueMs(priority: RequestPriority): number | null;
  readonly degradation: Pick<Degradation, "step" | "entered">;
  /** Some have left; so many are there still. */
  left(priority: RequestPriority, departure: Departure, inFlight: number): void;
  /** There are requests: to be called in each turn of the event loop that has some. */
  wake(underWay: Pick<UnderWay, "count" | "takeMost">): void;
  close(): void;
}

export function createControl(parts: ControlParts): Control {
  const { accounts, minLimit, maxLimit, memoryLevel, telemetry, timers, random } = parts;
  const initialLimit = Math.max(minLimit, Math.min(maxLimit, INITIAL_LIMIT));
  const gradient = createGradient({ minLimit, maxLimit, initialLimit });
  const shares = createShares();
  const degradation = createDegradation(telemetry);
  const makeRoom = (): void => {
    const probing = probe.maxInFlight();
    for (const priority of PRIORITIES) {
      const ofLimit = Math.max(1, Math.floor(gradient.limit() * shares.of(priority)));
      accounts[priority].room = probing ?? ofLimit;
    }
  };
  const probe = createProbe({ gradient, minLimit, random, onChange: makeRoom });
  makeRoom();

  /** @returns whether there is nothing left to do until the next request */
  const endWindow = ({ count, takeMost }: Pick<UnderWay, "count" | "takeMost">): boolean => {
    const nowMs = timers.nowMs();
    const mostInFlight = takeMost();
    const asked = ofEach((priority) => {
      const account = accounts[priority];
      const seen = { asked: account.asked, refused: account.refusedForLoad };
      account.asked = 0;
      account.refusedForLoad = 0;
      return seen;
    });
    const isShedding = PRIORITIES.some((priority) => asked[priority].refused > 0);
    if (probe.maxInFlight() === null) {
      gradient.conclude({ nowMs, mostInFlight, isShedding });
      shares.adapt(asked);
      degradation.see(asked, nowMs);
    }
    probe.window({ nowMs, isShedding, mostInFlight });
    makeRoom();
    const isCalm = degradation.look({ nowMs, memory: memoryLevel(), limit: gradient.limit() });
    const isIdle = count() === 0 && PRIORITIES.every((priority) => asked[priority].asked === 0);
    return isIdle && isCalm && shares.areFull() && probe.maxInFlight() === null;
  };

  let stopTimer: (() => void) | null = null;
  const wake: Control["wake"] = (underWay) => {
    stopTimer ??= timers.after(WINDOW_MS, () => {
      stopTimer = null;
      if (!endWindow(underWay)) wake(underWay);
    });
  };

  return {
    limit: () => gradient.limit(),
    withoutQueueMs: (priority) => gradient.baselineMs(priority),
    degradation,
    left(priority, { count, sinceMs, nowMs }, inFlight) {
      if (probe.counts(sinceMs)) {
        gradient.sample(priority, nowMs - sinceMs, count);
        probe.sampled(count, nowMs);
      }
      probe.left(inFlight, nowMs);
    },
    wake,
    close() {
      stopTimer?.();
      stopTimer = null;
    },
  };
}
