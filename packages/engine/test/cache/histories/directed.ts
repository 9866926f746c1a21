/** Histories that are made for one fault: what must go wrong does, at the instants at which it matters, and little else. */
import type { Disturbance, DisturbanceKind } from "./disturbances.js";
import { type Focus, type Span, WARM_UP_MS } from "./settings.js";

/** A disturbance that begins so long after there can be trust. */
export const at = (
  afterMs: number,
  kind: DisturbanceKind,
  forMs: number,
  chances: readonly number[] = [],
  target = 0,
): Disturbance => ({ kind, atMs: WARM_UP_MS + afterMs, forMs, target, chances });

/** Changes come between two instants only (counted like the disturbances), so that what went wrong with them isn't mended by others. */
export const changesWithin = (fromMs: number, untilMs: number): readonly Span[] => [
  { fromMs: WARM_UP_MS - 1_000, untilMs: WARM_UP_MS + fromMs },
  { fromMs: WARM_UP_MS + untilMs, untilMs: Infinity },
];

/** `p1`, `p2`, and so on. */
export const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** Nothing but what a history is about. */
export const FEW_FAULTS = { thingRate: 0, strongRate: 0, maxEntries: 1_000, ttlSeconds: 300 };

/**
 * Things of a game's own, all loaded anew at once (two seconds after the server lost what vouched for them), and many of them set a little
 * later, all too late, because the server is paused; and nobody hears of it.
 */
export const THINGS_TOO_LATE: Focus = {
  ...FEW_FAULTS,
  thingRate: 1,
  keys: names("k", 20),
  ttlSeconds: 5,
  writeRate: 1,
  thinkMs: 30,
  sessionCount: 10,
  instanceCount: 5,
  breakerIntervalMs: 100,
  // Nobody is silent here, and a server that was flushed is soon trusted again.
  forgetAfterMs: 500,
  disturbedMs: WARM_UP_MS + 3_400,
  calms: [
    { fromMs: 0, untilMs: WARM_UP_MS + 2_780 },
    { fromMs: WARM_UP_MS + 2_825, untilMs: Infinity },
  ],
  disturbances: [
    at(0, "messages lost", 5_000, [1, 0.4]),
    at(0, "server flushed", 0),
    at(2_800, "server paused", 120),
  ],
};

/** One instance can't tell, while the store is slow at times. */
export const LATE_NEWS: Focus = {
  ...FEW_FAULTS,
  isForgetful: true,
  playerIds: names("p", 40),
  writeRate: 0.15,
  thinkMs: 50,
  ttlSeconds: 3,
  instanceCount: 4,
  sessionCount: 8,
  disturbedMs: WARM_UP_MS + 2_500,
  calms: changesWithin(300, 1_500),
  disturbances: [at(0, "store slow", 4_000, [0.5]), at(100, "blockade", 5_000, [0, 0.9, 0.9, 0.9])],
};

/** Commits whose answers are slow, so that they are told after later ones; and an instance that begins then and knows nothing. */
export const LATE_PUTS: Focus = {
  ...FEW_FAULTS,
  isForgetful: true,
  playerIds: names("p", 8),
  writeRate: 0.5,
  thinkMs: 50,
  instanceCount: 4,
  sessionCount: 8,
  disturbedMs: WARM_UP_MS + 2_500,
  calms: changesWithin(300, 1_000),
  disturbances: [at(0, "store slow", 2_000, [0.3]), at(0, "clean close", 400, [], 1)],
};

/** The server is killed, and all leave but one, that finds it again last: those who begin meanwhile have never heard of it. */
export const NEW_LIST: Focus = {
  ...FEW_FAULTS,
  isForgetful: true,
  playerIds: names("p", 40),
  writeRate: 0.15,
  thinkMs: 50,
  instanceCount: 3,
  sessionCount: 8,
  disturbedMs: WARM_UP_MS + 4_500,
  calms: changesWithin(1_400, 2_200),
  disturbances: [
    at(0, "server killed", 4_500),
    at(10, "clean close", 100, [], 1),
    at(20, "clean close", 100, [], 1),
  ],
};

/** Nothing but switches, thrown all the time, each of which reaches each instance at an instant of its own. */
export const SWITCHED: Focus = {
  ...FEW_FAULTS,
  switchEveryMs: 50,
  playerIds: names("p", 6),
  writeRate: 0.15,
  thinkMs: 30,
  instanceCount: 3,
  sessionCount: 6,
  disturbedMs: WARM_UP_MS + 3_000,
  disturbances: [],
};
