/** Counts what became of requests. */
import type { FailureCause } from "./pool-stats.js";

export interface PoolCounters {
  requests: number;
  answers: number;
  moved: number;
  readonly failures: Record<FailureCause, number>;
}

export function createPoolCounters(): PoolCounters {
  return {
    requests: 0,
    answers: 0,
    moved: 0,
    failures: {
      overloaded: 0,
      "shutting-down": 0,
      "waiting-timeout": 0,
      "connecting-timeout": 0,
      "answering-timeout": 0,
      unreachable: 0,
      "broken-off": 0,
      aborted: 0,
      unsupported: 0,
    },
  };
}

export function timeoutsOf({ failures }: PoolCounters): number {
  return failures["waiting-timeout"] + failures["connecting-timeout"] + failures["answering-timeout"];
}
