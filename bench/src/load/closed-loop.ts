/**
 * Everybody asks again as soon as the answer is there: as much as the server can do. How long answers took then says how many
 * asked at once, and nothing else.
 */
import type { Timers } from "@mainspring/engine";
import { type Ask, createOutcomeCounter, type LoadFound, type Outcome } from "./outcome.js";

export interface ClosedLoop {
  /** One for each connection. */
  readonly asks: readonly Ask[];
  readonly durationMs: number;
  readonly timers: Timers;
}

/** Resolves when the last answer is there. */
export async function runClosedLoop({ asks, durationMs, timers }: ClosedLoop): Promise<LoadFound> {
  const counter = createOutcomeCounter();
  const startedAtMs = timers.nowMs();
  const untilMs = startedAtMs + durationMs;
  let okInTime = 0;
  const askOn = async (ask: Ask): Promise<void> =>
    new Promise((resolve) => {
      const again = (): void => {
        const askedAtMs = timers.nowMs();
        if (askedAtMs >= untilMs) {
          resolve();
          return;
        }
        ask((outcome: Outcome) => {
          const nowMs = timers.nowMs();
          counter.count(outcome, nowMs - askedAtMs);
          if (outcome === "ok" && nowMs < untilMs) okInTime += 1;
          again();
        });
      };
      again();
    });
  await Promise.all(asks.map(askOn));
  const drainMs = Math.max(0, timers.nowMs() - untilMs);
  return counter.found({ durationMs, okInTime, drainMs });
}
