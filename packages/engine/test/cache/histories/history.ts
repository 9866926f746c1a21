/** One history while it is played: what exists, what is true, what was answered, and the first law that was broken. */
import { MainspringError } from "@mainspring/core";
import { createMemoryStore } from "../../../src/store/memory/index.js";
import type { RecordWrite, Store, StoredRecord } from "../../../src/ports.js";
import { createConditions } from "./conditions.js";
import { type CacheUnderTest, type Instance, openInstance } from "./instance.js";
import type { History, HistoryCounts, Session, Violation } from "./history-face.js";
import { createLink, MAX_USUAL_TRAVEL_MS, type NetworkConditions } from "./link.js";
import { createProcess } from "./process.js";
import { randomOf } from "./random.js";
import { type HistorySettings, WARM_UP_MS } from "./settings.js";
import { createSlowStore, type StoreConditions } from "./slow-store.js";
import { createThings } from "./things.js";
import { createTrace } from "./trace.js";
import { type Chain, createChain, judge } from "./truth.js";
import { createWorld } from "./world.js";

/** When the world begins, by the clocks of those who ask. */
export const EPOCH_MS = 1_770_000_000_000;
/** What no failure excuses, and what is allowed while all is well: 100 ms, and two messages one way. */
const BOUNDS = { anyhowMs: 2_000, healthyMs: 100 + 2 * MAX_USUAL_TRAVEL_MS };
/** All is well when nothing was the matter for so long. */
const SETTLE_MS = 1_500;
/** A commit that ended without an answer and is done later is found out within so long. */
const DOUBT_AGAIN_MS = 1_000;
/** A new instance needs so long to hear of the others. */
const JOIN_MS = 1_000;
/**
 * Every request is answered within so long, whatever happens to the cache: at worst it asks the store twice, which takes up to
 * {@link MAX_STORE_DELAY_MS} there and back each, beside its wait for the second tier. A commit may be tried four times.
 */
const MAX_WAIT_MS: Readonly<Record<string, number>> = {
  read: 3_300,
  get: 3_300,
  set: 1_300,
  delete: 1_300,
  commit: 20_000,
};
const SLOWNESS_AT_FIRST = 5;
const MAX_UNCONFIRMED = 10_000;
export const MAX_STORE_DELAY_MS = 700;
const COMMAND_TIMEOUT_MS = 1_000;

export function createHistory(underTest: CacheUnderTest, settings: HistorySettings): History {
  const { seed } = settings;
  const world = createWorld();
  const trace = createTrace();
  const shared = createMemoryStore({ clock: { nowMs: () => EPOCH_MS + world.nowMs() } });
  const server = underTest.createServer({ nowMs: () => Math.floor(EPOCH_MS - 77_000 + world.nowMs()) });
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
  const counts: HistoryCounts = {
    reads: 0,
    hits: 0,
    gets: 0,
    commits: 0,
    conflicts: 0,
    unknown: 0,
    changes: 0,
    errors: 0,
    healthyReads: 0,
  };
  const chains = new Map<string, Chain>();
  const instances: Instance[] = [];
  const orphans = new Set<string>();
  const doubted = new Set<string>();
  /** Players of whom the cache will hold nothing for some time: a commit ended without an answer. */
  const unsettled = new Set<string>();
  let started = 0;
  let contentCount = 0;
  let phase: "busy" | "quiet" | "over" = "busy";
  let unrestUntilMs = WARM_UP_MS;
  let first: Violation | null = null;

  const note: History["note"] = (subject, who, text) =>
    trace.add({ atMs: world.nowMs(), subject, who, text });
  const report: History["report"] = (violation) => {
    if (first !== null) return;
    first = { ...violation, atMs: world.nowMs() };
    note(violation.subject, "!!", `${violation.law}: ${violation.why}`);
    phase = "over";
  };
  const chainOf = (subject: string): Chain => {
    const chain = chains.get(subject) ?? createChain(subject);
    chains.set(subject, chain);
    return chain;
  };
  const isHealthy = () => world.nowMs() > unrestUntilMs + SETTLE_MS;
  const onDurable = (write: RecordWrite): void => {
    const { playerId } = write.next;
    const content = contentOf(write.next);
    const version = chainOf(playerId).add(content, world.nowMs());
    note(playerId, "db", `#${version.index} is durable: ${content}`);
    if (orphans.has(content)) chainOf(playerId).acknowledge(version, world.nowMs());
    // It was told that nobody knows, and may be found out in time.
    if (doubted.has(content)) chainOf(playerId).acknowledge(version, world.nowMs() + DOUBT_AGAIN_MS);
  };
  /** What an answer is held against, from when it was asked for. */
  const beginAnswer = (
    instance: Instance,
    asked: {
      readonly chain: Chain;
      readonly demanded: number;
      readonly isStrong: boolean;
      readonly isVersioned: boolean;
      readonly allowanceMs: number;
    },
  ) => {
    const startedAtMs = world.nowMs();
    // A game's own values carry no versions that tell which of two loads saw the newer one.
    const known = asked.isVersioned ? instance.floors.of(asked.chain.subject) : 0;
    const replaced = instance.changed.of(asked.chain.subject);
    const wasHealthy = isHealthy() && startedAtMs > instance.bornAtMs + JOIN_MS;
    if (wasHealthy) counts.healthyReads += 1;
    return (index: number, how: string, session: Session): void => {
      const { subject } = asked.chain;
      note(subject, instance.name, `${session.name} ${how} #${index}, asked at ${startedAtMs.toFixed(3)}`);
      const broken = judge({ ...asked, startedAtMs, index, known, replaced, isHealthy: wasHealthy }, BOUNDS);
      if (broken !== null) report({ ...broken, subject });
      instance.floors.raise(subject, index);
      session.shown.raise(subject, index);
    };
  };
  const things = createThings({
    world,
    chainOf,
    note,
    random: randomOf(seed, "things"),
    storage: storage.now,
  });

  const history: History = {
    underTest,
    world,
    settings,
    trace,
    server,
    network,
    storage,
    counts,
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
      });
      const store: Store = createSlowStore({
        world,
        process,
        random: randomOf(seed, `${name} store`),
        shared,
        conditions: storage.now,
        onDurable,
      });
      const own = randomOf(seed, `${name} cache`);
      const { maxEntries, ttlSeconds } = settings;
      note(null, name, "starts");
      const instance = openInstance(underTest, {
        process,
        link,
        store,
        random: () => own.fraction(),
        maxEntries,
        ttlSeconds,
        bornAtMs: world.nowMs(),
      });
      instances.push(instance);
      return instance;
    },
    isOver: () => phase === "over",
    slowness: () => (world.nowMs() < WARM_UP_MS - 1_000 ? SLOWNESS_AT_FIRST : 1),
    isQuiet: () => phase !== "busy",
    exists: (playerId) => chainOf(playerId).newest() > 0,
    isUnsettled: (playerId) => unsettled.has(playerId),
    setPhase(next) {
      if (phase !== "over") phase = next;
    },
    disturb(untilMs) {
      unrestUntilMs = Math.max(unrestUntilMs, untilMs);
    },
    isHealthy,
    violation: () => first,
    report,
    note,
    watch(instance, what) {
      const mostMs = MAX_WAIT_MS[what.split(" ")[0] ?? ""] ?? 0;
      const { process } = instance;
      const startedAtMs = world.nowMs();
      const frozenBeforeMs = process.frozenMs();
      const look = (): void => {
        if (!process.isAlive() || phase === "over") return;
        const waitedMs = world.nowMs() - startedAtMs - (process.frozenMs() - frozenBeforeMs);
        if (waitedMs >= mostMs) {
          report({
            law: "6: without an answer for too long",
            why: `${instance.name}: ${what}, asked at ${startedAtMs}`,
            subject: what.split(" ")[1] ?? null,
          });
        } else callOff = world.after(mostMs - waitedMs, look);
      };
      let callOff = world.after(mostMs, look);
      return () => callOff();
    },
    fail(instance, what, error) {
      counts.errors += 1;
      note(what.split(" ")[1] ?? null, instance.name, `${what} failed: ${String(error)}`);
      const isExplained =
        error instanceof MainspringError &&
        error.code === "STORE_UNAVAILABLE" &&
        (!isHealthy() || instance.isLeaving);
      if (isExplained) return;
      report({
        law: "6: an error that no fault explains",
        why: `${instance.name}: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        subject: what.split(" ")[1] ?? null,
      });
    },
    countHit() {
      counts.hits += 1;
    },
    beginRead(instance, session, { subject, reading }) {
      counts.reads += 1;
      const end = beginAnswer(instance, {
        chain: chainOf(subject),
        demanded: reading === "session" ? session.shown.of(subject) : 0,
        isStrong: reading === "strong",
        isVersioned: true,
        allowanceMs: 0,
      });
      return {
        end(record, how) {
          const index = indexOf(chainOf(subject), record, report);
          if (index !== null) end(index, how, session);
        },
      };
    },
    nextRecord(playerId, base, isAnew) {
      contentCount += 1;
      const incarnation =
        base === null || isAnew
          ? Math.max(EPOCH_MS + Math.floor(world.nowMs()), (base?.incarnation ?? 0) + 1)
          : base.incarnation;
      const version = base === null || isAnew ? 1 : base.version + 1;
      const content = `${playerId} ${incarnation - EPOCH_MS}.${version} content ${contentCount}`;
      return { playerId, incarnation, version, bytes: new TextEncoder().encode(content) };
    },
    beginCommit(instance, next) {
      counts.commits += 1;
      const chain = chainOf(next.playerId);
      const content = contentOf(next);
      note(next.playerId, instance.name, `commits ${content}`);
      const acknowledge = (): void => {
        const version = chain.find(content);
        if (version !== undefined) chain.acknowledge(version, world.nowMs());
      };
      // Who asked a process that died knows that it may have happened.
      const callOff = instance.process.onDeath(() => {
        orphans.add(content);
        acknowledge();
      });
      return (outcome, session) => {
        callOff();
        const version = chain.find(content);
        note(next.playerId, instance.name, `${session.name} is told: ${content} ${outcome}`);
        if (outcome === "unknown") {
          counts.unknown += 1;
          doubted.add(content);
          unsettled.add(next.playerId);
          acknowledge();
        } else if (outcome === "conflict") counts.conflicts += 1;
        else if (version === undefined) {
          report({
            law: "4: shown, and was never durable",
            why: `${content} was acknowledged`,
            subject: chain.subject,
          });
        } else {
          acknowledge();
          instance.floors.raise(chain.subject, version.index);
          session.shown.raise(chain.subject, version.index);
        }
      };
    },
    beginGet(instance, session, key) {
      counts.gets += 1;
      const chain = things.chain(key);
      const end = beginAnswer(instance, {
        chain,
        demanded: 0,
        isStrong: false,
        isVersioned: false,
        allowanceMs: 0,
      });
      return {
        end(thing, how) {
          const index = things.indexOf(key, thing);
          if (index === null)
            report({
              law: "4: shown, and was never durable",
              why: JSON.stringify(thing),
              subject: chain.subject,
            });
          else end(index, how, session);
        },
      };
    },
    loadThing: async (instance, key) => things.load(instance, key),
    beginChange: async (instance, key, isAbsent) => {
      counts.changes += 1;
      return things.beginChange(instance, key, isAbsent);
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

export function contentOf({ bytes }: StoredRecord): string {
  return new TextDecoder().decode(bytes);
}

/** Which version of the truth a record is; `null`: none, which is reported. */
function indexOf(chain: Chain, record: StoredRecord | null, report: History["report"]): number | null {
  if (record === null) return 0;
  const content = contentOf(record);
  const version = chain.find(content);
  const stamp = `${record.incarnation - EPOCH_MS}.${record.version}`;
  if (version === undefined) {
    report({ law: "4: shown, and was never durable", why: `${stamp}: ${content}`, subject: chain.subject });
    return null;
  }
  if (content.startsWith(`${chain.subject} ${stamp} `) && record.playerId === chain.subject)
    return version.index;
  report({
    law: "4: one version, two contents",
    why: `${record.playerId} ${stamp}: ${content}`,
    subject: chain.subject,
  });
  return null;
}
