/** Events: facts that a settlement or a command produced, numbered per player without gaps. */
import type { AppliedCommand } from "./command.js";
import type { Block, TaskTotals } from "./state.js";

export type TaskEndReason = "done" | "until" | "limit" | "skipped" | "cancelled" | "stopped" | "removed";

/** What happened. */
export type EventBody =
  | { readonly type: "task-started"; readonly task: number; readonly activity: string }
  | {
      readonly type: "task-ended";
      readonly task: number;
      readonly activity: string;
      readonly reason: TaskEndReason;
      /** Why it was skipped; `null` for other reasons. */
      readonly block: Block | null;
      readonly totals: TaskTotals;
    }
  | { readonly type: "task-blocked"; readonly task: number; readonly activity: string; readonly block: Block }
  | { readonly type: "task-unblocked"; readonly task: number; readonly activity: string }
  | {
      readonly type: "level-reached";
      readonly skill: string;
      readonly fromLevel: number;
      readonly level: number;
    }
  | { readonly type: "rare-find"; readonly task: number; readonly item: string; readonly amount: number }
  | {
      readonly type: "overflow";
      readonly task: number;
      readonly item: string;
      readonly amount: number;
      readonly to: "stash" | "discarded";
    }
  | { readonly type: "at-maximum"; readonly of: "items" | "stash" | "xp"; readonly id: string }
  | { readonly type: "away" }
  | { readonly type: "resumed" }
  | { readonly type: "catalog-moved"; readonly from: string; readonly to: string }
  | { readonly type: "command"; readonly revision: number; readonly command: AppliedCommand };

/** An event with its number (from 1) and its instant in player time. */
export type PlayerEvent = EventBody & { readonly number: number; readonly atMs: number };

/** Where events go. Called in order; must not throw. */
export type EventSink = (event: PlayerEvent) => void;
