/** How the requests of two groups of players fared lately: those for whom a layer is on, and those for whom it is off. */
import { bucketBeginMs, LATENCY_BUCKET_COUNT, latencyBucketOf } from "../latency-buckets.js";
import type { RequestOutcome } from "./flags.js";

/** What is older is forgotten. */
export const WINDOW_MS = 30_000;

const SLOT_MS = 1_000;
const SLOTS = WINDOW_MS / SLOT_MS;

/** Counted together. */
export interface ArmCounts {
  readonly requests: number;
  readonly errors: number;
  /** Answers that the plain path contradicts. */
  readonly wrong: number;
  /** Requests by how long they took. */
  readonly latencies: Uint32Array;
}

/** Players are counted in so many groups, each player always in the same. */
export const PLAYER_GROUPS = 8;

export interface Arm {
  /** @param group of the player */
  note(outcome: RequestOutcome, nowMs: number, group: number): void;
  noteWrong(nowMs: number): void;
  counts(nowMs: number, except?: Except): ArmCounts;
}

/** What is left out: some of the seconds, or the requests of some of the players. */
export interface Except {
  readonly seconds?: Stretch;
  readonly group?: number;
}

/** Seconds, as the timers count them: from this one on, up to the other, without it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The seconds of the window: the oldest one first. */
export function secondsOf(nowMs: number): Stretch {
  const present = Math.floor(nowMs / SLOT_MS);
  return { from: present - SLOTS + 1, to: present + 1 };
}

interface Slot {
  number: number;
  wrong: number;
  /** By group of players. */
  readonly errors: Uint32Array;
  /** By group of players, the buckets of one after those of the other. */
  readonly latencies: Uint32Array;
}

export function createArm(): Arm {
  const slots: Slot[] = Array.from({ length: SLOTS }, () => ({
    number: -1,
    wrong: 0,
    errors: new Uint32Array(PLAYER_GROUPS),
    latencies: new Uint32Array(PLAYER_GROUPS * LATENCY_BUCKET_COUNT),
  }));
  const present = (nowMs: number): Slot => {
    const number = Math.floor(nowMs / SLOT_MS);
    const slot = slots[number % SLOTS] as Slot;
    if (slot.number !== number) {
      Object.assign(slot, { number, wrong: 0 });
      slot.errors.fill(0);
      slot.latencies.fill(0);
    }
    return slot;
  };
  return {
    note({ elapsedMs, isError }, nowMs, group) {
      const { errors, latencies } = present(nowMs);
      if (isError) errors[group] = (errors[group] ?? 0) + 1;
      const place = group * LATENCY_BUCKET_COUNT + latencyBucketOf(elapsedMs);
      latencies[place] = (latencies[place] ?? 0) + 1;
    },
    noteWrong(nowMs) {
      present(nowMs).wrong += 1;
    },
    counts(nowMs, { seconds = NO_STRETCH, group: leftOut } = {}) {
      const window = secondsOf(nowMs);
      const latencies = new Uint32Array(LATENCY_BUCKET_COUNT);
      const sum = { requests: 0, errors: 0, wrong: 0, latencies };
      for (const slot of slots) {
        if (!isWithin(slot.number, window) || isWithin(slot.number, seconds)) continue;
        sum.wrong += slot.wrong;
        for (const [group, errors] of slot.errors.entries()) {
          if (group === leftOut) continue;
          sum.errors += errors;
          const from = group * LATENCY_BUCKET_COUNT;
          for (let bucket = 0; bucket < LATENCY_BUCKET_COUNT; bucket += 1) {
            const count = slot.latencies[from + bucket] ?? 0;
            latencies[bucket] = (latencies[bucket] ?? 0) + count;
            sum.requests += count;
          }
        }
      }
      return sum;
    },
  };
}

const NO_STRETCH: Stretch = { from: 0, to: 0 };

function isWithin(second: number, { from, to }: Stretch): boolean {
  return second >= from && second < to;
}

/** What hardly any request of a bucket took longer than: the last one has no end. */
export function bucketEndMs(bucket: number): number {
  return bucketBeginMs(Math.min(bucket + 1, LATENCY_BUCKET_COUNT - 1));
}

/** The bucket of the request that so large a share (0 to 1) of all was not slower than; `null` without requests. */
export function quantileBucket({ requests, latencies }: ArmCounts, share: number): number | null {
  if (requests === 0) return null;
  let left = Math.max(1, Math.ceil(requests * share));
  for (const [bucket, count] of latencies.entries()) {
    left -= count;
    if (left <= 0) return bucket;
  }
  return LATENCY_BUCKET_COUNT - 1;
}

/** Requests that took longer than all of this bucket. */
export function slowerThan({ latencies }: ArmCounts, bucket: number): number {
  return latencies.subarray(bucket + 1).reduce((sum, count) => sum + count, 0);
}
