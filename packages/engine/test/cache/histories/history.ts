/** One history while it is played: its world, its instances, and the ledger of what they answer. */
import { createMemoryStore } from "../../../src/store/memory/index.js";
import type { Store } from "../../../src/ports.js";
import { beginGroup } from "../../../src/testing/index.js";
import { createConditions } from "./conditions.js";
import { type CacheUnderTest, type Instance, openInstance } from "./instance.js";
import type { History } from "./history-face.js";
import { createLedger } from "./ledger.js";
import { createLink, MAX_USUAL_TRAVEL_MS, type NetworkConditions } from "./link.js";
import { createProcess } from "./process.js";
import { randomOf } from "./random.js";
import { type HistorySettings, WARM_UP_MS } from "./settings.js";
import { createSlowStore, type StoreConditions } from "./slow-store.js";
import { createSwitches } from "./switches.js";
import { createTrace } from "./trace.js";
import { createWorld } from "./world.js";

/** When the world begins, by the clocks of those who ask. */
export const EPOCH_MS = 1_770_000_000_000;
/** What no failure excuses, and what is allowed while all is well: 100 ms, and two messages one way. */
const BOUNDS = { anyhowMs: 2_000, healthyMs: 100 + 2 * MAX_USUAL_TRAVEL_MS };
/** All is well when nothing was the matter for so long. */
const SETTLE_MS = 1_500;
/** A new instance needs so long to hear of the others. */
const JOIN_MS = 1_000;
const SLOWNESS_AT_FIRST = 5;
const MAX_UNCONFIRMED = 10_000;
const COMMAND_TIMEOUT_MS = 1_000;

export function createHistory(underTest: CacheUnderTest, settings: HistorySettings): History {
  const { seed } = settings;
  const world = createWorld();
  const trace = createTrace();
  const shared = createMemoryStore({ clock: { nowMs: () => EPOCH_MS + world.nowMs() } });
  const server = underTest.createServer({ nowMs: () => Math.floor(EPOCH_MS - 77_000 + world.nowMs()) });
  if (settings.isNewGroup) void beginGroup(server.connect());
  const network = createConditions<NetworkConditions>(world, {
    slow: 0,
    maxDelayMs: 0,
    lost: 0,
    lostEchoes: 0,
    doubled: 0,
    disordered: 0,
    away: 0,
  });
  const storage = createConditions<StoreConditions>(world, {
    before: 0,
    after: 0,
    later: 0,
    slow: settings.slowRate,
    maxDelayMs: 300,
  });
  const instances: Instance[] = [];
  let started = 0;
  let phase: "busy" | "quiet" | "over" = "busy";
  let unrestUntilMs = WARM_UP_MS;

  const isHealthy = () => world.nowMs() > unrestUntilMs + SETTLE_MS;
  const ledger = createLedger({
    world,
    epochMs: EPOCH_MS,
    trace,
    bounds: BOUNDS,
    joinMs: JOIN_MS,
    random: randomOf(seed, "things"),
    storage: storage.now,
    isHealthy,
    // What happens to the world is known when a read begins.
    stayedHealthy: () => true,
    // In simulated time everything runs when it should.
    latenessMs: () => 0,
    onViolation() {
      phase = "over";
    },
  });

  const switches = createSwitches({
    world,
    random: randomOf(seed, "switches"),
    everyMs: settings.switchEveryMs,
    isOver: () => phase === "over",
    note: (who, text) => ledger.note(null, who, text),
  });

  const history: History = {
    ...ledger,
    underTest,
    world,
    settings,
    trace,
    server,
    network,
    storage,
    switches,
    randomOf: (stream) => randomOf(seed, stream),
    instances: () => instances,
    start() {
      started += 1;
      const name = `i${started}`;
      const random = randomOf(seed, name);
      const process = createProcess({
        world,
        name,
        clockMs: EPOCH_MS + random.between(-5_000, 5_000),
        timersMs: random.between(0, 1_000_000),
        areTimersFirst: settings.areTimersFirst,
      });
      const link = createLink({
        world,
        process,
        server,
        random: randomOf(seed, `${name} network`),
        conditions: network.now,
        commandTimeoutMs: COMMAND_TIMEOUT_MS,
        forgetAfterMs: settings.forgetAfterMs,
      });
      const store: Store = createSlowStore({
        world,
        process,
        random: randomOf(seed, `${name} store`),
        shared,
        conditions: storage.now,
        onDurable: (write) => ledger.onDurable(write),
      });
      const own = randomOf(seed, `${name} cache`);
      const { maxEntries, ttlSeconds, breakerIntervalMs } = settings;
      ledger.note(null, name, "starts");
      const { cache: isOn, prediction: isPredicting } = switches.follow(name);
      const instance = openInstance(underTest, {
        process,
        link,
        store,
        random: () => own.fraction(),
        maxEntries,
        ttlSeconds,
        breakerIntervalMs,
        bornAtMs: world.nowMs(),
        isOn,
        isPredicting,
      });
      instances.push(instance);
      return instance;
    },
    isOver: () => phase === "over",
    slowness: () => (world.nowMs() < WARM_UP_MS - 1_000 ? SLOWNESS_AT_FIRST : 1),
    isQuiet: () =>
      phase !== "busy" ||
      settings.calms.some(({ fromMs, untilMs }) => fromMs <= world.nowMs() && world.nowMs() < untilMs),
    setPhase(next) {
      if (phase !== "over") phase = next;
    },
    isHealthy,
    disturb(untilMs) {
      unrestUntilMs = Math.max(unrestUntilMs, untilMs);
    },
  };
  world.after(0, () => checkQueues(history));
  return history;
}

const CHECK_EVERY_MS = 500;

function checkQueues(history: History): void {
  for (const { process, cache, name } of history.instances()) {
    if (!process.isAlive()) continue;
    const { unconfirmed } = cache.stats().trust;
    if (unconfirmed <= MAX_UNCONFIRMED) continue;
    history.report({
      law: "6: a queue without a bound",
      why: `${name}: ${unconfirmed} unconfirmed changes`,
      subject: null,
    });
  }
  if (!history.isOver()) history.world.after(CHECK_EVERY_MS, () => checkQueues(history));
}
