/**
 * A look at the latency without queueing while there is queueing: for a moment next to nothing is let in, as BBR and Envoy do it. Short,
 * seldom, at a random time so that instances don't do it together, and only while requests are refused: then either there is too much
 * load, or what the limit takes for normal isn't any more.
 */
import type { Gradient } from "./gradient.js";

/** Between two probes, on average. */
const EVERY_MS = 20_000;
const JITTER = 0.2;

/**
 * Sooner, when the limit has fallen to less than this of what it was, or close to the least, where a probe costs nothing: either there is
 * a queue, or something has become slower, and then a lower limit only makes it worse.
 */
const FALLEN_SHARE = 0.3;
const TIMES_LEAST = 2;
const FALLEN_EVERY_MS = 2000;

/** Windows in a row in which something was refused, before a probe. */
const MIN_SHEDDING_WINDOWS = 5;

/**
 * It has so long to wait until what was under way before is gone; then twice as long as that took to measure, within bounds, so that where
 * requests take long not only the quick ones are seen.
 */
const MAX_MS = 4000;
const MIN_MEASURING_MS = 1000;
const TIMES_DRAINING = 2;

const SAMPLES = 100;

/**
 * Of the limit: what may be under way meanwhile. At the limit requests take twice as long as without queueing, and 20 ms, so with an eighth
 * of it under way they queue for less than those 20 ms, while a slow store still has something to do.
 */
const SHARE = 1 / 8;

export interface Probe {
  /** So many may be under way at present, whatever the limit says; `null`: there is no probe. */
  maxInFlight(): number | null;
  /** Whether a request that came in then is to be sampled. */
  counts(sinceMs: number): boolean;
  /** Requests were sampled. */
  sampled(count: number, nowMs: number): void;
  /** Something has left. */
  left(inFlight: number, nowMs: number): void;
  /** A window is over. Begins and ends probes. */
  window(seen: { readonly nowMs: number; readonly isShedding: boolean; readonly mostInFlight: number }): void;
}

export interface ProbeParts {
  readonly gradient: Pick<Gradient, "limit" | "measure" | "confirm">;
  readonly minLimit: number;
  readonly random: () => number;
  /** Told when one begins or ends. */
  readonly onChange: () => void;
}

export function createProbe({ gradient, minLimit, random, onChange }: ProbeParts): Probe {
  let state: "off" | "draining" | "measuring" = "off";
  let dueAtMs = -Infinity;
  let lastAtMs = -Infinity;
  let lastLimit = gradient.limit();
  let startedAtMs = 0;
  let endsAtMs = 0;
  let measuringSinceMs = -Infinity;
  let sampleCount = 0;
  let sheddingWindows = 0;
  let room = minLimit;
  const postpone = (nowMs: number): void => {
    lastAtMs = nowMs;
    lastLimit = gradient.limit();
    dueAtMs = nowMs + EVERY_MS * (1 + JITTER * (2 * random() - 1));
  };
  const end = (nowMs: number): void => {
    if (state === "measuring") gradient.confirm();
    state = "off";
    measuringSinceMs = -Infinity;
    sheddingWindows = 0;
    postpone(nowMs);
    onChange();
  };
  return {
    maxInFlight: () => (state === "off" ? null : room),
    counts: (sinceMs) => state === "off" || (state === "measuring" && sinceMs >= measuringSinceMs),
    sampled(count, nowMs) {
      if (state !== "measuring") return;
      sampleCount += count;
      if (sampleCount >= SAMPLES) end(nowMs);
    },
    left(inFlight, nowMs) {
      if (state !== "draining" || inFlight > room) return;
      state = "measuring";
      measuringSinceMs = nowMs;
      const drainedMs = nowMs - startedAtMs;
      endsAtMs = nowMs + Math.max(MIN_MEASURING_MS, Math.min(MAX_MS, TIMES_DRAINING * drainedMs));
      sampleCount = 0;
      gradient.measure();
    },
    window({ nowMs, isShedding, mostInFlight }) {
      if (state !== "off") {
        if (nowMs >= endsAtMs) end(nowMs);
        return;
      }
      // With as little as that under way the gradient sees it anyway.
      if (mostInFlight <= minLimit) postpone(nowMs);
      sheddingWindows = isShedding ? sheddingWindows + 1 : 0;
      const isLow = gradient.limit() < Math.max(lastLimit * FALLEN_SHARE, minLimit * TIMES_LEAST);
      const isFallen = isLow && nowMs - lastAtMs >= FALLEN_EVERY_MS;
      if (sheddingWindows < MIN_SHEDDING_WINDOWS || !(isFallen || nowMs >= dueAtMs)) return;
      state = "draining";
      startedAtMs = nowMs;
      endsAtMs = nowMs + MAX_MS;
      room = Math.max(minLimit, Math.floor(gradient.limit() * SHARE));
      onChange();
    },
  };
}
