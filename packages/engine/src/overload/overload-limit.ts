/** The face of the overload limit: how many requests may be under way, which of them go first, and what is refused now. */

/**
 * How urgent a request is. Health is never refused and not asked for here. `command`: it changes a player. `read`: it shows one. `low`:
 * statistics, journals, what is only looked at now and then.
 */
export type RequestPriority = "command" | "read" | "low";

/**
 * What is refused at present. 0: nothing. 1: what is low, and nothing is fetched ahead. 2: most or all reads, too. 3: even commands beyond the limit.
 */
export type DegradationStep = 0 | 1 | 2 | 3;

/** A request that was let in. */
export interface Pass {
  readonly isAdmitted: true;
  /** The request has ended, however it ended. To be called once. */
  done(): void;
}

/** A request that is to be answered with `OVERLOADED`. */
export interface Refusal {
  readonly isAdmitted: false;
  readonly reason: "load" | "memory";
  readonly step: DegradationStep;
  /** Whole seconds, spread, so that those who were refused together don't return together. */
  readonly retryAfterSeconds: number;
}

export interface PriorityStats {
  readonly admitted: number;
  readonly refused: number;
  readonly inFlight: number;
  /** About how long such a request takes while nothing has to queue; `null`: not known yet. */
  readonly withoutQueueMs: number | null;
}

export interface OverloadStats {
  /** Whether it is on for anybody. If not, nothing is refused, and nobody is counted. */
  readonly isOn: boolean;
  readonly step: DegradationStep;
  /** Requests that may be under way, at present, and are. */
  readonly limit: number;
  readonly inFlight: number;
  readonly byPriority: Readonly<Record<RequestPriority, PriorityStats>>;
  readonly refusedForLoad: number;
  readonly refusedForMemory: number;
  /** How often each step was entered from below. */
  readonly stepsEntered: Readonly<Record<"1" | "2" | "3", number>>;
}

export interface OverloadLimit {
  enter(priority: RequestPriority): Pass | Refusal;
  /** Whether memory isn't too short for such a request: for whoever answers some of them without asking for a pass. */
  hasMemoryFor(priority: RequestPriority): boolean;
  step(): DegradationStep;
  stats(): OverloadStats;
  /** Lets everybody in from then on, and holds no timer any more. */
  close(): void;
}
