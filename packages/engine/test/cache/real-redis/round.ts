/** One round against a real Redis: sessions at work while things go wrong, then a while without, then a look whether all trust again. */
import type { HistoryCounts, Violation } from "../histories/history-face.js";
import { runSession } from "../histories/sessions.js";
import { openRound, type Round, type RoundOptions, SETTLE_MS } from "./open-round.js";
import { FORGET_AFTER_MS } from "./real-instance.js";
import { drawBout, makeTrouble, type TroubleKind } from "./troubles.js";

const SESSION_COUNT = 12;
/** The last requests end within so long. */
const LAST_REQUESTS_MS = 10_000;
/** After the last trouble, trust is back within so long. */
const TRUST_BACK_MS = FORGET_AFTER_MS + 5_000;
/** Longer than what is not trusted may be shown. */
const PROBE_PAUSE_MS = 2_500;
/** On a machine that isn't well for so long there is nothing to be said about this. */
const MAX_LOOKING_MS = 60_000;
const MAX_TOLD_LINES = 80;

export interface PlayedRound {
  readonly seed: number;
  readonly violation: Violation | null;
  /** The law that was broken, and what led to it. */
  readonly told: string;
  readonly counts: Readonly<HistoryCounts>;
  readonly troubles: Readonly<Partial<Record<TroubleKind, number>>>;
  /** Of looks at instances: how many had just heard from Redis, and missed nothing. */
  readonly inTouchShare: number;
  /** `false`: it wasn't, or this machine was too late to tell. */
  readonly isTrustBack: boolean;
  readonly worstLatenessMs: number;
  readonly meanLatenessMs: number;
}

export async function playRound(options: RoundOptions): Promise<PlayedRound> {
  const round = await openRound(options);
  const onRejection = (error: unknown): void =>
    round.play.report({
      law: "6: a rejection that nobody handled",
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      subject: null,
    });
  process.on("unhandledRejection", onRejection);
  try {
    return await playOut(round, options);
  } finally {
    process.off("unhandledRejection", onRejection);
    await round.stop();
  }
}

async function playOut(round: Round, { seed, troubledMs }: RoundOptions): Promise<PlayedRound> {
  const { play, world, lateness } = round;
  const sessions = Array.from({ length: SESSION_COUNT }, async (_, index) =>
    runSession(play, `s${index + 1}`).catch((error: unknown) => {
      play.report({ law: "6: an error that no fault explains", why: String(error), subject: null });
    }),
  );
  const troubles = await troubleFor(round, world.nowMs() + troubledMs);
  round.setPhase("quiet");
  const isTrusted = await isTrustBack(round);
  round.setPhase("over");
  // A request without an answer has been told of by then, and nobody waits for it here.
  await Promise.race([Promise.all(sessions), world.wait(LAST_REQUESTS_MS)]);
  const violation = play.violation();
  return {
    seed,
    violation,
    told:
      violation === null
        ? ""
        : [
            `Law ${violation.law} (MAINSPRING_SEED=${seed}, at ${violation.atMs.toFixed(3)} ms)`,
            violation.why,
            JSON.stringify(play.settings),
            round.trace.about(violation.subject, MAX_TOLD_LINES),
          ].join("\n"),
    counts: play.counts,
    troubles,
    inTouchShare: round.inTouchShare(),
    isTrustBack: isTrusted,
    worstLatenessMs: lateness.worstMs(),
    meanLatenessMs: lateness.meanMs(),
  };
}

/** Bout after bout until then. How often what went wrong. */
async function troubleFor(round: Round, untilMs: number): Promise<PlayedRound["troubles"]> {
  const { play, world } = round;
  const random = play.randomOf("troubles");
  const troubles: Partial<Record<TroubleKind, number>> = {};
  // All is well for a moment first.
  await world.wait(SETTLE_MS + random.between(1_000, 3_000));
  while (world.nowMs() < untilMs && !play.isOver()) {
    const bout = drawBout(random);
    round.setTroubled(true);
    await Promise.all(bout.troubles.map(async (trouble) => makeTrouble(round.troubled, trouble)));
    for (const { kind } of bout.troubles) troubles[kind] = (troubles[kind] ?? 0) + 1;
    round.setTroubled(false);
    const calmUntilMs = Math.min(world.nowMs() + bout.calmMs, Math.max(untilMs, world.nowMs() + SETTLE_MS));
    while (world.nowMs() < calmUntilMs && !play.isOver()) await world.wait(100);
  }
  return troubles;
}

/**
 * Nothing is changed any more: everybody trusts everybody in time, and what was read is at hand when only trust can vouch for it. While
 * this machine is too late to tell, it is looked again.
 */
async function isTrustBack({ play, world, lateness, ...round }: Round): Promise<boolean> {
  const startedAtMs = world.nowMs();
  while (!play.isOver() && world.nowMs() < startedAtMs + MAX_LOOKING_MS) {
    const sinceMs = world.nowMs();
    const lost = (await whoIsLost(round)) ?? (await whatIsLost({ play, world, ...round }));
    if (lost === null) return true;
    if (world.nowMs() > startedAtMs + TRUST_BACK_MS && lateness.wasWellSince(sinceMs)) {
      play.report({ law: "6: not trusted again after all faults", subject: null, ...lost });
    }
    await world.wait(100);
  }
  return false;
}

type Lost = Pick<Violation, "why"> & Partial<Pick<Violation, "subject">>;

async function whoIsLost({ instances }: Pick<Round, "instances">): Promise<Lost | null> {
  for (const instance of instances()) {
    const { trust } = await instance.stats();
    if (!trust.isTrusted || trust.unconfirmed > 0)
      return { why: `${instance.name}: ${JSON.stringify(trust)}` };
  }
  return null;
}

/** What was known before there was trust is not vouched for; what is read now is. */
async function whatIsLost({
  play,
  world,
  settings,
  instances,
}: Pick<Round, "play" | "world" | "settings" | "instances">): Promise<Lost | null> {
  const local = instances().filter(({ freezing }) => freezing === null);
  await Promise.all(
    local.flatMap(({ store }) =>
      settings.playerIds.map(async (playerId) => store.read([playerId], { consistency: "cached" })),
    ),
  );
  await world.wait(PROBE_PAUSE_MS);
  const isLasting = settings.ttlSeconds * 1_000 > 4 * PROBE_PAUSE_MS && settings.maxEntries > 100;
  if (!isLasting) return null;
  for (const instance of local) {
    for (const playerId of settings.playerIds) {
      if (play.isUnsettled(playerId) || !play.exists(playerId)) continue;
      if (instance.store.peek?.(playerId) !== undefined) continue;
      return {
        why: `${instance.name}: ${JSON.stringify((await instance.stats()).trust)}`,
        subject: playerId,
      };
    }
  }
  return null;
}
