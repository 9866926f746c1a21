/**
 * How many requests may be under way: as many as take about as long as they are allowed to.
 *
 *     allowed = 2 × (the latency without queueing) + 20 ms
 *     limit  := limit × Σ count × allowed / Σ count × latency         the sums go over the priorities
 *
 * By Little's law (what is under way = arrivals per second × latency) the fraction is what would be under way if each took what it is
 * allowed to, over what is. So the latencies of different priorities need no weights of their own: each weighs what it occupies. The
 * ratio of the latency without queueing to the latency now is the gradient of TCP Vegas, as in Netflix's concurrency-limits (`Gradient`)
 * and Envoy's adaptive concurrency filter; the 20 ms are what CoDel calls a target: a queue that is worked off so soon harms nobody, and
 * without them a request of 0.3 ms would count as overload when a second one comes. Unlike Gradient2 nothing here follows the latency
 * of a busy server upwards: see {@link Gradient.confirm}.
 */
import type { RequestPriority } from "./overload-limit.js";
import { ofEach, PRIORITIES } from "./priorities.js";

/** Of the latency without queueing. Commands that are saved together take up to twice as long as one alone. */
const TOLERANCE = 2;

/** Waiting that is none of anybody's business. */
const QUEUE_MS = 20;

/** A single request counts for no more than this many times what it is allowed: one that hung says little about the others. */
const MAX_TIMES_ALLOWED = 8;

/** Before anything is concluded. */
const MIN_SAMPLES = 20;

/** Before it is believed of a busy server that something is as fast as that: the first that come back are the fast ones. */
const MIN_BUSY_SAMPLES = 100;

/**
 * With no more of the limit under way nothing has to queue for long: at the limit requests take 2 × baseline + 20 ms, at a quarter of it
 * at most half the baseline and 5 ms. So to take that for the baseline leads to 10 ms at most, again and again; with half of the limit there
 * would be no end to it.
 */
const QUIET_SHARE = 1 / 4;

/** What was changed shows only once those have left who came before: so many times the mean latency, within bounds. */
const SETTLING_TIMES = 2;
const MAX_SETTLING_MS = 1000;

/** What a probe says of a priority weighs against what was known like its samples against so many. */
const SAMPLES_BEFORE = 10;

/** In one window the limit falls and rises by no more. */
const LEAST_RATIO = 0.5;
const GREATEST_RATIO = 1.5;

/**
 * The latency without queueing follows what is measured in quiet, and falls when a busy server is faster than that by more than by chance:
 * of 100 exponentially distributed requests the mean is in 2 windows of 100. Without this margin it would come to rest at the least that
 * ever happened.
 */
const FOLLOW = 0.2;
const FALL = 0.3;
const FALL_MARGIN = 0.8;

export interface GradientOptions {
  readonly minLimit: number;
  readonly maxLimit: number;
  readonly initialLimit: number;
}

export interface Gradient {
  limit(): number;
  /** So many requests took so long each. */
  sample(priority: RequestPriority, tookMs: number, count: number): void;
  /**
   * Ends a stretch of time, if enough was sampled in it, and draws the conclusions.
   * @param seen.mostInFlight under way at once since the last call: a limit that isn't used stays, since nothing is known of a greater one
   * @param seen.isShedding whether anything was refused since then
   */
  conclude(seen: {
    readonly nowMs: number;
    readonly mostInFlight: number;
    readonly isShedding: boolean;
  }): void;
  /** Begins anew: from now on next to nothing is under way. */
  measure(): void;
  /** What was sampled since {@link Gradient.measure} is the latency without queueing. */
  confirm(): void;
  /** `null`: not known yet. */
  baselineMs(priority: RequestPriority): number | null;
}

interface Track {
  baselineMs: number | null;
  count: number;
  sumMs: number;
  isQuiet: boolean;
}

/** What happened since the limit was last looked at. */
interface Window {
  readonly counts: Record<RequestPriority, number>;
  count: number;
  /** With and without the bound on what a single one counts for. */
  takenMs: number;
  wholeMs: number;
  allowedMs: number;
  mostInFlight: number;
}

const emptyWindow = (): Window => ({
  counts: { command: 0, read: 0, low: 0 },
  count: 0,
  takenMs: 0,
  wholeMs: 0,
  allowedMs: 0,
  mostInFlight: 0,
});

/** Why the limit began to fall: this was seen at this limit. */
interface Fall extends Pick<Window, "counts" | "wholeMs"> {
  readonly limit: number;
}

export function createGradient({ minLimit, maxLimit, initialLimit }: GradientOptions): Gradient {
  let limit = initialLimit;
  let window = emptyWindow();
  let settledAtMs = -Infinity;
  let fall: Fall | null = null;
  let isMeasuring = false;
  const tracks = ofEach((): Track => ({ baselineMs: null, count: 0, sumMs: 0, isQuiet: true }));
  return {
    limit: () => limit,
    sample(priority, tookMs, count) {
      const track = tracks[priority];
      track.count += count;
      if (track.baselineMs === null || isMeasuring) {
        track.sumMs += tookMs * count;
        return;
      }
      const allowedMs = allowed(track.baselineMs);
      const countedMs = Math.min(tookMs, MAX_TIMES_ALLOWED * allowedMs);
      track.sumMs += countedMs * count;
      window.count += count;
      window.counts[priority] += count;
      window.takenMs += countedMs * count;
      window.wholeMs += tookMs * count;
      window.allowedMs += allowedMs * count;
    },
    conclude({ nowMs, mostInFlight, isShedding }) {
      // At the least limit nothing less can be had.
      const isQuiet = mostInFlight <= minLimit || (!isShedding && mostInFlight <= limit * QUIET_SHARE);
      for (const priority of PRIORITIES) {
        const track = tracks[priority];
        if (!isQuiet) track.isQuiet = false;
        follow(track);
        // Quiet begins: what was measured before doesn't belong to it.
        if (isQuiet && !track.isQuiet) clear(track);
      }
      window.mostInFlight = Math.max(window.mostInFlight, mostInFlight);
      if (window.count < MIN_SAMPLES || nowMs < settledAtMs) return;
      settledAtMs = nowMs + Math.min(MAX_SETTLING_MS, (SETTLING_TIMES * window.takenMs) / window.count);
      const ratio = window.takenMs === 0 ? GREATEST_RATIO : window.allowedMs / window.takenMs;
      if (window.mostInFlight >= limit / 2) {
        if (ratio < 1) fall ??= { limit, counts: window.counts, wholeMs: window.wholeMs };
        limit = clamp(limit * clamp(ratio, LEAST_RATIO, GREATEST_RATIO), minLimit, maxLimit);
      }
      if (fall !== null && limit >= fall.limit) fall = null;
      window = emptyWindow();
    },
    measure() {
      window = emptyWindow();
      isMeasuring = true;
      for (const priority of PRIORITIES) clear(tracks[priority]);
    },
    confirm() {
      isMeasuring = false;
      for (const priority of PRIORITIES) {
        const track = tracks[priority];
        const { baselineMs, count, sumMs } = track;
        if (count > 0) {
          const measuredMs = sumMs / count;
          track.baselineMs = mix(baselineMs ?? measuredMs, measuredMs, count / (count + SAMPLES_BEFORE));
        }
        clear(track);
      }
      window = emptyWindow();
      if (fall !== null) limit = Math.max(limit, limitAfter(fall, tracks));
      fall = null;
    },
    baselineMs: (priority) => tracks[priority].baselineMs,
  };
}

/** Had what is known now been known when the limit began to fall, it would have fallen to this. */
function limitAfter(
  { limit, counts, wholeMs }: Fall,
  tracks: Readonly<Record<RequestPriority, Track>>,
): number {
  let allowedMs = 0;
  for (const priority of PRIORITIES)
    allowedMs += counts[priority] * allowed(tracks[priority].baselineMs ?? 0);
  return Math.floor(limit * Math.min(1, allowedMs / wholeMs));
}

/** The latency without queueing follows what was measured, once enough was. */
function follow(track: Track): void {
  const { baselineMs, count } = track;
  if (count < (track.isQuiet ? MIN_SAMPLES : MIN_BUSY_SAMPLES)) return;
  const measuredMs = track.sumMs / count;
  if (baselineMs === null) track.baselineMs = measuredMs;
  else if (track.isQuiet) track.baselineMs = mix(baselineMs, measuredMs, FOLLOW);
  else if (measuredMs < FALL_MARGIN * baselineMs) track.baselineMs = mix(baselineMs, measuredMs, FALL);
  clear(track);
}

const allowed = (baselineMs: number): number => TOLERANCE * baselineMs + QUEUE_MS;

function clear(track: Track): void {
  track.count = 0;
  track.sumMs = 0;
  track.isQuiet = true;
}

const mix = (before: number, now: number, share: number): number => before + (now - before) * share;
const clamp = (value: number, least: number, greatest: number): number =>
  Math.max(least, Math.min(greatest, value));
