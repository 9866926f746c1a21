/** A player's state: everything that settling reads and writes. Plain, immutable data. */
import type { OnBlocked, Stat } from "../catalog/source.js";
import type { Seed } from "./seed.js";

/** A change of a statistic for a time; holds while the instant is before `untilMs` (player time). */
export interface TimedEffect {
  readonly stat: Stat;
  readonly addPpm: number;
  readonly kind: string | null;
  readonly activity: string | null;
  readonly untilMs: number;
}

/** All of it must hold: levels reached, amounts in `items`. Sorted by id. */
export interface Until {
  readonly skills: readonly (readonly [skill: string, level: number])[];
  readonly items: readonly (readonly [item: string, amount: number])[];
}

export type AmountMap = ReadonlyMap<string, number>;

/** What a task's cycles amounted to so far. */
export interface TaskTotals {
  readonly cyclesDone: number;
  /** Those of `cyclesDone` that failed. */
  readonly failures: number;
  /** Sum of the times of the finished cycles. */
  readonly ranMs: number;
  readonly rareFinds: number;
  /** Given by cycles, wherever it went; `stashed` and `discarded` are parts of it. */
  readonly gave: AmountMap;
  readonly took: AmountMap;
  readonly stashed: AmountMap;
  readonly discarded: AmountMap;
  readonly xp: AmountMap;
}

/** An entry of a player's queue: an activity, and how often or until when to do it. */
export interface Task extends TaskTotals {
  /** Never used again for this player. */
  readonly number: number;
  readonly activity: string;
  /** `null`: unlimited. */
  readonly repeat: number | null;
  readonly until: Until | null;
  readonly onBlocked: OnBlocked;
  /** `null` before the first cycle. */
  readonly startedAtMs: number | null;
}

/** The cycle in flight with its terms, fixed at its start. */
export interface Cycle {
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly successPpm: number;
  readonly yieldPpm: number;
  readonly xpPpm: number;
  /** Hash of the catalog that it started under. */
  readonly catalog: string;
}

/** Why a task at the head can't start a cycle. */
export type BlockCode = "NOT_AVAILABLE" | "PREREQUISITES_NOT_MET" | "INSUFFICIENT_ITEMS" | "INVENTORY_FULL";

export interface Block {
  readonly code: BlockCode;
  /** The id of the skill, slot, item or activity that the code is about. */
  readonly subject: string;
  /** When it may change by itself: an activity's opening. `null` otherwise. */
  readonly retryAtMs: number | null;
}

export type PauseReason = "COMMAND" | "AWAY";

export interface Pause {
  readonly reason: PauseReason;
  readonly sinceMs: number;
}

/** A sequence of tasks of which the head runs. */
export interface Lane {
  readonly tasks: readonly Task[];
  /** The head's; `null` if none is in flight. */
  readonly cycle: Cycle | null;
  readonly paused: Pause | null;
  readonly blocked: Block | null;
}

/** Lifetime totals of the activities of one kind. */
export interface KindTotals {
  /** Tasks that ended, for whatever reason. */
  readonly tasks: number;
  readonly cycles: number;
  readonly failures: number;
  readonly timeMs: number;
  /** Items that cycles gave, wherever they went. */
  readonly rewards: AmountMap;
}

/** A state without its secret: what views, clients and the forecast get. */
export interface VisibleState {
  readonly catalog: string;
  /** Activation instant (server time) of the timeline entry that the player is at. */
  readonly catalogAtMs: number;
  readonly clockOffsetMs: number;
  /** Instant of the last boundary or command: never of a mere settlement. */
  readonly settledAtMs: number;
  readonly lastSeenMs: number;
  readonly revision: number;
  readonly eventCount: number;
  readonly nextTask: number;
  readonly items: AmountMap;
  readonly stash: AmountMap;
  readonly xp: AmountMap;
  readonly equipped: ReadonlyMap<string, string>;
  readonly effects: readonly TimedEffect[];
  readonly lanes: readonly [Lane];
  readonly totals: ReadonlyMap<string, KindTotals>;
}

export interface PlayerState extends VisibleState {
  readonly seed: Seed;
}
