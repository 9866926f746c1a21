/** A history as those who play in it see it: sessions, disturbances, and whoever looks at the outcome. */
import type { StoredRecord, Stamp } from "../../../src/ports.js";
import type { ModelServer } from "../../../src/testing/model-remote.js";
import type { Conditions } from "./conditions.js";
import type { CacheUnderTest, Instance, PlayedInstance, Thing } from "./instance.js";
import type { NetworkConditions } from "./link.js";
import type { Random } from "./random.js";
import type { HistorySettings, SessionSettings } from "./settings.js";
import type { StoreConditions } from "./slow-store.js";
import type { Trace } from "./trace.js";
import type { Switches } from "./switches.js";
import type { Floors, Law } from "./truth.js";
import type { World } from "./world.js";

export interface Session {
  readonly name: string;
  readonly random: Random;
  readonly shown: Floors;
  readonly stamps: Map<string, Stamp>;
}

/** How a record is read: as clients do, with what they know; without; or past the cache. */
export type Reading = "session" | "plain" | "eventual" | "strong";

export interface Change {
  readonly value: Thing | null;
  /** The cache was told. */
  readonly end: (session: Session) => void;
}

export interface Violation {
  readonly law: Law;
  readonly why: string;
  readonly subject: string | null;
  readonly atMs: number;
}

export interface HistoryCounts {
  reads: number;
  hits: number;
  gets: number;
  commits: number;
  conflicts: number;
  unknown: number;
  /** Commits that were under way in a process when it died. */
  orphaned: number;
  changes: number;
  errors: number;
  healthyReads: number;
  /** For how long the most outdated answer had been outdated when it was asked for; and while all was well. */
  mostOutdatedMs: number;
  healthyMostOutdatedMs: number;
}

/** A read under way. */
export interface BegunRead<A> {
  readonly end: (answer: A, how: string) => void;
}

/** Who was asked what, and was answered what. */
export interface Ledger {
  readonly counts: HistoryCounts;
  exists(playerId: string): boolean;
  /** Whether a commit of the player ended without an answer. */
  isUnsettled(playerId: string): boolean;
  violation(): Violation | null;
  report(violation: Omit<Violation, "atMs">): void;
  note(subject: string | null, who: string, text: string): void;
  /** Sees to it that it ends in time. Called when it has. */
  watch(instance: PlayedInstance, what: string): () => void;
  /** A request ended with an error. */
  fail(instance: PlayedInstance, what: string, error: unknown): void;
  countHit(instance: PlayedInstance): void;
  beginRead(
    instance: PlayedInstance,
    session: Session,
    read: { readonly subject: string; readonly reading: Reading },
  ): BegunRead<StoredRecord | null>;
  nextRecord(playerId: string, base: StoredRecord | null, isAnew: boolean): StoredRecord;
  /** What to call with the outcome. */
  beginCommit(
    instance: PlayedInstance,
    next: StoredRecord,
  ): (outcome: "committed" | "conflict" | "unknown", session: Session) => void;
  beginGet(instance: PlayedInstance, session: Session, key: string): BegunRead<Thing | null>;
  loadThing(instance: PlayedInstance, key: string): Promise<Thing | null>;
  beginChange(instance: PlayedInstance, key: string, isAbsent: boolean): Promise<Change | null>;
}

/** What sessions play in, whatever its time is. */
export interface Play extends Ledger {
  readonly world: Pick<World, "nowMs" | "after" | "wait">;
  readonly settings: SessionSettings;
  randomOf(stream: string): Random;
  instances(): readonly PlayedInstance[];
  /** Nothing is asked for any more. */
  isOver(): boolean;
  /** How much slower sessions are than usual: while all wait for the first trust there is little to see. */
  slowness(): number;
  /** Nothing is changed any more. */
  isQuiet(): boolean;
}

export interface History extends Play {
  readonly underTest: CacheUnderTest;
  readonly world: World;
  readonly settings: HistorySettings;
  readonly trace: Trace;
  readonly server: ModelServer;
  readonly network: Conditions<NetworkConditions>;
  readonly storage: Conditions<StoreConditions>;
  readonly switches: Switches;
  instances(): readonly Instance[];
  start(): Instance;
  setPhase(phase: "busy" | "quiet" | "over"): void;
  /** All is not well until then, and for a while after. */
  disturb(untilMs: number): void;
  isHealthy(): boolean;
}
