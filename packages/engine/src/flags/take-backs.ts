/** What the guard does: a change that harms holds no longer in this process, at once, and in all others as soon as the store has it. */
import type { Clock, Telemetry, Timers } from "../ports.js";
import { type ChangeFlag, listsOf } from "./change-flags.js";
import { byLayer, type FlagState } from "./flag-state.js";
import type { RevertCause } from "./flags.js";
import { factsOf } from "./follow-settings.js";
import type { Side } from "./guard.js";
import type { Verdict } from "./judge.js";
import { type Layer, OFF, ON } from "./layers.js";

/** Who it was, for the history. */
export const GUARD = "guard";

/** What can't be stored yet is tried again so often, for as long as this process lives. */
const STORE_AGAIN_MS = 1_000;

export interface TakeBacks {
  /** Those whom a change reached are given the other players' setting. */
  takeBack(layer: Layer, reached: Side, verdict: Verdict): void;
  counts(layer: Layer): Readonly<Record<RevertCause, number>>;
  stop(): void;
}

export interface TakeBackParts {
  readonly state: FlagState;
  readonly change: ChangeFlag;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly telemetry: Telemetry;
}

export function createTakeBacks({ state, change, clock, timers, telemetry }: TakeBackParts): TakeBacks {
  const counts = byLayer((): Record<RevertCause, number> => ({ errors: 0, slowness: 0, wrongAnswers: 0 }));
  let cancel: (() => void) | null = null;
  let isStopped = false;
  let hasFailed = false;

  const store = async (): Promise<void> => {
    cancel = null;
    try {
      for (const [layer, { reason }] of state.taken()) {
        // Somebody else may have switched it meanwhile: then that holds.
        await change(
          layer,
          { by: GUARD, ...(reason !== null && { reason }) },
          () => state.taken().get(layer) ?? null,
        );
      }
      hasFailed = false;
    } catch (error) {
      if (isStopped) return;
      // One line for an outage, not one for each try.
      if (!hasFailed)
        telemetry.note(
          "warn",
          "What the guard took back can't be stored yet; it holds in this instance.",
          factsOf(error),
        );
      hasFailed = true;
      cancel ??= timers.after(STORE_AGAIN_MS, () => void store());
    }
  };

  return {
    takeBack(layer, reached, { cause, reason }) {
      const { percent: fromPercent } = state.settingOf(layer);
      const setting = reached === "on" ? OFF : ON;
      const configured = listsOf(state.configured()[layer]);
      counts[layer][cause] += 1;
      state.take(layer, {
        ...listsOf(setting),
        isGuarded: true,
        configured,
        atMs: clock.nowMs(),
        by: GUARD,
        reason,
      });
      telemetry.note("error", "The guard has taken a change of a layer back.", {
        layer,
        reason,
        fromPercent,
        toPercent: setting.percent,
      });
      if (cancel === null) void store();
    },
    counts: (layer) => ({ ...counts[layer] }),
    stop() {
      isStopped = true;
      cancel?.();
    },
  };
}
