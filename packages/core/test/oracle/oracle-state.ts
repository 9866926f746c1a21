/** The oracle's player: the fields of docs/rules.md, changed in place, with amounts that can't lose a unit. */
import type { Catalog } from "../../src/catalog/catalog.js";
import type { OnBlocked } from "../../src/catalog/source.js";
import type { Timeline } from "../../src/catalog/timeline.js";
import type { EventBody } from "../../src/player/events.js";
import type { Block, Cycle, Pause, TimedEffect, Until } from "../../src/player/state.js";
import type { ErrorCode } from "../../src/errors.js";
import type { OracleRolls } from "./rolls.js";

export type Amounts = Map<string, bigint>;

export interface OracleTotals {
  cyclesDone: number;
  failures: number;
  ranMs: number;
  rareFinds: number;
  gave: Amounts;
  took: Amounts;
  stashed: Amounts;
  discarded: Amounts;
  xp: Amounts;
}

export interface OracleTask extends OracleTotals {
  number: number;
  activity: string;
  repeat: number | null;
  until: Until | null;
  onBlocked: OnBlocked;
  startedAtMs: number | null;
}

export interface OracleLane {
  tasks: OracleTask[];
  cycle: Cycle | null;
  paused: Pause | null;
  blocked: Block | null;
}

export interface OracleKind {
  tasks: number;
  cycles: number;
  failures: number;
  timeMs: number;
  rewards: Amounts;
}

export interface OracleState {
  catalog: string;
  catalogAtMs: number;
  clockOffsetMs: number;
  settledAtMs: number;
  lastSeenMs: number;
  revision: number;
  eventCount: number;
  nextTask: number;
  items: Amounts;
  stash: Amounts;
  xp: Amounts;
  equipped: Map<string, string>;
  effects: TimedEffect[];
  lanes: [OracleLane];
  totals: Map<string, OracleKind>;
}

/** An event as the oracle tells it: amounts may be big integers, which the canonical form writes as numbers. */
export type OracleEvent = Readonly<Record<string, unknown>> & { readonly type: EventBody["type"] };

/** A player, the world it lives in, and what happened so far. */
export interface World {
  timeline: Timeline;
  readonly rolls: OracleRolls;
  readonly state: OracleState;
  /** Taken away by whoever compares them. */
  events: OracleEvent[];
  /** Cycles that ended so far: what playing cost. */
  cyclesPlayed: number;
}

export class OracleError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

export const MAX_AMOUNT = 2n ** 53n - 1n;

/** Adds (or takes, if negative) in place: 0 is absent, and nothing passes the maximum. */
export function change(amounts: Amounts, id: string, by: bigint): void {
  const sum = (amounts.get(id) ?? 0n) + by;
  if (sum < 0n) throw new Error(`There would be ${sum} of ${id}.`);
  if (sum === 0n) amounts.delete(id);
  else amounts.set(id, sum > MAX_AMOUNT ? MAX_AMOUNT : sum);
}

/** The same for what players own: reaching the maximum from below is told. */
export function changeOwned(
  world: World,
  atMs: number,
  { of, id, by }: { of: "items" | "stash" | "xp"; id: string; by: bigint },
): void {
  const owned = world.state[of];
  const before = owned.get(id) ?? 0n;
  change(owned, id, by);
  if (before < MAX_AMOUNT && owned.get(id) === MAX_AMOUNT) emit(world, atMs, { type: "at-maximum", of, id });
}

export function emit(world: World, atMs: number, event: OracleEvent): void {
  world.state.eventCount += 1;
  world.events.push({ ...event, number: world.state.eventCount, atMs });
}

export function catalogNamed(world: World, hash: string): Catalog {
  const catalog = world.timeline.catalogs.get(hash);
  if (catalog === undefined) throw new Error(`The timeline has no catalog ${hash}.`);
  return catalog;
}

/** The catalog that the player runs under. */
export function catalogNow(world: World): Catalog {
  return catalogNamed(world, world.state.catalog);
}

/** The totals of a kind, made at first use. */
export function kindTotals(world: World, kind: string): OracleKind {
  const { totals } = world.state;
  let found = totals.get(kind);
  if (found === undefined) {
    found = { tasks: 0, cycles: 0, failures: 0, timeMs: 0, rewards: new Map() };
    totals.set(kind, found);
  }
  return found;
}

/** What a task's end event tells. */
export function totalsOf(task: OracleTask): OracleTotals {
  const { cyclesDone, failures, ranMs, rareFinds, gave, took, stashed, discarded, xp } = task;
  return {
    cyclesDone,
    failures,
    ranMs,
    rareFinds,
    gave: new Map(gave),
    took: new Map(took),
    stashed: new Map(stashed),
    discarded: new Map(discarded),
    xp: new Map(xp),
  };
}
