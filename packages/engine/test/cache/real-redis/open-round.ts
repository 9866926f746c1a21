/** What a round is played in: a real Redis, a shared store, instances each behind a proxy, and the ledger of what they answer. */
import { Redis } from "ioredis";
import type { Remote } from "../../../src/cache/remote.js";
import type { RecordWrite, Store } from "../../../src/ports.js";
import { beginRedisGroup } from "../../support/begin-redis-group.js";
import { startRedisProxy } from "../../support/redis-proxy.js";
import { startRedisServer } from "../../support/redis-server.js";
import { createConditions } from "../histories/conditions.js";
import type { Play } from "../histories/history-face.js";
import { createLedger, type KeptLedger } from "../histories/ledger.js";
import { randomOf } from "../histories/random.js";
import type { SessionSettings } from "../histories/settings.js";
import { createSlowStore, type StoreConditions } from "../histories/slow-store.js";
import { createTrace } from "../histories/trace.js";
import { createLateness, type Lateness } from "./lateness.js";
import {
  openLocalInstance,
  type RealInstance,
  type RealInstanceParts,
  startChildInstance,
} from "./real-instance.js";
import { createRealProcess, createRealWorld, type RealWorld } from "./real-world.js";
import type { SharedStores } from "./shared-store.js";
import type { Troubled } from "./troubles.js";

/** What no failure excuses, and what is allowed while all is well: beside how late everything runs on this machine. */
const BOUNDS = { anyhowMs: 2_000, healthyMs: 100 };
/**
 * All is well when nothing was the matter for so long: connections are tried again each second, and what a process that was killed told
 * nobody is found out within the bound for all failures.
 */
export const SETTLE_MS = 3_000;
const JOIN_MS = 3_000;
/** What was left to tell is told so long after Redis is back. */
const BACK_MS = 500;
const LOCAL_COUNT = 3;
const MAX_COMMIT_WAIT_MS = 1_000;
/** So often it is noted who is in touch. */
const LOOK_EVERY_MS = 250;

export interface RoundOptions {
  readonly seed: number;
  /** Things go wrong for so long. */
  readonly troubledMs: number;
  readonly stores: SharedStores;
  readonly hasChild?: boolean;
  /** Given instead of drawn. */
  readonly given?: Partial<RoundSettings>;
  readonly disarm?: (remote: Remote) => Remote;
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
    isForgetful: false,
    ttlSeconds: random.pick([5, 300, 300]),
    maxEntries: random.pick([4, 1_000, 1_000]),
  };
}

export interface Round {
  readonly world: RealWorld;
  readonly settings: RoundSettings;
  readonly play: Play;
  readonly trace: ReturnType<typeof createTrace>;
  readonly lateness: Lateness;
  readonly troubled: Troubled;
  instances(): readonly RealInstance[];
  setPhase(phase: "busy" | "quiet" | "over"): void;
  /** All is not well while it is, nor for {@link SETTLE_MS} after. */
  setTroubled(isTroubled: boolean): void;
  inTouchShare(): number;
  stop(): Promise<void>;
}

export async function openRound(options: RoundOptions): Promise<Round> {
  const { seed, stores, hasChild = true, given, disarm } = options;
  const settings = { ...drawRound(seed), ...given };
  const world = createRealWorld();
  const lateness = createLateness(world);
  const trace = createTrace();
  const server = await startRedisServer();
  await beginRedisGroup(server.options);
  let phase: "busy" | "quiet" | "over" = "busy";
  let unrestUntilMs = 0;
  let isTroubled = false;
  const all: RealInstance[] = [];
  const instances = () => all.filter(({ process }) => process.isAlive());
  const storage = createConditions<StoreConditions>(world, {
    before: 0,
    after: 0,
    later: 0,
    slow: 0.03,
    maxDelayMs: 300,
  });
  const givenUp = createGivenUp(world);
  const ledger = createLedger({
    world,
    epochMs: Date.now() - Math.floor(world.nowMs()),
    trace,
    bounds: BOUNDS,
    joinMs: JOIN_MS,
    random: randomOf(seed, "things"),
    storage: storage.now,
    isHealthy: () => !isTroubled && world.nowMs() > unrestUntilMs + SETTLE_MS,
    // Who had to wait for this machine has given Redis up as it should, and has told nobody anything for a while.
    stayedHealthy: (sinceMs) => !givenUp.wasSince(sinceMs) || lateness.wasWellSince(sinceMs),
    latenessMs: (sinceMs) => lateness.sinceMs(sinceMs),
    onViolation() {
      phase = "over";
    },
  });
  const shared = await stores.open((write) => ledger.onDurable(write));
  const onCommit = new Map<string, () => void>();
  const { ttlSeconds, maxEntries } = settings;
  const open = createOpening({
    seed,
    world,
    ledger,
    shared,
    givenUp,
    ttlSeconds,
    maxEntries,
    port: server.options.port,
    storage: storage.now,
    onCommit: (name) => onCommit.get(name)?.(),
    onOpen: (instance) => void all.push(instance),
    ...(disarm && { disarm }),
  });
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
    note: (...told) => ledger.note(...told),
  };
  for (let count = 0; count < LOCAL_COUNT; count += 1) await troubled.openLocal();
  if (hasChild) await troubled.startChild();

  const isCalm = () => !isTroubled;
  const asking = createAskingClient(server.options.port);
  lateness.watch(isCalm, async () => asking.ping());
  lateness.watch(isCalm, async () =>
    instances()
      .find(({ freezing }) => freezing !== null)
      ?.stats(),
  );
  const inTouchShare = createInTouchShare({ world, instances, isOver: () => phase === "over" });
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
    setTroubled(next) {
      isTroubled = next;
      unrestUntilMs = world.nowMs();
    },
    inTouchShare,
    async stop() {
      lateness.stop();
      asking.disconnect();
      await Promise.allSettled(instances().map(async (instance) => instance.close()));
      await server.stop();
      await shared.close();
    },
  };
}

interface OpeningParts extends Pick<RealInstanceParts, "world" | "ttlSeconds" | "maxEntries" | "disarm"> {
  readonly seed: number;
  readonly ledger: KeptLedger;
  readonly shared: Store;
  readonly givenUp: ReturnType<typeof createGivenUp>;
  /** Of Redis. */
  readonly port: number;
  readonly storage: Readonly<StoreConditions>;
  /** The instance has sent the store a commit. */
  readonly onCommit: (name: string) => void;
  readonly onOpen: (instance: RealInstance) => void;
}

/** Opens one instance after the other, each behind a proxy, with a way of its own to the shared store. */
function createOpening({ seed, shared, givenUp, port, storage, onCommit, onOpen, ...parts }: OpeningParts) {
  const { world, ledger } = parts;
  let opened = 0;
  return async (how: (parts: RealInstanceParts) => Promise<RealInstance>): Promise<void> => {
    opened += 1;
    const name = `i${opened}`;
    const process = createRealProcess(world);
    const below = createSlowStore({
      world,
      process,
      random: randomOf(seed, `${name} store`),
      shared,
      conditions: storage,
      onDurable: (write) => ledger.onDurable(write),
    });
    const commit = async (writes: readonly RecordWrite[]) => {
      onCommit(name);
      return below.commit(writes);
    };
    const proxy = await startRedisProxy({ port, random: randomOf(seed, `${name} network`) });
    process.onDeath(() => {
      givenUp.noteBack(name);
      void proxy.stop();
    });
    const onNote = (message: string): void => {
      ledger.note(null, name, message);
      if (message.startsWith("Redis does not answer")) givenUp.noteGivenUp(name);
      else if (message === "Redis answers again.") givenUp.noteBack(name);
    };
    ledger.note(null, name, "starts");
    onOpen(await how({ ...parts, name, process, proxy, onNote, below: { ...below, commit } }));
  };
}

/** Of looks at instances of this process: how many had just heard from Redis, and missed nothing. */
function createInTouchShare({
  world,
  instances,
  isOver,
}: Pick<Round, "world" | "instances"> & { readonly isOver: () => boolean }): () => number {
  let looks = 0;
  let inTouch = 0;
  const noteOne = async (instance: RealInstance): Promise<void> => {
    const { trust } = await instance.stats();
    looks += 1;
    if (trust.isTrusted) inTouch += 1;
  };
  const look = (): void => {
    if (isOver()) return;
    for (const instance of instances()) if (instance.freezing === null) void noteOne(instance);
    world.after(LOOK_EVERY_MS, look);
  };
  look();
  return () => inTouch / Math.max(1, looks);
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

/** Who has given Redis up. */
function createGivenUp(world: RealWorld) {
  const names = new Set<string>();
  let backAtMs = -Infinity;
  return {
    noteGivenUp: (name: string): void => void names.add(name),
    noteBack(name: string): void {
      if (names.delete(name)) backAtMs = world.nowMs();
    },
    /** Somebody has, since then, or hadn't been back for long. */
    wasSince: (atMs: number): boolean => names.size > 0 || backAtMs > atMs - BACK_MS,
  };
}
