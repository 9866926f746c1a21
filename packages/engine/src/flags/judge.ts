/**
 * Whether those whom a change reached fare worse than the others: more errors, slower answers, or answers that are wrong. Shares are
 * compared by the two-proportion z-test and by Fisher's exact test (any textbook of statistics), so that few requests prove nothing, nor few
 * errors among many requests.
 */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../check-options.js";
import type { RevertCause } from "./flags.js";
import { bucketBeginMs } from "../latency-buckets.js";
import { type ArmCounts, bucketEndMs, quantileBucket, slowerThan } from "./arms.js";

export interface GuardThresholds {
  /** Of each arm, before anything is judged. Default: 50 */
  readonly minRequests: number;
  /** So much larger may the share of errors be, from 0 to 1. Default: 0.02 */
  readonly errorShare: number;
  /** So many times as long may a request take. Default: 1.5 */
  readonly latencyFactor: number;
  /** And at least so much longer, to matter. Default: 5 ms */
  readonly latencyMs: number;
}

export const GUARD_THRESHOLDS: GuardThresholds = {
  minRequests: 50,
  errorShare: 0.02,
  latencyFactor: 1.5,
  latencyMs: 5,
};

/** @throws MainspringError `CONFIG_INVALID` */
export function checkThresholds(thresholds: GuardThresholds): GuardThresholds {
  const { minRequests, errorShare, latencyFactor, latencyMs } = thresholds;
  checkOptions({ "guard.minRequests": minRequests }, { from: BEYOND_QUANTILE * 2 });
  const isPossible = errorShare > 0 && errorShare <= 1 && latencyFactor > 1 && latencyMs >= 0;
  if (isPossible) return thresholds;
  throw new MainspringError(
    "CONFIG_INVALID",
    `The guard's errorShare is above 0 and at most 1, its latencyFactor above 1, its latencyMs not below 0; not ${errorShare}, ${latencyFactor}, ${latencyMs}.`,
  );
}

/** One chance in 30,000 that arms which are the same look so different. */
const SIGNIFICANCE_Z = 4;
const SIGNIFICANCE = 1 / 30_000;

/** Requests that must lie beyond a quantile, for it to say something. */
const BEYOND_QUANTILE = 10;

const LARGEST_QUANTILE = 0.99;

/** So large a share more must be slow. */
const SLOW_SHARE = 0.01;

/** Wrong answers among those that were checked: one might be a commit at an unlucky moment, though none is known. */
const WRONG_COUNT = 2;

export interface Arms {
  /** Those whom the change reached. */
  readonly reached: ArmCounts;
  readonly others: ArmCounts;
}

/** Why a change should be taken back. */
export interface Verdict {
  readonly cause: RevertCause;
  /** A sentence, with the numbers. */
  readonly reason: string;
}

/** `null`: it shouldn't be. */
export function judge(arms: Arms, thresholds: GuardThresholds): Verdict | null {
  return (
    wrongness(arms) ??
    (hasEnough(arms, thresholds) ? (errors(arms, thresholds) ?? slowness(arms, thresholds)) : null)
  );
}

function hasEnough({ reached, others }: Arms, { minRequests }: GuardThresholds): boolean {
  return reached.requests >= minRequests && others.requests >= minRequests;
}

function wrongness({ reached, others }: Arms): Verdict | null {
  if (reached.wrong < WRONG_COUNT || others.wrong > 0) return null;
  const reason = `${reached.wrong} answers differ from those of the plain path, against none of the other players.`;
  return { cause: "wrongAnswers", reason };
}

function errors({ reached, others }: Arms, { errorShare }: GuardThresholds): Verdict | null {
  const shares = [reached.errors / reached.requests, others.errors / others.requests] as const;
  if (shares[0] - shares[1] < errorShare) return null;
  if (!isBeyondChance([reached.errors, reached.requests], [others.errors, others.requests])) return null;
  const reason = `${percentOf(shares[0])} of ${reached.requests} requests failed, against ${percentOf(shares[1])} of ${others.requests} of the other players.`;
  return { cause: "errors", reason };
}

function slowness({ reached, others }: Arms, { latencyFactor, latencyMs }: GuardThresholds): Verdict | null {
  const fewest = Math.min(reached.requests, others.requests);
  const share = Math.min(LARGEST_QUANTILE, 1 - BEYOND_QUANTILE / fewest);
  const usual = quantileBucket(others, share);
  const here = quantileBucket(reached, share);
  if (usual === null || here === null) return null;
  const [usualMs, hereMs] = [bucketEndMs(usual), bucketBeginMs(here)];
  if (hereMs < usualMs * latencyFactor || hereMs - usualMs < latencyMs) return null;
  const slow = [slowerThan(reached, usual), slowerThan(others, usual)] as const;
  const isMore = slow[0] / reached.requests - slow[1] / others.requests >= SLOW_SHARE;
  if (!isMore || !isBeyondChance([slow[0], reached.requests], [slow[1], others.requests])) return null;
  const reason = `The slowest ${percentOf(1 - share)} of ${reached.requests} requests took ${toldMs(hereMs)} or more, against up to ${toldMs(usualMs)} of ${others.requests} of the other players.`;
  return { cause: "slowness", reason };
}

type Proportion = readonly [count: number, of: number];

/** The z-test is cheap, and says too much where few are counted: what passes it is looked at exactly. */
function isBeyondChance(one: Proportion, other: Proportion): boolean {
  return zOf(one, other) >= SIGNIFICANCE_Z && chanceOf(one, other) <= SIGNIFICANCE;
}

/** How likely so many or more of all that are counted fall to the first by chance (Fisher's exact test, one-sided). */
function chanceOf([countA, ofA]: Proportion, [countB, ofB]: Proportion): number {
  const [all, counted] = [ofA + ofB, countA + countB];
  let term = Math.exp(lnChoose(counted, countA) + lnChoose(all - counted, ofA - countA) - lnChoose(all, ofA));
  let sum = term;
  for (let count = countA; count < Math.min(counted, ofA); count += 1) {
    term *= ((counted - count) * (ofA - count)) / ((count + 1) * (all - counted - ofA + count + 1));
    sum += term;
  }
  return sum;
}

function lnChoose(of: number, count: number): number {
  return lnFactorial(of) - lnFactorial(count) - lnFactorial(of - count);
}

/** Stirling's series, which is good to eight digits from 10 on. */
function lnFactorial(number: number): number {
  let shift = 0;
  let from = number;
  for (; from < 10; from += 1) shift += Math.log(from + 1);
  return (
    (from + 0.5) * Math.log(from) -
    from +
    Math.log(2 * Math.PI) / 2 +
    1 / (12 * from) -
    1 / (360 * from ** 3) -
    shift
  );
}

function zOf([countA, ofA]: Proportion, [countB, ofB]: Proportion): number {
  const pooled = (countA + countB) / (ofA + ofB);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / ofA + 1 / ofB));
  return deviation === 0 ? 0 : (countA / ofA - countB / ofB) / deviation;
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

function toldMs(durationMs: number): string {
  return `${Number(durationMs.toPrecision(2))} ms`;
}
