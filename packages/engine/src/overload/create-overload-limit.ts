/** Lets requests in, as long as they don't have to wait for long, and refuses the rest at once: what is low first, then reads, then commands. */
import { checkOptions } from "../check-options.js";
import type { MemoryLevel, Telemetry, Timers } from "../ports.js";
import { systemTimers } from "../system-timers.js";
import { type Account, createAccounts } from "./accounts.js";
import { createControl } from "./control.js";
import type { OverloadLimit, Pass, Refusal, RequestPriority } from "./overload-limit.js";
import { ofEach, PRIORITIES } from "./priorities.js";
import { createUnderWay } from "./under-way.js";

export interface CreateOverloadLimitOptions {
  /**
   * Whether it is on for anybody, asked each time. Whose requests are counted is for the server, which asks `enter` for those alone.
   * Default: always
   */
  readonly isOn?: () => boolean;
  /** How short memory is: `() => governor.level()`. From level 2 on what is low is refused, at level 3 reads are, too. Default: never short */
  readonly memoryLevel?: () => MemoryLevel;
  /** However slow everything gets, so many requests may be under way. Default: 8 */
  readonly minLimit?: number;
  /** However fast everything is, no more are. Default: 1,000 */
  readonly maxLimit?: number;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
  /** Default: the system's */
  readonly timers?: Timers;
  /** From 0 to 1: spreads when clients may come back. Default: `Math.random` */
  readonly random?: () => number;
  /** Calls when the present turn of the event loop is over. Default: `setImmediate` */
  readonly afterTurn?: (run: () => void) => void;
}

/** Whoever is refused may come back within so many seconds at step 1; twice and three times as many at the next ones. */
const RETRY_WITHIN_SECONDS: Readonly<Record<RequestPriority, number>> = { command: 2, read: 4, low: 8 };

/**
 * A limit for the requests of one process: give it to `createEngine`, and the server asks it.
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be
 *
 * @example
 * ```ts
 * const overload = createOverloadLimit({ memoryLevel: () => governor.level() });
 * const engine = await createEngine({ store, governor, overload });
 * ```
 */
export function createOverloadLimit(options: CreateOverloadLimitOptions = {}): OverloadLimit {
  const { minLimit = 8, maxLimit = 1000 } = options;
  checkOptions({ minLimit, maxLimit });
  checkOptions({ maxLimit }, { from: minLimit });
  const {
    isOn = () => true,
    memoryLevel = () => 0,
    timers = systemTimers,
    random = Math.random,
    telemetry = { note: () => undefined },
    afterTurn = (run) => void setImmediate(run),
  } = options;
  const accounts = createAccounts();
  const control = createControl({ accounts, minLimit, maxLimit, memoryLevel, telemetry, timers, random });
  const underWay = createUnderWay({
    accounts: PRIORITIES.map((priority) => accounts[priority]),
    timers,
    afterTurn,
    onLeft: (account, departure) => control.left(account.priority, departure, underWay.count()),
  });
  const refusedFor = { load: 0, memory: 0 };
  /** As the present turn of the event loop found it. */
  let memory: MemoryLevel = 0;
  let isClosed = false;

  const refuse = (account: Account, reason: Refusal["reason"]): Refusal => {
    account.refused += 1;
    refusedFor[reason] += 1;
    const step = control.degradation.step(memory);
    const withinSeconds = RETRY_WITHIN_SECONDS[account.priority] * Math.max(1, step);
    return { isAdmitted: false, reason, step, retryAfterSeconds: 1 + Math.floor(random() * withinSeconds) };
  };
  const isIdle = (): boolean => isClosed || !isOn();
  const step: OverloadLimit["step"] = () => (isIdle() ? 0 : control.degradation.step(memoryLevel()));

  return {
    enter(priority) {
      if (isIdle()) return LET_IN;
      if (underWay.beginTurn()) {
        memory = memoryLevel();
        control.wake(underWay);
      }
      const account = accounts[priority];
      if (!hasMemoryFor(priority, memory)) return refuse(account, "memory");
      account.asked += 1;
      if (underWay.count() < account.room) return underWay.admit(account);
      account.refusedForLoad += 1;
      return refuse(account, "load");
    },
    hasMemoryFor: (priority) => isIdle() || hasMemoryFor(priority, memoryLevel()),
    step,
    stats: () => ({
      isOn: !isIdle(),
      step: step(),
      limit: Math.floor(control.limit()),
      inFlight: underWay.count(),
      byPriority: ofEach((priority) => {
        const { admitted, refused, inFlight } = accounts[priority];
        return { admitted, refused, inFlight, withoutQueueMs: control.withoutQueueMs(priority) };
      }),
      refusedForLoad: refusedFor.load,
      refusedForMemory: refusedFor.memory,
      stepsEntered: control.degradation.entered(),
    }),
    close() {
      isClosed = true;
      control.close();
    },
  };
}

const LET_IN: Pass = { isAdmitted: true, done: () => undefined };

function hasMemoryFor(priority: RequestPriority, level: MemoryLevel): boolean {
  if (level < 2 || priority === "command") return true;
  return level < 3 && priority === "read";
}
