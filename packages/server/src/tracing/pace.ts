/** So many in a second and no more, spread over it: what was not used in a second may be used in the next. */
export interface PaceOptions {
  readonly maxPerSecond: number;
  /** By a clock that never goes back. */
  readonly nowMs: () => number;
}

const MS_PER_SECOND = 1_000;

/** @returns whether there may be one more now; if so, it is counted */
export function createPace({ maxPerSecond, nowMs }: PaceOptions): () => boolean {
  // At least one, also where it is one in many seconds.
  const most = Math.max(1, maxPerSecond);
  let left = 1;
  let countedAtMs = nowMs();
  return () => {
    const now = nowMs();
    left = Math.min(most, left + ((now - countedAtMs) * maxPerSecond) / MS_PER_SECOND);
    countedAtMs = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
