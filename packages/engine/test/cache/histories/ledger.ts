/**
 * What sessions ask for, what they are answered, and what was true: every answer is held against the laws, and the first that breaks one
 * is told. Time comes from the world, simulated or real.
 */
import { MainspringError } from "@mainspring/core";
import type { RecordWrite, StoredRecord } from "../../../src/ports.js";
import type { HistoryCounts, Ledger, Session, Violation } from "./history-face.js";
import type { PlayedInstance } from "./instance.js";
import type { Random } from "./random.js";
import type { StoreConditions } from "./slow-store.js";
import { createThings } from "./things.js";
import type { Trace } from "./trace.js";
import { type Bounds, type Chain, createChain, judge } from "./truth.js";
import type { World } from "./world.js";

/** A commit that ended without an answer and is done later is found out within so long. */
const DOUBT_AGAIN_MS = 1_000;
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
export const MAX_STORE_DELAY_MS = 700;

export interface LedgerOptions {
  readonly world: Pick<World, "nowMs" | "after">;
  /** When the world begins, by the clocks of those who ask. */
  readonly epochMs: number;
  readonly trace: Trace;
  readonly bounds: Bounds;
  /** A new instance needs so long to hear of the others. */
  readonly joinMs: number;
  /** Of the game's own table. */
  readonly random: Random;
  readonly storage: Readonly<StoreConditions>;
  readonly isHealthy: () => boolean;
  /** Whether all stayed well since: asked when an answer is there. */
  readonly stayedHealthy: (sinceMs: number) => boolean;
  /** How much later than it should have anything may have run since that instant. */
  readonly latenessMs: (sinceMs: number) => number;
  /** The first one. */
  readonly onViolation: () => void;
}

/** The ledger, and what the store tells it. */
export interface KeptLedger extends Ledger {
  /** A write became durable. Told again, it is the same. */
  onDurable(write: RecordWrite): void;
}

export function createLedger(options: LedgerOptions): KeptLedger {
  const { world, epochMs, trace, bounds, joinMs, isHealthy, stayedHealthy, latenessMs } = options;
  const counts: HistoryCounts = {
    reads: 0,
    hits: 0,
    gets: 0,
    commits: 0,
    conflicts: 0,
    unknown: 0,
    orphaned: 0,
    changes: 0,
    errors: 0,
    healthyReads: 0,
    mostOutdatedMs: 0,
    healthyMostOutdatedMs: 0,
  };
  const chains = new Map<string, Chain>();
  const orphans = new Set<string>();
  const doubted = new Set<string>();
  /** Players of whom the cache will hold nothing for some time: a commit ended without an answer. */
  const unsettled = new Set<string>();
  let contentCount = 0;
  let first: Violation | null = null;

  const note: Ledger["note"] = (subject, who, text) => trace.add({ atMs: world.nowMs(), subject, who, text });
  const report: Ledger["report"] = (violation) => {
    if (first !== null) return;
    first = { ...violation, atMs: world.nowMs() };
    note(violation.subject, "!!", `${violation.law}: ${violation.why}`);
    options.onViolation();
  };
  const chainOf = (subject: string): Chain => {
    const chain = chains.get(subject) ?? createChain(subject);
    chains.set(subject, chain);
    return chain;
  };
  /** What an answer is held against, from when it was asked for. */
  const beginAnswer = (
    instance: PlayedInstance,
    asked: {
      readonly chain: Chain;
      readonly demanded: number;
      readonly isStrong: boolean;
      readonly isVersioned: boolean;
    },
  ) => {
    const startedAtMs = world.nowMs();
    // A game's own values carry no versions that tell which of two loads saw the newer one.
    const known = asked.isVersioned ? instance.floors.of(asked.chain.subject) : 0;
    const replaced = instance.changed.of(asked.chain.subject);
    const wasHealthy = isHealthy() && startedAtMs > instance.bornAtMs + joinMs;
    return (index: number, how: string, session: Session): void => {
      const { subject } = asked.chain;
      note(subject, instance.name, `${session.name} ${how} #${index}, asked at ${startedAtMs.toFixed(3)}`);
      const allowanceMs = latenessMs(startedAtMs);
      const isWell = wasHealthy && stayedHealthy(startedAtMs);
      const outdatedMs = startedAtMs - asked.chain.outdatedSinceMs(index);
      counts.mostOutdatedMs = Math.max(counts.mostOutdatedMs, outdatedMs);
      if (isWell) {
        counts.healthyReads += 1;
        counts.healthyMostOutdatedMs = Math.max(counts.healthyMostOutdatedMs, outdatedMs);
      }
      const broken = judge(
        { ...asked, startedAtMs, index, known, replaced, isHealthy: isWell, allowanceMs },
        bounds,
      );
      if (broken !== null) report({ ...broken, subject });
      instance.floors.raise(subject, index);
      session.shown.raise(subject, index);
    };
  };
  const things = createThings({ ...options, chainOf, note });

  return {
    counts,
    exists: (playerId) => chainOf(playerId).newest() > 0,
    isUnsettled: (playerId) => unsettled.has(playerId),
    violation: () => first,
    report,
    note,
    onDurable(write) {
      const { playerId } = write.next;
      const content = contentOf(write.next);
      if (chainOf(playerId).find(content) !== undefined) return;
      const version = chainOf(playerId).add(content, world.nowMs());
      note(playerId, "db", `#${version.index} is durable: ${content}`);
      if (orphans.has(content)) chainOf(playerId).acknowledge(version, world.nowMs());
      // It was told that nobody knows, and may be found out in time.
      if (doubted.has(content)) chainOf(playerId).acknowledge(version, world.nowMs() + DOUBT_AGAIN_MS);
    },
    watch(instance, what) {
      const mostMs = MAX_WAIT_MS[what.split(" ")[0] ?? ""] ?? 0;
      const { process } = instance;
      const startedAtMs = world.nowMs();
      const frozenBeforeMs = process.frozenMs();
      const look = (): void => {
        if (!process.isAlive() || first !== null) return;
        const frozenMs = process.frozenMs() - frozenBeforeMs;
        const waitedMs = world.nowMs() - startedAtMs - frozenMs - latenessMs(startedAtMs);
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
      const chain = chainOf(subject);
      const end = beginAnswer(instance, {
        chain,
        demanded: reading === "session" ? session.shown.of(subject) : 0,
        isStrong: reading === "strong",
        isVersioned: true,
      });
      return {
        end(record, how) {
          const index = indexOf(chain, record, { epochMs, report });
          if (index !== null) end(index, how, session);
        },
      };
    },
    nextRecord(playerId, base, isAnew) {
      contentCount += 1;
      const incarnation =
        base === null || isAnew
          ? Math.max(epochMs + Math.floor(world.nowMs()), (base?.incarnation ?? 0) + 1)
          : base.incarnation;
      const version = base === null || isAnew ? 1 : base.version + 1;
      const content = `${playerId} ${incarnation - epochMs}.${version} content ${contentCount}`;
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
        counts.orphaned += 1;
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
      const end = beginAnswer(instance, { chain, demanded: 0, isStrong: false, isVersioned: false });
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
}

export function contentOf({ bytes }: StoredRecord): string {
  return new TextDecoder().decode(bytes);
}

/** Which version of the truth a record is; `null`: none, which is reported. */
function indexOf(
  chain: Chain,
  record: StoredRecord | null,
  { epochMs, report }: Pick<LedgerOptions, "epochMs"> & Pick<Ledger, "report">,
): number | null {
  if (record === null) return 0;
  const content = contentOf(record);
  const version = chain.find(content);
  const stamp = `${record.incarnation - epochMs}.${record.version}`;
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
