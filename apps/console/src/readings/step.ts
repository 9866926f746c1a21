/** Two answers after each other, and what the counters say happened between them. */
import type { Performance } from "../api/performance.js";

export interface Step {
  readonly now: Performance;
  /** `null`: nothing to compare with, since this is the first answer or one of another process. */
  readonly before: Performance | null;
}

/** A counter of an answer; `null` or `undefined` where the server doesn't have it. */
export type Counter = (numbers: Performance) => number | null | undefined;

const MS_PER_SECOND = 1_000;

/** The clocks of page and server may differ by so much between two answers, and by this share of the time. */
const CLOCK_SLACK_MS = 1_500;
const CLOCK_SLACK_SHARE = 0.2;

/** What joins a step: whether an answer goes on where the last one stopped, or another process gave it. */
export type Continuity = "same" | "restarted" | "another";

/**
 * By the process's own clock, since an answer doesn't say which process it is of.
 *
 * @param betweenMs how much time passed in the page between the answers
 */
export function continuityOf(before: Performance, now: Performance, betweenMs: number): Continuity {
  const passedMs = now.uptimeMs - before.uptimeMs;
  const slackMs = CLOCK_SLACK_MS + betweenMs * CLOCK_SLACK_SHARE;
  if (passedMs > 0 && Math.abs(passedMs - betweenMs) <= slackMs) return "same";
  return now.uptimeMs <= betweenMs + slackMs ? "restarted" : "another";
}

/** How much a counter grew; `null` where that can't be known. */
export function growth({ now, before }: Step, counter: Counter): number | null {
  if (before === null) return null;
  const [from, to] = [counter(before), counter(now)];
  if (from === null || from === undefined || to === null || to === undefined) return null;
  // A counter that goes back was begun anew: a layer that was opened again.
  return to < from ? null : to - from;
}

/** A counter's growth for each second of the server's own clock. */
export function perSecond(step: Step, counter: Counter): number | null {
  const grown = growth(step, counter);
  const seconds = step.before === null ? 0 : (step.now.uptimeMs - step.before.uptimeMs) / MS_PER_SECOND;
  return grown === null || seconds <= 0 ? null : grown / seconds;
}

/** How much of one counter comes on one of another, between the two answers; `null` while there was none of it. */
export function ratio(step: Step, part: Counter, whole: Counter): number | null {
  const [parts, wholes] = [growth(step, part), growth(step, whole)];
  return parts === null || wholes === null || wholes === 0 ? null : parts / wholes;
}

/** What a gauge says now. */
export function gauge({ now }: Step, of: Counter): number | null {
  return of(now) ?? null;
}
