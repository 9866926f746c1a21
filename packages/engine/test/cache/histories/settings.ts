/** What a history is like, drawn from its seed: sizes, rates, and what goes wrong. */
import { type Disturbance, type DisturbanceKind, drawDisturbances, drawKinds } from "./disturbances.js";
import { FORGET_AFTER_MS } from "./link.js";
import { randomOf } from "./random.js";

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What sessions ask for, and how often. */
export interface SessionSettings {
  readonly playerIds: readonly string[];
  readonly keys: readonly string[];
  readonly thinkMs: number;
  /** Of all requests: commits and sets, and those of a game's own values. */
  readonly writeRate: number;
  readonly thingRate: number;
  readonly strongRate: number;
  /** Sessions demand nothing of what they read: so they mend nothing either. */
  readonly isForgetful: boolean;
}

export interface HistorySettings extends SessionSettings {
  readonly seed: number;
  readonly instanceCount: number;
  readonly sessionCount: number;
  /** Disturbances begin within so long; then all gets well again. */
  readonly disturbedMs: number;
  /** Of the store's answers: how many take long though nothing is the matter. */
  readonly slowRate: number;
  readonly maxEntries: number;
  readonly ttlSeconds: number;
  readonly breakerIntervalMs: number;
  readonly forgetAfterMs: number;
  readonly areTimersFirst: boolean;
  /** It is known that no instance was there before: the server is trusted at once. */
  readonly isNewGroup: boolean;
  /** Cache and prediction are switched about so often, for some or all players; `null`: never. */
  readonly switchEveryMs: number | null;
  /** From when until when nothing is changed. */
  readonly calms: readonly Span[];
  readonly disturbances: readonly Disturbance[];
}

const MAX_DISTURBANCES = 8;

/** A group of which it isn't known whether it is new trusts itself after so long. */
export const WARM_UP_MS = FORGET_AFTER_MS + 700;

/** What is given instead of drawn, to look closely at one part. */
export type Focus = Partial<Omit<HistorySettings, "seed">> & {
  /** Of the disturbances, where these aren't given themselves. */
  readonly kinds?: readonly DisturbanceKind[];
};

export interface SettingsOptions {
  /** Indexes of disturbances that are left out. */
  readonly without?: ReadonlySet<number>;
  readonly focus?: Focus;
}

export function drawSettings(seed: number, { without, focus }: SettingsOptions = {}): HistorySettings {
  const { kinds, ...given } = focus ?? {};
  const random = randomOf(seed, "settings");
  const disturbedMs = WARM_UP_MS + random.between(500, 4_500);
  const count = 1 + random.integer(MAX_DISTURBANCES);
  const disturbances = drawDisturbances(randomOf(seed, "disturbances"), {
    kinds: kinds ?? drawKinds(random),
    count,
    fromMs: WARM_UP_MS,
    untilMs: disturbedMs,
  });
  const names = (prefix: string, most: number) =>
    Array.from({ length: 1 + random.integer(most) }, (_, index) => `${prefix}${index + 1}`);
  return {
    seed,
    instanceCount: 2 + random.integer(random.chance(0.5) ? 2 : 4),
    sessionCount: 2 + random.integer(4),
    playerIds: names("p", random.pick([1, 3, 6])),
    keys: names("k", 3),
    disturbedMs,
    thinkMs: random.pick([30, 80, 200]),
    writeRate: random.pick([0.02, 0.05, 0.15, 0.5]),
    thingRate: random.pick([0, 0.3, 0.6]),
    strongRate: random.pick([0, 0, 0.1]),
    slowRate: random.pick([0.03, 0.03, 0.3]),
    maxEntries: random.chance(0.25) ? 2 : 1_000,
    ttlSeconds: random.pick([1, 5, 300]),
    breakerIntervalMs: 1_000,
    forgetAfterMs: FORGET_AFTER_MS,
    isForgetful: false,
    areTimersFirst: random.chance(0.5),
    isNewGroup: focus !== undefined || randomOf(seed, "group").chance(0.5),
    calms: [],
    // Whoever looks at one part closely does so without, unless told otherwise.
    switchEveryMs: focus === undefined ? randomOf(seed, "switching").pick([null, 50, 200, 1_000]) : null,
    ...given,
    disturbances: (given.disturbances ?? disturbances).filter((_, index) => without?.has(index) !== true),
  };
}
