/**
 * Whether prefetching pays, decided from what became of earlier ones. On while nothing speaks clearly against it; off once it surely
 * doesn't pay; after some time a small sample finds out whether that is still so.
 */

/**
 * Of what is prefetched, a share that has to be read, or it doesn't pay. A prefetch that is used costs nothing: its read would have
 * happened a little later, while a player waited. One that is wasted costs one read. So at a precision p each wait that is saved costs
 * (1 − p) / p reads: three at a quarter. A visit that finds nothing in the cache waits for one read and makes one; on DynamoDB three
 * eventual reads of a record of 1 KiB cost a third of the one write that most visits bring. Dearer than that, nobody would choose it.
 */
export const MIN_PRECISION = 0.25;

/**
 * Who is less likely to come is not fetched. Above the share that has to be read: of estimates those that are picked for being high are
 * a little too high.
 */
export const MIN_CHANCE = 0.3;

/** Fewer say nothing. */
export const MIN_DECIDED = 50;

/** More than these count for less and less, so that a change shows. */
const MAX_REMEMBERED = 1_000;

/** Off for so long, then a sample. After each that was bad twice as long, up to a bound: habits take days to form. */
export const RETRY_AFTER_MS = 6 * 3_600_000;
export const MAX_RETRY_AFTER_MS = 3 * 86_400_000;

/** Prefetches of a sample. */
export const SAMPLE_SIZE = 50;

/** 95 % confidence, two-sided. */
const Z = 1.96;

export interface Tally {
  readonly used: number;
  readonly decided: number;
}

/**
 * The interval in which the true share lies with 95 % confidence: Wilson, 1927. Unlike the plain share with its normal error it
 * holds for few trials, and for shares near 0.
 */
export function wilsonInterval({ used, decided }: Tally): { readonly low: number; readonly high: number } {
  if (decided === 0) return { low: 0, high: 1 };
  const share = used / decided;
  const scale = 1 + Z ** 2 / decided;
  const centre = share + Z ** 2 / (2 * decided);
  const half = Z * Math.sqrt((share * (1 - share)) / decided + Z ** 2 / (4 * decided ** 2));
  return { low: Math.max(0, (centre - half) / scale), high: Math.min(1, (centre + half) / scale) };
}

export interface Worth {
  noteDecided(isUsed: boolean): void;
  /** How many more may be under way or made now, with so many undecided. Changes between on, off and sample. */
  allowance(nowMs: number, undecided: number): number;
  isOn(): boolean;
}

export function createWorth({ minPrecision }: { readonly minPrecision: number }): Worth {
  let state: "on" | "off" | "sample" = "on";
  let used = 0;
  let decided = 0;
  let retryAtMs = 0;
  let retryAfterMs = RETRY_AFTER_MS;
  const enter = (next: "on" | "off" | "sample"): void => {
    state = next;
    used = 0;
    decided = 0;
  };
  const judge = (nowMs: number): void => {
    if (state === "off" && nowMs >= retryAtMs) enter("sample");
    const isEnough = decided >= (state === "sample" ? SAMPLE_SIZE : MIN_DECIDED);
    if (state === "off" || !isEnough) return;
    // A sample has to show that it pays; what is on is only given up when it surely doesn't.
    const pays =
      state === "sample"
        ? used / decided >= minPrecision
        : wilsonInterval({ used, decided }).high >= minPrecision;
    if (!pays) {
      enter("off");
      retryAtMs = nowMs + retryAfterMs;
      retryAfterMs = Math.min(2 * retryAfterMs, MAX_RETRY_AFTER_MS);
    } else if (state === "sample") {
      state = "on";
      retryAfterMs = RETRY_AFTER_MS;
    }
  };
  return {
    noteDecided(isUsed) {
      decided += 1;
      if (isUsed) used += 1;
      if (decided <= MAX_REMEMBERED) return;
      used /= 2;
      decided /= 2;
    },
    allowance(nowMs, undecided) {
      judge(nowMs);
      if (state === "off") return 0;
      return state === "on" ? Infinity : Math.max(0, SAMPLE_SIZE - decided - undecided);
    },
    isOn: () => state !== "off",
  };
}
