/** Asks the server again and again, and keeps what it said. */
import type { ConsoleApi } from "../api/console-api.js";
import { type Failure, isFailure } from "../api/failure.js";
import type { Performance } from "../api/performance.js";
import { createHistory, type History } from "./history.js";
import type { Panel } from "./panel.js";
import { type Continuity, continuityOf } from "./step.js";

export const POLL_MS = 2_000;

export interface LiveState {
  /** The last answer; it stays while there are none. */
  readonly numbers: Performance | null;
  readonly answeredAtMs: number | null;
  /** Why the last request had no answer; `null` if it had one. */
  readonly failure: Failure | null;
  /** When an answer last didn't join the one before it, and why; `null` if all did. */
  readonly brokenOff: { readonly atMs: number; readonly why: Exclude<Continuity, "same"> } | null;
  readonly history: History;
}

export interface Live {
  state(): LiveState;
  /** Told of each change. Returns how to stop. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Returns how to stop asking. It stops by itself when the token is refused.
   * @param onRefused told why, once
   */
  start(api: Pick<ConsoleApi, "performance">, onRefused: (why: string) => void): () => void;
}

/** @param panels whose series are kept */
export function createLive(panels: readonly Panel[]): Live {
  const history = createHistory();
  const listeners = new Set<() => void>();
  let state: LiveState = {
    numbers: null,
    answeredAtMs: null,
    failure: null,
    brokenOff: null,
    history,
  };
  const change = (changed: Partial<LiveState>): void => {
    state = { ...state, ...changed };
    for (const listener of listeners) listener();
  };
  const take = (numbers: Performance, atMs: number): void => {
    const { numbers: last, answeredAtMs } = state;
    const continuity =
      last === null || answeredAtMs === null ? "same" : continuityOf(last, numbers, atMs - answeredAtMs);
    const step = { now: numbers, before: continuity === "same" ? last : null };
    const series = panels.flatMap((panel) => panel.seriesOf(numbers));
    history.add(atMs, new Map(series.map(({ id, of }) => [id, of(step)])));
    const broken = continuity === "same" ? {} : { brokenOff: { atMs, why: continuity } };
    change({ numbers, answeredAtMs: atMs, failure: null, ...broken });
  };
  const miss = (failure: Failure, atMs: number): void => {
    history.addGap(atMs);
    change({ failure });
  };
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start(api, onRefused) {
      let isStopped = false;
      let timer: number | undefined;
      const ask = async (): Promise<void> => {
        const askedAtMs = Date.now();
        const answer = await api.performance();
        if (isStopped) return;
        const atMs = Date.now();
        if (isFailure(answer) && answer.kind === "token") return onRefused(answer.message);
        if (isFailure(answer)) miss(answer, atMs);
        else take(answer, atMs);
        timer = window.setTimeout(() => void ask(), Math.max(0, POLL_MS - (atMs - askedAtMs)));
      };
      void ask();
      return () => {
        isStopped = true;
        window.clearTimeout(timer);
      };
    },
  };
}
