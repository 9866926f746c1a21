/** What became of the requests of a load. */

/**
 * `ok`: a status of 2xx. `refused`: another one. `broken`: the connection failed, or what came was no answer. `timed-out`: nothing came in
 * time. `not-sent`: too many of the same player were waiting already.
 */
export type Outcome = "ok" | "refused" | "broken" | "timed-out" | "not-sent";

/** Asks once. Called again only after `done`. */
export type Ask = (done: (outcome: Outcome) => void) => void;

export interface LoadFound {
  /** Answered with `ok`. */
  readonly okCount: number;
  /** Of those: within the deadline; all, if there is none. */
  readonly goodCount: number;
  readonly failed: Readonly<Record<Exclude<Outcome, "ok">, number>>;
  readonly failedCount: number;
  /** From the first request to the last one that was sent. */
  readonly durationMs: number;
  /** Those that were answered with `ok` within that time. */
  readonly perSecond: number;
  /** How long after the last request was due the last answer came. */
  readonly drainMs: number;
  /** Of those with `ok`. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How late the load itself was with requests that nothing held up: 99 of 100 less than this. */
  readonly lagP99Ms: number;
}

const MS_PER_SECOND = 1000;

export interface OutcomeCounter {
  count(outcome: Outcome, tookMs: number): void;
  countLag(lagMs: number): void;
  found(window: {
    readonly durationMs: number;
    readonly okInTime: number;
    readonly drainMs: number;
  }): LoadFound;
}

/** @param deadlineMs an answer that takes longer is no good to anybody; default: there is none */
export function createOutcomeCounter(deadlineMs = Infinity): OutcomeCounter {
  const counts: Record<Outcome, number> = { ok: 0, refused: 0, broken: 0, "timed-out": 0, "not-sent": 0 };
  const tookMs: number[] = [];
  const lagMs: number[] = [];
  let goodCount = 0;
  return {
    count(outcome, ms) {
      counts[outcome] += 1;
      if (outcome !== "ok") return;
      tookMs.push(ms);
      if (ms <= deadlineMs) goodCount += 1;
    },
    countLag(ms) {
      lagMs.push(ms);
    },
    found({ durationMs, okInTime, drainMs }) {
      const sorted = Float64Array.from(tookMs).sort();
      const { ok, ...failed } = counts;
      return {
        okCount: ok,
        goodCount,
        failed,
        failedCount: Object.values(failed).reduce((sum, count) => sum + count, 0),
        durationMs,
        drainMs,
        perSecond: (okInTime / durationMs) * MS_PER_SECOND,
        p50Ms: quantile(sorted, 0.5),
        p99Ms: quantile(sorted, 0.99),
        maxMs: quantile(sorted, 1),
        lagP99Ms: quantile(Float64Array.from(lagMs).sort(), 0.99),
      };
    },
  };
}

/** The smallest value that so great a share is not above; 0 of none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
