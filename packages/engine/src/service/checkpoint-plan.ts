/** When what merely time has brought is saved: before it is shown, or at most once in an interval. */
import type { IsOn } from "../ports.js";

/** Interval checkpoints. */
export interface CheckpointPlan {
  /** What was shown is saved at most so often. */
  readonly everyMs: number;
  /** For whom, asked at each request: whatever is shown of others is saved before. `null`: everybody */
  readonly isOn: IsOn | null;
}

/** Whether a player is shown what isn't saved. `null`: nobody is. */
export function showsUnsaved(plan: CheckpointPlan | null, playerId: string): boolean {
  return plan !== null && (plan.isOn === null || plan.isOn(playerId));
}
