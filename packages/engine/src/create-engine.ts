/** Puts an engine together from its parts. The one place that knows all of them. */
import { randomBytes as systemRandomBytes } from "node:crypto";
import { checkOptions } from "./check-options.js";
import type { Engine, PlayerView } from "./engine.js";
import { createMemoryBudget } from "./memory/budget.js";
import type {
  Clock,
  Flags,
  IsOn,
  MemoryBudget,
  MemoryGovernor,
  OverloadLimit,
  Store,
  StoreCache,
  Telemetry,
  Traced,
} from "./ports.js";
import { type Background, createBackground } from "./service/background.js";
import { type ActiveQueues, createActiveQueues } from "./service/active-queues.js";
import { type Admission, createAdmission } from "./service/admission.js";
import { catalogAt, type CatalogRegistry, createCatalogRegistry } from "./service/catalog-registry.js";
import type { CheckpointPlan } from "./service/checkpoint-plan.js";
import { createDecodedPlayers, type DecodedPlayers } from "./service/decoded-players.js";
import { createIdempotency } from "./service/idempotency.js";
import { createListeners, type Listeners } from "./service/listeners.js";
import { createMailboxes, type Mailboxes } from "./service/mailboxes.js";
import { createPlayerRepository, type PlayerRepository } from "./service/player-repository.js";
import { proposeCatalog } from "./service/propose-catalog.js";
import { readJournal } from "./service/read-journal.js";
import { restorePlayer } from "./service/restore-player.js";
import { SNAPSHOT_PLAN, type SnapshotPlan } from "./service/snapshot-plan.js";
import { createRolloutWatch, type RolloutWatch } from "./service/rollout-watch.js";
import { createSummaries } from "./service/summaries.js";
import { createTaskQueueService, type TaskQueueService } from "./service/task-queue-service.js";
import { systemTimers } from "./system-timers.js";
import { LATENCY_BOUNDS_MS } from "./telemetry/latency-histogram.js";
import { measured } from "./telemetry/measured-store.js";
import { batchStatsOf, cacheStatsOf, type PerformanceStats } from "./telemetry/performance-stats.js";
import { inStep } from "./telemetry/trace.js";
import { startProcessMonitor } from "./telemetry/process-monitor.js";

/** Of a cache that isn't known here, since the store that was given has it. */
const DEFAULT_BOUND_MS = 2_000;

export interface CreateEngineOptions {
  /** Where players, journal and catalogs are kept: `openLmdbStore` or `createMemoryStore`. The engine closes it. */
  readonly store: Store;
  /** Lies over the store: `createCache` makes one. The engine closes it. Default: none; each read asks the store. */
  readonly cache?: StoreCache;
  /** The bound that decoded records share with other local caches. Default: that of the governor, else of the cache, else one of its own */
  readonly budget?: MemoryBudget;
  /** Keeps the local caches within what memory allows: `createMemoryGovernor` makes one. The engine closes it. Default: none */
  readonly governor?: MemoryGovernor;
  /** How many requests may be under way: `createOverloadLimit` makes one, a server asks it. The engine closes it. Default: none */
  readonly overload?: OverloadLimit;
  /** The switches that the layers ask: `createFlags` makes them. The engine connects them with the store, and closes them. Default: none */
  readonly flags?: Flags;
  /** The store without any layer over it: a sample of answers is checked by it while something is partly rolled out. Default: `store` */
  readonly plainStore?: Pick<Store, "read">;
  /** A catalog to propose before the engine is ready (parsed JSON). Default: what the store has. */
  readonly catalog?: unknown;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
  /** Source of players' seeds. Default: the system's cryptographic random numbers. */
  readonly randomBytes?: (count: number) => Uint8Array;
  /** Allow the `fast-forward` command. Default false. */
  readonly isDevelopment?: boolean;
  /**
   * `"commit"` (the default): whatever is shown is saved before. `{ everyMs }`: what merely time has brought is shown at once and saved
   * at most so often; see `docs/checkpoints.md` for what that gives up. With `isOn` for whom that is so, asked at each request: for others
   * it is as with `"commit"`.
   */
  readonly checkpoint?: "commit" | { readonly everyMs: number; readonly isOn?: IsOn };
  /** How often a record is kept as a snapshot. Default: each 500 commits, and with the first commit of each 24 hours. */
  readonly snapshots?: SnapshotPlan;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly registry: CatalogRegistry;
  readonly service: TaskQueueService;
  readonly activeQueues: ActiveQueues;
  readonly repository: PlayerRepository;
  readonly listeners: Listeners;
  readonly background: Background;
  readonly mailboxes: Mailboxes;
  readonly telemetry: Telemetry;
  readonly watch: RolloutWatch;
  readonly decoded: DecodedPlayers;
  readonly checkpoint: CheckpointPlan | null;
  readonly counts: Record<"reads" | "commands" | "replays" | "commits" | "conflicts" | "checkpoints", number>;
}

/** The parts of the service, put together. */
function assemble({ clock = { nowMs: Date.now }, ...options }: CreateEngineOptions): Parts {
  const below = options.store.stats().calls === undefined ? measured(options.store) : options.store;
  const store = options.cache?.over(below) ?? below;
  const {
    telemetry = { note: () => undefined },
    randomBytes = systemRandomBytes,
    isDevelopment = false,
    checkpoint = "commit",
    snapshots = SNAPSHOT_PLAN,
  } = options;
  const registry = createCatalogRegistry(store, clock);
  const budget = options.budget ?? options.governor?.budget ?? options.cache?.budget ?? createMemoryBudget();
  const decoded = createDecodedPlayers(budget);
  const checkpointPlan = checkpoint === "commit" ? null : { isOn: null, ...checkpoint };
  checkOptions({
    "checkpoint.everyMs": checkpointPlan?.everyMs,
    "snapshots.everyCommits": snapshots.everyCommits,
    "snapshots.everyMs": snapshots.everyMs,
  });
  const background = createBackground(telemetry);
  const mailboxes = createMailboxes();
  const repository = createPlayerRepository({ store, clock, telemetry, decoded, background, snapshots });
  const listeners = createListeners(telemetry);
  const counts = { reads: 0, commands: 0, replays: 0, commits: 0, conflicts: 0, checkpoints: 0 };
  const activeQueues = createActiveQueues(clock);
  const service = createTaskQueueService({
    repository,
    catalogs: registry,
    decoded,
    mailboxes,
    idempotency: createIdempotency(store),
    clock,
    randomBytes,
    isDevelopment,
    background,
    checkpoint: checkpointPlan,
    publish: listeners.publish,
    note: (playerId, isRunning) => activeQueues.note(playerId, isRunning),
    count: (what) => {
      counts[what] += 1;
    },
  });
  const watch = createRolloutWatch({
    flags: options.flags ?? null,
    plainStore: options.plainStore ?? options.store,
    catalogs: registry,
    timers: systemTimers,
    showsOldForMs: options.cache?.localMaxAgeMs ?? DEFAULT_BOUND_MS,
    read: async (playerId) => service.read(playerId, {}),
  });
  return {
    store,
    clock,
    registry,
    service,
    activeQueues,
    repository,
    listeners,
    background,
    mailboxes,
    telemetry,
    watch,
    decoded,
    checkpoint: checkpointPlan,
    counts,
  };
}

function partStats({ store }: Parts): Pick<PerformanceStats, "batchStats" | "poolStats" | "storeStats"> {
  const storeStats = store.stats();
  const poolStats = storeStats.database?.pool ?? null;
  return { batchStats: batchStatsOf(storeStats), poolStats, storeStats };
}

function catalogsOf({ store, clock, registry }: Parts, request: Admission["request"]): Engine["catalogs"] {
  return {
    active: () => request(async () => catalogAt(await registry.timelineFor(clock.nowMs()), clock.nowMs())),
    timeline: () => request(async () => (await registry.timelineFor(clock.nowMs())).entries),
    propose: (document, { activateAtMs } = {}) =>
      request(() => proposeCatalog({ store, clock, registry }, { document, activateAtMs })),
  };
}

interface PlayerParts {
  readonly admission: Admission;
  readonly cache: StoreCache | undefined;
}

function playersOf(
  parts: Parts,
  { admission, cache }: PlayerParts,
): Pick<Engine, "read" | "peek" | "summary" | "apply"> {
  const { service, activeQueues, counts, watch } = parts;
  const { request } = admission;
  const noted = (view: PlayerView): PlayerView => {
    const [lane] = view.state.lanes;
    watch.shown(view);
    activeQueues.note(view.playerId, lane.cycle !== null && lane.paused === null);
    return view;
  };
  const summaries = createSummaries({
    ...parts,
    cache,
    catalogs: parts.registry,
    read: async (playerId, options) => service.read(playerId, options),
    readSaved: async (playerId, options) => service.readSaved(playerId, options),
    note: (playerId, isRunning) => activeQueues.note(playerId, isRunning),
  });
  return {
    read: (playerId, readOptions = {}) =>
      request(async () => {
        counts.reads += 1;
        const read = async (traced: Traced): Promise<PlayerView> =>
          watch.run(playerId, async () => service.read(playerId, { ...readOptions, ...traced }));
        return noted(await inStep(readOptions, { name: "read" }, read));
      }),
    peek(playerId, readOptions = {}) {
      if (admission.isClosed()) return null;
      const view = watch.look(playerId, () => service.peek(playerId, readOptions));
      if (view !== null) counts.reads += 1;
      return view;
    },
    summary: (playerId, of, readOptions = {}) =>
      request(async () => {
        counts.reads += 1;
        return inStep(readOptions, { name: "read" }, async (traced) =>
          watch.run(playerId, async () => summaries.get(playerId, of, { ...readOptions, ...traced })),
        );
      }),
    apply: (playerId, command, applyOptions = {}) =>
      request(async () => {
        counts.commands += 1;
        const outcome = await inStep(applyOptions, { name: "apply" }, async (traced) =>
          watch.run(playerId, async () => service.apply(playerId, command, { ...applyOptions, ...traced })),
        );
        noted(outcome.view);
        return outcome;
      }),
  };
}

/**
 * An engine on a store.
 * @throws MainspringError `CATALOG_INVALID` for a bad catalog, `CONFIG_INVALID` for numbers that can't be, `STORE_UNAVAILABLE`.
 */
export async function createEngine(options: CreateEngineOptions): Promise<Engine> {
  const parts = assemble(options);
  const { store, clock, registry, service, repository, listeners, background, counts } = parts;
  const startedAtMs = performance.now();
  const admission = createAdmission();
  const monitor = startProcessMonitor();
  const { request } = admission;
  const leave = (): void => {
    monitor.stop();
    parts.decoded.close();
    options.flags?.close();
  };
  try {
    await options.flags?.connect(store);
    if (options.catalog !== undefined) {
      await proposeCatalog({ store, clock, registry }, { document: options.catalog });
    }
  } catch (error) {
    leave();
    throw error;
  }

  return {
    ...playersOf(parts, { admission, cache: options.cache }),
    events: (playerId, query = {}) =>
      request(() => readJournal({ service, journal: store }, playerId, query)),
    subscribe: listeners.subscribe,
    overload: options.overload ?? null,
    flags: options.flags ?? null,
    catalogs: catalogsOf(parts, request),
    restore: (playerId, restoreOptions = {}) =>
      request(() => restorePlayer({ ...parts, catalogs: registry }, playerId, restoreOptions)),
    performance: () => ({
      ...partStats(parts),
      activeQueues: parts.activeQueues.count(),
      ...cacheStatsOf(options.cache?.stats()),
      memoryStats: { ...monitor.memory(), governor: options.governor?.stats() ?? null },
      processStats: monitor.process(),
      flagStats: options.flags?.stats() ?? null,
      overloadStats: options.overload?.stats() ?? null,
      serviceStats: {
        ...counts,
        errors: admission.errors(),
        quarantined: repository.quarantinedCount(),
        inFlight: admission.inFlight(),
        inBackground: background.inFlight(),
      },
      latencyBoundsMs: LATENCY_BOUNDS_MS,
      uptimeMs: Math.round(performance.now() - startedAtMs),
    }),
    checkReady: () =>
      request(async () => {
        // No cache has a say in it; that of a sole writer may answer even a strong read, but never for the timeline.
        await store.read(["mainspring:readiness"], { consistency: "strong" });
        await registry.refresh();
        await registry.timelineFor(clock.nowMs());
      }),
    async close() {
      await admission.close();
      await background.done(() => store.flush());
      leave();
      options.overload?.close();
      options.governor?.close();
      await store.close();
    },
  };
}
