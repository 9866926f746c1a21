/**
 * Plays one history with the product and with the oracle, side by side, and throws at the first difference. Takes the
 * product as an argument, so that the same laws can be put to copies of it with bugs planted.
 */
import type { Catalog } from "../../src/catalog/catalog.js";
import type { Timeline } from "../../src/catalog/timeline.js";
import type * as core from "../../src/index.js";
import type { PlayerEvent } from "../../src/player/events.js";
import type { PlayerState } from "../../src/player/state.js";
import { canonical } from "../canonical.mjs";
import { buildCatalog, EPOCH_MS } from "../generate/build-catalog.js";
import type { ActionPlan, HistoryPlan, StepPlan } from "../generate/history-plan.js";
import { resolveCommand, resolveInstant } from "../generate/resolve-step.js";
import { apply, createWorld, OracleError, seen, settleTo, type World } from "../oracle/oracle.js";
import { assertSame, LawBroken } from "./law-broken.js";

/** The public face of `@mainspring/core`. */
export type Core = typeof core;

/** A history ends early when the oracle has played so many cycles. */
const MAX_ORACLE_CYCLES = 4_000;

/** More slices than this for one step: settling makes no headway. */
const MAX_SLICES = 100_000;

/** What a step came to, for whoever records histories. */
export interface ResolvedStep {
  readonly atMs: number;
  readonly action:
    | { readonly type: "settle" }
    | { readonly type: "seen" }
    | { readonly type: "command"; readonly command: core.Command };
  readonly maxCost: number;
  /** How many entries of the timeline are known from here on. */
  readonly entriesKnown: number;
}

export interface PlayOptions {
  readonly onStep?: (step: ResolvedStep) => void;
}

export interface Played {
  readonly cycles: number;
  readonly steps: number;
  readonly state: PlayerState;
}

/** The catalogs and the timeline's entries of a plan. */
export function timelineOf(
  core: Core,
  plan: HistoryPlan,
): { catalogs: Catalog[]; entries: core.TimelineEntry[] } {
  const catalogs = [undefined, ...plan.changes].map((change) =>
    core.compileCatalog(buildCatalog(plan.catalog, change)),
  );
  let atMs = EPOCH_MS;
  const entries = catalogs.map(({ hash }, index) => {
    atMs += (plan.changes[index - 1]?.afterUnits ?? 0) * plan.catalog.unitMs;
    return { atMs, hash };
  });
  return { catalogs, entries };
}

export function playHistory(core: Core, plan: HistoryPlan, { onStep }: PlayOptions = {}): Played {
  const { catalogs, entries } = timelineOf(core, plan);
  const known = (count: number): Timeline => core.createTimeline(entries.slice(0, count), catalogs);
  const { lastKnownAtStep } = plan;
  let entriesKnown = lastKnownAtStep === null ? entries.length : Math.max(1, entries.length - 1);
  let timeline = known(entriesKnown);
  const world = createWorld(timeline, EPOCH_MS, plan.seed);
  let state = core.createPlayer(timeline, { nowMs: EPOCH_MS, seed: core.createSeed(plan.seed) });
  assertSame("a new player", canonical(state), canonical(world.state));
  let nowMs = EPOCH_MS;
  let steps = 0;
  for (const [index, step] of plan.steps.entries()) {
    if (index === lastKnownAtStep) {
      entriesKnown = entries.length;
      timeline = known(entriesKnown);
      world.timeline = timeline;
    }
    const catalog = core.catalogOf(timeline, world.state.catalog);
    nowMs = resolveInstant(step.gap, { world, catalog, unitMs: plan.catalog.unitMs, nowMs });
    const where = `step ${index}, at ${nowMs - EPOCH_MS} ms`;
    if (!settleTo(world, nowMs, MAX_ORACLE_CYCLES)) break;
    const before = canonical(state);
    const settled = settleWhole(core, { state, timeline, nowMs });
    checkSettled(core, { before: state, settled, timeline, nowMs, step }, where);
    assertSame(`${where}: events`, canonical(settled.events), canonical(world.events));
    assertSame(`${where}: settled`, canonical(settled.state), canonical(world.state));
    assertSame(`${where}: the state before is left alone`, canonical(state), before);
    world.events = [];
    state = settled.state;
    const action = resolveAction(step.action, { world, timeline, core, nowMs, unitMs: plan.catalog.unitMs });
    onStep?.({ atMs: nowMs, action, maxCost: step.maxCost, entriesKnown });
    state = act(core, { state, timeline, world, nowMs, action }, `${where}: ${canonical(action)}`);
    steps += 1;
  }
  return { cycles: world.cyclesPlayed, steps, state };
}

function resolveAction(
  plan: ActionPlan,
  {
    world,
    timeline,
    core,
    nowMs,
    unitMs,
  }: { world: World; timeline: Timeline; core: Core; nowMs: number; unitMs: number },
): ResolvedStep["action"] {
  if (plan.type === "settle" || plan.type === "seen") return { type: plan.type };
  // Since settling may have moved it.
  const catalog = core.catalogOf(timeline, world.state.catalog);
  return { type: "command", command: resolveCommand(plan, { world, catalog, unitMs, nowMs }) };
}

interface Settling {
  readonly state: PlayerState;
  readonly timeline: Timeline;
  readonly nowMs: number;
  readonly maxCost?: number;
}

export interface Settled {
  readonly state: PlayerState;
  readonly events: PlayerEvent[];
}

/** Settles, in as many slices as it takes. */
export function settleWhole(core: Core, { state, timeline, nowMs, maxCost }: Settling): Settled {
  const events: PlayerEvent[] = [];
  const options = {
    emit: (event: PlayerEvent) => void events.push(event),
    ...(maxCost === undefined ? {} : { maxCost }),
  };
  let now = core.settle(state, timeline, nowMs, options);
  for (let slices = 1; core.nextBoundaryMs(now, timeline) <= nowMs; slices += 1) {
    if (slices > MAX_SLICES) throw new LawBroken("settling makes no headway", "", "");
    now = core.settle(now, timeline, nowMs, options);
  }
  return { state: now, events };
}

/** The laws that need no oracle, for one settlement. */
function checkSettled(
  core: Core,
  {
    before,
    settled,
    timeline,
    nowMs,
    step,
  }: { before: PlayerState; settled: Settled; timeline: Timeline; nowMs: number; step: StepPlan },
  where: string,
): void {
  if (core.settle(settled.state, timeline, nowMs) !== settled.state) {
    throw new LawBroken(`${where}: with nothing due the same object comes back`, "", "");
  }
  const earlier = core.settle(settled.state, timeline, settled.state.settledAtMs - 1 - step.midway);
  if (earlier !== settled.state) throw new LawBroken(`${where}: no time travel`, "", "");
  const midMs = before.settledAtMs + Math.floor(((nowMs - before.settledAtMs) * step.midway) / 1_000);
  const first = settleWhole(core, { state: before, timeline, nowMs: midMs, maxCost: step.maxCost });
  const second = settleWhole(core, { state: first.state, timeline, nowMs, maxCost: step.maxCost });
  const cost = `by way of ${midMs - EPOCH_MS} ms with maxCost ${step.maxCost}`;
  const events = [...first.events, ...second.events];
  assertSame(`${where}: events ${cost}`, canonical(events), canonical(settled.events));
  assertSame(`${where}: settled ${cost}`, canonical(second.state), canonical(settled.state));
}

/** Does what a step does besides settling, to both, and compares. */
function act(
  core: Core,
  {
    state,
    timeline,
    world,
    nowMs,
    action,
  }: { state: PlayerState; timeline: Timeline; world: World; nowMs: number; action: ResolvedStep["action"] },
  where: string,
): PlayerState {
  if (action.type === "settle") return state;
  const events: PlayerEvent[] = [];
  const emit = (event: PlayerEvent): void => void events.push(event);
  let after = state;
  let failed: string | null = null;
  let oracleFailed: string | null = null;
  if (action.type === "seen") {
    after = core.markSeen(state, timeline, nowMs, emit);
    seen(world, nowMs);
  }
  if (action.type === "command") {
    try {
      after = core.applyCommand(state, timeline, action.command, { atMs: nowMs, emit }).state;
    } catch (error) {
      if (!core.isMainspringError(error)) throw error;
      failed = error.code;
    }
    try {
      apply(world, nowMs, action.command);
    } catch (error) {
      if (!(error instanceof OracleError)) throw error;
      oracleFailed = error.code;
    }
  }
  assertSame(`${where}: error`, String(failed), String(oracleFailed));
  assertSame(`${where}: events`, canonical(events), canonical(world.events));
  assertSame(`${where}: state`, canonical(after), canonical(world.state));
  world.events = [];
  return after;
}
