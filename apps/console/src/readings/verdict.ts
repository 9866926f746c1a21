/** Whether a number is fine, by a rule that says itself in words, so that text and judgement can't drift apart. */
import type { Performance } from "../api/performance.js";
import type { History } from "./history.js";
import { shown, type Unit } from "./units.js";

/** `none`: there is nothing to judge. */
export type State = "fine" | "watch" | "act" | "none";

export interface Verdict {
  readonly state: State;
  /** Why, when it isn't fine: "p99 is 62 ms". */
  readonly because: string;
}

/** What a rule looks at. */
export interface Evidence {
  readonly history: History;
  readonly now: Performance;
  readonly atMs: number;
  /** Of the panel. */
  readonly series: readonly { readonly id: string; readonly label: string }[];
}

export interface Rule {
  /** The thresholds, in words. */
  readonly text: string;
  judge(evidence: Evidence): Verdict;
}

/** Judged is the mean of so long: one answer may be an accident. */
export const JUDGED_MS = 30_000;

const FINE: Verdict = { state: "fine", because: "" };
export const NOTHING_TO_JUDGE: Verdict = { state: "none", because: "" };

const SEVERITY: Readonly<Record<State, number>> = { none: 0, fine: 1, watch: 2, act: 3 };

/** The worst of some verdicts; `none` if there are none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce(
    (found, verdict) => (SEVERITY[verdict.state] > SEVERITY[found.state] ? verdict : found),
    NOTHING_TO_JUDGE,
  );
}

interface Thresholds {
  readonly unit: Unit;
  readonly watch: number;
  /** Left out: nothing here is ever urgent. */
  readonly act?: number;
  /** Which of the panel's series; all of them, if left out. */
  readonly of?: (id: string) => boolean;
  /** Only then: while so much happens that the number says something. */
  readonly once?: { readonly id: string; readonly over: number; readonly text: string };
}

/** Less is better. */
export function above(thresholds: Thresholds): Rule {
  return byMean("over", thresholds, (value, limit) => value > limit);
}

/** More is better. */
export function below(thresholds: Thresholds): Rule {
  return byMean("under", thresholds, (value, limit) => value < limit);
}

function byMean(
  word: string,
  { unit, watch: watchAt, act: actAt, of = () => true, once }: Thresholds,
  isPast: (value: number, limit: number) => boolean,
): Rule {
  const actText = actAt === undefined ? "" : ` Act: ${word} ${shown(actAt, unit)}.`;
  return {
    text: `Watch: ${word} ${shown(watchAt, unit)}.${actText} Judged is the mean of 30 s${once === undefined ? "" : `, ${once.text}`}.`,
    judge({ history, atMs, series }) {
      const sinceMs = atMs - JUDGED_MS;
      if (once !== undefined && (history.mean(once.id, sinceMs) ?? 0) <= once.over) return FINE;
      const judged = series.filter(({ id }) => of(id));
      return worst(
        judged.map(({ id, label }) => {
          const mean = history.mean(id, sinceMs);
          if (mean === null) return NOTHING_TO_JUDGE;
          const because = `${capitalised(label)} is ${shown(mean, unit)}`;
          if (actAt !== undefined && isPast(mean, actAt)) return act(because);
          return isPast(mean, watchAt) ? watch(because) : FINE;
        }),
      );
    },
  };
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A state that the server itself tells: each value has its words and its weight. */
export function byState(text: string, judge: (now: Performance) => Verdict | null): Rule {
  return { text, judge: ({ now }) => judge(now) ?? NOTHING_TO_JUDGE };
}

export function watch(because: string): Verdict {
  return { state: "watch", because };
}

export function act(because: string): Verdict {
  return { state: "act", because };
}

export const fine = FINE;

/** For what only informs. */
export const noRule: Rule = {
  text: "No threshold: it depends on your game. Look for what differs from yesterday.",
  judge: () => NOTHING_TO_JUDGE,
};
