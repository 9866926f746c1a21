/** Watches the two arms of each rollout, and tells when those whom it reached fare worse. */
import type { Timers } from "../ports.js";
import {
  type Arm,
  type ArmCounts,
  bucketEndMs,
  createArm,
  type Except,
  PLAYER_GROUPS,
  quantileBucket,
  secondsOf,
} from "./arms.js";
import type { ArmStats, RequestOutcome } from "./flags.js";
import { type GuardThresholds, judge, type Verdict } from "./judge.js";
import type { IsOn, Layer } from "./layers.js";
import { createPlayerHash } from "./player-hash.js";

const LOOK_EVERY_MS = 1_000;

/**
 * Whatever so many seconds in a row are left out, the rest must show it as well: a pause of the whole process meets those whose requests are
 * under way, of whichever arm they are, and they are no more than one event.
 */
const PAUSE_SECONDS = 2;

export type Side = "on" | "off";

/** A layer that is on for some and off for others. */
export interface Rollout {
  readonly isOn: IsOn;
  /** The players whom the last change reached: their setting is the new one. */
  readonly reached: Side;
  /** They are a few who were named one by one. */
  readonly isForFew: boolean;
  readonly isGuarded: boolean;
}

export interface Guard {
  isMeasuring(): boolean;
  isReached(playerId: string): boolean;
  note(playerId: string, outcome: RequestOutcome): void;
  noteWrong(playerId: string, givenAgoMs: number): void;
  /** Measures a layer anew; `null`: it isn't partly rolled out (any more). */
  watch(layer: Layer, rollout: Rollout | null): void;
  /** Whether what is measured of a layer has consequences, from now on. */
  setGuarded(layer: Layer, isGuarded: boolean): void;
  arms(layer: Layer): Readonly<Record<Side, ArmStats>> | null;
  close(): void;
}

export interface GuardParts {
  readonly timers: Timers;
  readonly thresholds: GuardThresholds;
  /** Told once for each measured change. */
  readonly onWorse: (layer: Layer, reached: Side, verdict: Verdict) => void;
}

interface Watched extends Rollout {
  readonly layer: Layer;
  readonly arms: Readonly<Record<Side, Arm>>;
  /** When it became so. */
  readonly sinceMs: number;
}

export function createGuard({ timers, thresholds, onWorse }: GuardParts): Guard {
  /** A list, since requests go through it. */
  let watched: readonly Watched[] = [];
  let cancel: (() => void) | null = null;
  let isClosed = false;
  const hashOf = createPlayerHash("guard");
  const find = (layer: Layer): Watched | undefined => watched.find((one) => one.layer === layer);

  const look = (): void => {
    for (const rollout of watched) {
      if (!rollout.isGuarded) continue;
      const verdict = verdictOn(rollout, { nowMs: timers.nowMs(), thresholds });
      if (verdict !== null) onWorse(rollout.layer, rollout.reached, verdict);
    }
  };
  const lookAgain = (): void => {
    cancel = timers.after(LOOK_EVERY_MS, () => {
      lookAgain();
      look();
    });
  };
  const rest = (): void => {
    cancel?.();
    cancel = null;
  };

  return {
    isMeasuring: () => watched.length > 0,
    isReached: (playerId) => watched.some(({ isOn, reached }) => (isOn(playerId) ? "on" : "off") === reached),
    note(playerId, outcome) {
      const nowMs = timers.nowMs();
      const group = hashOf(playerId) % PLAYER_GROUPS;
      for (const { isOn, arms } of watched) arms[isOn(playerId) ? "on" : "off"].note(outcome, nowMs, group);
    },
    noteWrong(playerId, givenAgoMs) {
      const nowMs = timers.nowMs();
      for (const { isOn, arms, sinceMs } of watched) {
        if (nowMs - givenAgoMs >= sinceMs) arms[isOn(playerId) ? "on" : "off"].noteWrong(nowMs);
      }
    },
    watch(layer, rollout) {
      // A look for other instances' changes may have been under way.
      if (isClosed) return;
      const others = watched.filter((one) => one.layer !== layer);
      const arms = { on: createArm(), off: createArm() };
      const sinceMs = timers.nowMs();
      watched = rollout === null ? others : [...others, { ...rollout, layer, arms, sinceMs }];
      if (watched.length === 0) rest();
      else if (cancel === null) lookAgain();
    },
    setGuarded(layer, isGuarded) {
      watched = watched.map((one) => (one.layer === layer ? { ...one, isGuarded } : one));
    },
    arms(layer) {
      const found = find(layer);
      if (found === undefined) return null;
      const nowMs = timers.nowMs();
      return { on: statsOf(found.arms.on.counts(nowMs)), off: statsOf(found.arms.off.counts(nowMs)) };
    },
    close() {
      isClosed = true;
      watched = [];
      rest();
    },
  };
}

interface Judging {
  readonly nowMs: number;
  readonly thresholds: GuardThresholds;
}

function verdictOn(rollout: Watched, { nowMs, thresholds }: Judging): Verdict | null {
  const { reached, arms } = rollout;
  const others = reached === "on" ? arms.off : arms.on;
  const judged = (except?: Except): Verdict | null =>
    judge({ reached: arms[reached].counts(nowMs, except), others: others.counts(nowMs, except) }, thresholds);
  const verdict = judged();
  // An answer that is wrong is wrong, whenever it was given, and to whomever.
  if (verdict === null || verdict.cause === "wrongAnswers") return verdict;
  for (const except of leftOut(rollout, nowMs)) {
    if (judged(except) === null) return null;
  }
  return verdict;
}

/** Whatever of these is left out, the rest must show the same. */
function* leftOut({ isForFew }: Watched, nowMs: number): Generator<Except> {
  const { from, to } = secondsOf(nowMs);
  for (let second = from; second + PAUSE_SECONDS <= to; second += 1) {
    yield { seconds: { from: second, to: second + PAUSE_SECONDS } };
  }
  // One player who asks much, or has much, is one player. Of a few it is their lot that counts.
  if (isForFew) return;
  for (let group = 0; group < PLAYER_GROUPS; group += 1) yield { group };
}

function statsOf(counts: ArmCounts): ArmStats {
  const quantileMs = (share: number): number | null => {
    const bucket = quantileBucket(counts, share);
    return bucket === null ? null : bucketEndMs(bucket);
  };
  const { requests, errors, wrong } = counts;
  return { requests, errors, wrong, p50Ms: quantileMs(0.5), p99Ms: quantileMs(0.99) };
}
