/** Commands: requests that change a player, and what they answer. */
import type { OnBlocked } from "../catalog/source.js";
import type { TimedEffect, Until } from "./state.js";

/** A task to be queued. */
export interface TaskRequest {
  readonly activity: string;
  /** Default: 1, or unlimited (`null`) where there is an `until`. */
  readonly repeat?: number | null;
  readonly until?: {
    readonly skills?: Readonly<Record<string, number>>;
    readonly items?: Readonly<Record<string, number>>;
  };
  /** Default: the catalog's. */
  readonly onBlocked?: OnBlocked;
  /** Counts from 0; at or past the end, and by default, it goes to the end. */
  readonly position?: number;
}

/** A timed effect to be given. `add` is a decimal; `untilMs` is in player time. */
export interface EffectRequest {
  readonly stat: TimedEffect["stat"];
  readonly add: number;
  readonly kind?: string;
  readonly activity?: string;
  readonly untilMs: number;
}

export interface AdjustRequest {
  /** In (positive) or out (negative), by id. */
  readonly items?: Readonly<Record<string, number>>;
  readonly xp?: Readonly<Record<string, number>>;
  readonly effects?: readonly EffectRequest[];
  /** Take what is there instead of refusing when there is less. Default false. */
  readonly atMost?: boolean;
}

export type Command =
  | { readonly type: "enqueue"; readonly tasks: readonly TaskRequest[] }
  | { readonly type: "cancel"; readonly task: number }
  /** `before: null` moves it to the end. */
  | { readonly type: "move"; readonly task: number; readonly before: number | null }
  | { readonly type: "reorder"; readonly tasks: readonly number[] }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Ends all tasks and empties the queue. */
  | { readonly type: "stop" }
  /** `item: null` empties the slot. */
  | { readonly type: "equip"; readonly slot: string; readonly item: string | null }
  /** Moves what fits from the stash to the items. Without `items`, all of it. */
  | { readonly type: "claim-stash"; readonly items?: Readonly<Record<string, number>> }
  | { readonly type: "adjust"; readonly adjust: AdjustRequest }
  /** Puts the player's clock ahead (only with a development server). */
  | { readonly type: "fast-forward"; readonly byMs: number };

export type CommandType = Command["type"];

/** Amounts by id, sorted by id, as a plain object's entries. */
export type AmountList = readonly (readonly [id: string, amount: number])[];

/** What a command did; each field only where it applies. */
export interface CommandResult {
  /** Numbers of the tasks that were queued. */
  readonly tasks?: readonly number[];
  /** Inputs of a cycle in flight that were given back. */
  readonly returned?: AmountList;
  /** Of what was given back or put in, what went to the stash for want of room. */
  readonly stashed?: AmountList;
  /** What was moved from the stash to the items. */
  readonly claimed?: AmountList;
  /** By how much items changed (an `adjust`, as applied). */
  readonly items?: AmountList;
  readonly xp?: AmountList;
}

/** A command as the journal keeps it: normalised, with what it did. */
export interface AppliedCommand {
  readonly type: CommandType;
  readonly tasks?: readonly AppliedTask[];
  readonly task?: number;
  readonly before?: number | null;
  readonly order?: readonly number[];
  readonly slot?: string;
  readonly item?: string | null;
  readonly effects?: readonly TimedEffect[];
  readonly byMs?: number;
  readonly result: CommandResult;
}

/** A queued task with its defaults filled in. */
export interface AppliedTask {
  readonly number: number;
  readonly activity: string;
  readonly repeat: number | null;
  readonly until: Until | null;
  readonly onBlocked: OnBlocked;
  readonly position: number | null;
}
