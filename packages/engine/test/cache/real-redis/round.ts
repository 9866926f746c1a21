/** One round against a real Redis: sessions at work while things go wrong, then a while without, then a look whether all trust again. */
import { Redis } from "ioredis";
import type { Remote } from "../../../src/cache/remote.js";
import type { RecordWrite } from "../../../src/ports.js";
import { startRedisProxy } from "../../support/redis-proxy.js";
import { startRedisServer } from "../../support/redis-server.js";
import { createConditions } from "../histories/conditions.js";
import type { HistoryCounts, Play, Violation } from "../histories/history-face.js";
import { createLedger } from "../histories/ledger.js";
import { randomOf } from "../histories/random.js";
import { runSession } from "../histories/sessions.js";
import type { SessionSettings } from "../histories/settings.js";
import { createSlowStore, type StoreConditions } from "../histories/slow-store.js";
import { createTrace } from "../histories/trace.js";
import { createLateness, type Lateness } from "./lateness.js";
import {
  FORGET_AFTER_MS,
  openLocalInstance,
  type RealInstance,
  type RealInstanceParts,
  startChildInstance,
} from "./real-instance.js";
import { createRealProcess, createRealWorld, type RealWorld } from "./real-world.js";
import type { SharedStores } from "./shared-store.js";
import { drawBout, leavesSilence, makeTrouble, type TroubleKind, type Troubled } from "./troubles.js";

/** What no failure excuses, and what is allowed while all is well: beside how late everything runs on this machine. */
const BOUNDS = { anyhowMs: 2_000, healthyMs: 100 };
/** All is well when nothing was the matter for so long: connections are tried again each second. */
const SETTLE_MS = 3_000;
const JOIN_MS = 3_000;
const LOCAL_COUNT = 3;
const SESSION_COUNT = 12;
const MAX_COMMIT_WAIT_MS = 1_000;
/** After the last trouble, trust is back within so long. */
const TRUST_BACK_MS = FORGET_AFTER_MS + 5_000;
/** Longer than what is not trusted may be shown. */
const PROBE_PAUSE_MS = 2_500;
/** On a machine that isn't well for so long there is nothing to be said about this. */
const MAX_LOOKING_MS = 60_000;
/** So often it is noted who trusts. */
const LOOK_EVERY_MS = 250;
const MAX_TOLD_LINES = 80;

export interface RoundOptions {
  readonly seed: number;
  /** Things go wrong for so long. */
  readonly troubledMs: number;
  readonly stores: SharedStores;
  readonly hasChild?: boolean;
  readonly disarm?: (remote: Remote) => Remote;
}

export interface PlayedRound {
  readonly seed: number;
  readonly violation: Violation | null;
  /** The law that was broken, and what led to it. */
  readonly told: string;
  readonly counts: Readonly<HistoryCounts>;
  readonly troubles: Readonly<Partial<Record<TroubleKind, number>>>;
  /** Of looks at instances. */
  readonly trustedShare: number;
  /** `false`: it wasn't, or this machine was too late to tell. */
  readonly isTrustBack: boolean;
  readonly worstLatenessMs: number;
  readonly meanLatenessMs: number;
}

export interface RoundSettings extends SessionSettings {
  readonly ttlSeconds: number;
  readonly maxEntries: number;
}

function drawRound(seed: number): RoundSettings {
  const random = randomOf(seed, "settings");
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  return {
    playerIds: names("p", random.pick([3, 6, 20])),
    keys: names("k", 4),
    thinkMs: random.pick([10, 25, 60]),
    writeRate: random.pick([0.03, 0.1, 0.3]),
    thingRate: random.pick([0.2, 0.4]),
    strongRate: random.pick([0, 0.1]),
    ttlSeconds: random.pick([5, 300, 300]),
    maxEntries: random.pick([4, 1_000, 1_000]),
  };
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
  await Promise.all(sessions);
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
    trustedShare: round.trustedShare(),
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
  await world.wait(random.between(500, SETTLE_MS));
  while (world.nowMs() < untilMs && !play.isOver()) {
    const bout = drawBout(random);
    round.setTroubled(true, 0);
    await Promise.all(bout.troubles.map(async (trouble) => makeTrouble(round.troubled, trouble)));
    for (const { kind } of bout.troubles) troubles[kind] = (troubles[kind] ?? 0) + 1;
    round.setTroubled(false, leavesSilence(bout) ? FORGET_AFTER_MS : 0);
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

interface Round {
  readonly world: RealWorld;
  readonly settings: RoundSettings;
  readonly play: Play;
  readonly trace: ReturnType<typeof createTrace>;
  readonly lateness: Lateness;
  readonly troubled: Troubled;
  instances(): readonly RealInstance[];
  setPhase(phase: "busy" | "quiet" | "over"): void;
  /** All is not well while it is, nor for so long after. */
  setTroubled(isTroubled: boolean, afterMs: number): void;
  trustedShare(): number;
  stop(): Promise<void>;
}

async function openRound({ seed, stores, hasChild = true, disarm }: RoundOptions): Promise<Round> {
  const settings = drawRound(seed);
  const world = createRealWorld();
  const lateness = createLateness(world);
  const trace = createTrace();
  const server = await startRedisServer();
  let phase: "busy" | "quiet" | "over" = "busy";
  let unrestUntilMs = SETTLE_MS;
  let isTroubled = false;
  let opened = 0;
  const all: RealInstance[] = [];
  const instances = () => all.filter(({ process }) => process.isAlive());
  const storage = createConditions<StoreConditions>(world, {
    before: 0,
    after: 0,
    later: 0,
    slow: 0.03,
    maxDelayMs: 300,
  });
  const ledger = createLedger({
    world,
    epochMs: Date.now() - Math.floor(world.nowMs()),
    trace,
    bounds: BOUNDS,
    joinMs: JOIN_MS,
    random: randomOf(seed, "things"),
    storage: storage.now,
    isHealthy: () => !isTroubled && world.nowMs() > unrestUntilMs + SETTLE_MS,
    stayedHealthy: (sinceMs) => lateness.wasWellSince(sinceMs),
    latenessMs: (sinceMs) => lateness.sinceMs(sinceMs),
    onViolation() {
      phase = "over";
    },
  });
  const shared = await stores.open((write) => ledger.onDurable(write));
  const onCommit = new Map<string, () => void>();
  const open = async (how: (parts: RealInstanceParts) => Promise<RealInstance>): Promise<void> => {
    opened += 1;
    const name = `i${opened}`;
    const realProcess = createRealProcess(world);
    const slow = createSlowStore({
      world,
      process: realProcess,
      random: randomOf(seed, `${name} store`),
      shared,
      conditions: storage.now,
      onDurable: (write) => ledger.onDurable(write),
    });
    const commit = async (writes: readonly RecordWrite[]) => {
      onCommit.get(name)?.();
      return slow.commit(writes);
    };
    const proxy = await startRedisProxy({
      port: server.options.port,
      random: randomOf(seed, `${name} network`),
    });
    realProcess.onDeath(() => void proxy.stop());
    ledger.note(null, name, "starts");
    const { ttlSeconds, maxEntries } = settings;
    const parts = { name, world, ledger, process: realProcess, proxy, ttlSeconds, maxEntries };
    all.push(await how({ ...parts, below: { ...slow, commit }, ...(disarm && { disarm }) }));
  };
  const troubled: Troubled = {
    world,
    server,
    storage,
    instances,
    openLocal: async () => open(openLocalInstance),
    startChild: async () => open(startChildInstance),
    untilCommit: async ({ name }) =>
      Promise.race([
        world.wait(MAX_COMMIT_WAIT_MS),
        new Promise<void>((resolve) => {
          onCommit.set(name, resolve);
        }),
      ]),
    note: (...given) => ledger.note(...given),
  };
  for (let count = 0; count < LOCAL_COUNT; count += 1) await troubled.openLocal();
  if (hasChild) await troubled.startChild();

  const isCalm = () => !isTroubled;
  const asking = createAskingClient(server.options.port);
  lateness.watch(isCalm, async () => asking.ping());
  lateness.watch(isCalm, async () => instances().at(-1)?.stats());
  const trust = { looks: 0, trusted: 0 };
  const noteTrust = async (instance: RealInstance): Promise<void> => {
    const { isTrusted } = (await instance.stats()).trust;
    trust.looks += 1;
    if (isTrusted) trust.trusted += 1;
  };
  const lookForTrust = (): void => {
    if (phase === "over") return;
    for (const instance of instances().filter(({ freezing }) => freezing === null)) {
      void noteTrust(instance);
    }
    world.after(LOOK_EVERY_MS, lookForTrust);
  };
  lookForTrust();
  return {
    world,
    settings,
    trace,
    lateness,
    troubled,
    instances,
    play: {
      ...ledger,
      world,
      settings,
      randomOf: (stream) => randomOf(seed, stream),
      instances,
      isOver: () => phase === "over",
      isQuiet: () => phase !== "busy",
      slowness: () => 1,
    },
    setPhase(next) {
      if (phase !== "over") phase = next;
    },
    setTroubled(next, afterMs) {
      isTroubled = next;
      unrestUntilMs = Math.max(unrestUntilMs, world.nowMs() + afterMs);
    },
    trustedShare: () => trust.trusted / Math.max(1, trust.looks),
    async stop() {
      lateness.stop();
      asking.disconnect();
      await Promise.allSettled(instances().map(async (instance) => instance.close()));
      await server.stop();
      await shared.close();
    },
  };
}

/** To ask how long Redis takes, on a way of its own. */
function createAskingClient(port: number): Redis {
  const client = new Redis({
    port,
    retryStrategy: () => 100,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    commandTimeout: 1_000,
  });
  client.on("error", () => undefined);
  return client;
}
