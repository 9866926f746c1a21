/** Plays one history: sessions at work while things go wrong, then a while without, then a look whether the cache is itself again. */
import { describeDisturbance, type Disturbance } from "./disturbances.js";
import { createHistory } from "./history.js";
import type { History, HistoryCounts, Violation } from "./history-face.js";
import type { CacheUnderTest, Instance } from "./instance.js";
import { MAX_STORE_DELAY_MS } from "./ledger.js";
import { FORGET_AFTER_MS, type NetworkConditions } from "./link.js";
import { runSession } from "./sessions.js";
import { drawSettings, type Focus, type HistorySettings } from "./settings.js";
import type { StoreConditions } from "./slow-store.js";

export interface PlayedHistory {
  readonly settings: HistorySettings;
  readonly violation: Violation | null;
  readonly counts: HistoryCounts;
  readonly digest: string;
  readonly eventCount: number;
  /** How often an instance was switched. */
  readonly switched: number;
  /** What happened to a subject, for a reader. */
  readonly about: (subject: string | null, maxLines: number) => string;
}

/** All is well for so long before nothing is changed any more, and so long without changes before the cache must be trusted. */
const WELL_MS = 1_000;
const QUIET_MS = 1_500;
/** Longer than what is not trusted may be shown. */
const PROBE_PAUSE_MS = 2_500;
/** What was just told, when nothing is the matter. */
const CONFIRMED_WITHIN_MS = 100;
/** What went wrong shows within so long, or not at all. */
const LOOKING_ON_MS = 3_000;
const AFTERMATH_MS = FORGET_AFTER_MS + 1_000;

export interface PlayOptions {
  readonly seed: number;
  readonly underTest: CacheUnderTest;
  /** Played without these disturbances. */
  readonly without?: ReadonlySet<number>;
  readonly focus?: Focus;
}

export async function playHistory({ seed, underTest, without, focus }: PlayOptions): Promise<PlayedHistory> {
  const settings = drawSettings(seed, { ...(without && { without }), ...(focus && { focus }) });
  const history = createHistory(underTest, settings);
  const onRejection = (error: unknown): void =>
    history.report({
      law: "6: a rejection that nobody handled",
      why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      subject: null,
    });
  process.on("unhandledRejection", onRejection);
  try {
    await playOut(history, focus !== undefined);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return {
    settings,
    violation: history.violation(),
    counts: history.counts,
    digest: history.trace.digest(),
    eventCount: history.world.eventCount(),
    switched: history.switches.count(),
    about: (subject, maxLines) => history.trace.about(subject, maxLines),
  };
}

/** @param isLooking at the disturbed part alone */
async function playOut(history: History, isLooking: boolean): Promise<void> {
  const { world, settings } = history;
  for (let count = 0; count < settings.instanceCount; count += 1) history.start();
  for (const disturbance of settings.disturbances) {
    world.after(disturbance.atMs, () => disturb(history, disturbance));
  }
  for (let count = 1; count <= settings.sessionCount; count += 1) {
    runSession(history, `s${count}`).catch((error: unknown) => {
      history.report({ law: "6: an error that no fault explains", why: String(error), subject: null });
    });
  }
  await world.runUntil(settings.disturbedMs);
  if (isLooking) {
    await world.runUntil(settings.disturbedMs + LOOKING_ON_MS);
    history.setPhase("over");
    return;
  }
  // Until all disturbances are over, and all is well, for a while.
  while (!history.isHealthy() && !history.isOver()) await world.runUntil(world.nowMs() + 500);
  await world.runUntil(world.nowMs() + (history.isOver() ? 0 : WELL_MS));
  history.setPhase("quiet");
  history.switches.rest();
  if (history.violation() === null) await probe(history);
  history.setPhase("over");
}

/** What was read is still at hand when only trust can vouch for it, and nothing waits to be told. */
async function probe(history: History): Promise<void> {
  const { world, settings } = history;
  await world.runUntil(world.nowMs() + QUIET_MS);
  const lasting =
    history.underTest.keeps && settings.ttlSeconds * 1000 > 2 * PROBE_PAUSE_MS && settings.maxEntries > 2;
  const living = history.instances().filter(({ process, isLeaving }) => process.isAlive() && !isLeaving);
  const readAll = living.flatMap((instance) =>
    settings.playerIds.map(async (playerId) => instance.store.read([playerId], { consistency: "cached" })),
  );
  const reading = Promise.allSettled(readAll);
  await world.runUntil(world.nowMs() + PROBE_PAUSE_MS);
  for (const result of await reading) {
    if (result.status === "rejected") {
      history.report({
        law: "6: an error that no fault explains",
        why: String(result.reason),
        subject: null,
      });
    }
  }
  // Players in doubt are told of each second: what is on its way then is there a moment later.
  if (living.some(({ cache }) => cache.stats().trust.unconfirmed > 0)) {
    await world.runUntil(world.nowMs() + CONFIRMED_WITHIN_MS);
  }
  for (const instance of living) {
    const { isTrusted, unconfirmed } = instance.cache.stats().trust;
    const untold = unconfirmed === 0 ? "" : `, ${unconfirmed} unconfirmed`;
    for (const playerId of settings.playerIds) {
      if (!lasting || history.isUnsettled(playerId) || !history.exists(playerId)) continue;
      if (instance.store.peek?.(playerId) !== undefined && unconfirmed === 0) continue;
      history.report({
        law: "6: not trusted again after all faults",
        why: `${instance.name}, trusted: ${isTrusted}${untold}`,
        subject: playerId,
      });
    }
  }
}

function disturb(history: History, disturbance: Disturbance): void {
  const { world } = history;
  const { kind, forMs } = disturbance;
  const living = history.instances().filter(({ process, isLeaving }) => process.isAlive() && !isLeaving);
  const target = living[disturbance.target % Math.max(1, living.length)];
  history.disturb(world.nowMs() + forMs + AFTERMATH_MS);
  history.note(null, target?.name ?? "-", describeDisturbance(disturbance));
  if (
    kind.startsWith("server") ||
    kind.startsWith("messages") ||
    kind === "slow network" ||
    kind === "values away" ||
    kind.startsWith("store")
  ) {
    disturbAll(history, disturbance);
  } else if (target !== undefined) disturbOne(history, target, disturbance);
}

function disturbOne(history: History, target: Instance, { kind, forMs, chances }: Disturbance): void {
  const { world } = history;
  const [requests = 0, answers = 0, channel = 0, other = 0] = chances;
  const { process, link } = target;
  if (kind === "crash") {
    process.kill();
    world.after(forMs, () => history.start());
  } else if (kind === "clean close") {
    void closeCleanly(history, target).then(() => world.after(forMs, () => history.start()));
  } else if (kind === "freeze") process.freeze(forMs);
  else if (kind === "reset") link.reset(forMs / 4);
  else if (kind === "blockade") {
    Object.assign(link.blockade, {
      untilMs: world.nowMs() + forMs,
      requests: requests < 0.6,
      answers: answers < 0.6,
      channel: channel < 0.6,
      isHeld: other < 0.5,
    });
    // A connection through which nothing came for long is broken off by somebody, as a rule.
    if (channel < 0.3) world.after(forMs, () => link.reset(requests * 300));
  }
}

async function closeCleanly(history: History, target: Instance): Promise<void> {
  target.isLeaving = true;
  await history.world.wait(MAX_STORE_DELAY_MS);
  if (!target.process.isAlive()) return;
  const ended = new Promise<void>((resolve) => {
    target.process.onDeath(resolve);
  });
  await Promise.race([
    target.store.close().catch((error: unknown) => {
      history.report({
        law: "6: an error that no fault explains",
        why: `${target.name} closes: ${String(error)}`,
        subject: null,
      });
    }),
    ended,
  ]);
  history.note(null, target.name, "is closed");
  target.process.kill();
}

function disturbAll(history: History, { kind, forMs, chances }: Disturbance): void {
  const { world, server } = history;
  const [chance = 0, other = 0] = chances;
  const network = (worse: Partial<NetworkConditions>) => history.network.worsen(worse, forMs);
  const storage = (worse: Partial<StoreConditions>) => history.storage.worsen(worse, forMs);
  if (kind === "server killed" || kind === "server restarts from a copy") {
    if (kind === "server killed") restartServer(history, { keep: "nothing", forMs });
    else {
      server.saveCopy();
      world.after(forMs, () => restartServer(history, { keep: "old copy", forMs: forMs * chance }));
      history.disturb(world.nowMs() + 2 * forMs + AFTERMATH_MS);
    }
  } else if (kind === "server paused") {
    server.pause();
    world.after(forMs, () => server.resume());
  } else if (kind === "server flushed") server.flush();
  else if (kind === "messages lost")
    network({ lost: 0.1 + 0.9 * chance, lostEchoes: other < 0.5 ? 0 : chance });
  else if (kind === "messages doubled") network({ doubled: chance });
  else if (kind === "messages out of order") {
    network({ disordered: chance, slow: 0.3, maxDelayMs: 300 });
  } else if (kind === "slow network") network({ slow: chance, maxDelayMs: 20 + 1_000 * other * other });
  else if (kind === "values away") network({ away: 0.2 + 0.8 * chance });
  else if (kind === "store fails") storage({ before: chance / 4, after: other / 3, later: chance / 5 });
  else if (kind === "store slow") storage({ slow: chance, maxDelayMs: MAX_STORE_DELAY_MS });
}

/** It is gone for a while; whoever lives connects anew within half a second after it is back. */
function restartServer(
  history: History,
  { keep, forMs }: { readonly keep: "nothing" | "old copy"; readonly forMs: number },
): void {
  const { server, world } = history;
  const random = history.randomOf(`restart at ${world.nowMs()}`);
  history.note(null, "srv", `restarts with ${keep}`);
  server.restart({ keep });
  for (const { process, link } of history.instances()) {
    if (process.isAlive()) link.reset(forMs + random.between(0, 500));
  }
}
