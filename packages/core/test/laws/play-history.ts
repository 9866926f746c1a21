/**
 * Plays one history with the product and with the oracle, side by side, and throws at the first difference. Takes the
 * product as an argument, so that the same laws can be put to copies of it with bugs planted.
 */
import type { Activity, Catalog } from "../../src/catalog/catalog.js";
import type { Timeline } from "../../src/catalog/timeline.js";
import type * as core from "../../src/index.js";
import type { PlayerEvent } from "../../src/player/events.js";
import type { PlayerState } from "../../src/player/state.js";
import { canonical } from "../canonical.mjs";
import { buildCatalog, EPOCH_MS } from "../generate/build-catalog.js";
import type { ActionPlan, HistoryPlan } from "../generate/history-plan.js";
import { resolveCommand } from "../generate/resolve-command.js";
import { resolveInstant } from "../generate/resolve-instant.js";
import { terms } from "../oracle/levels-and-terms.js";
import {
  apply,
  createWorld,
  nextBoundary,
  OracleError,
  seen,
  settleTo,
  type World,
} from "../oracle/oracle.js";
import type { Core } from "./core-api.js";
import { checkNoTimeTravel, checkPathIndependence, checkReplay } from "./five-laws.js";
import { assertLaw, assertSame } from "./law-broken.js";
import { settleWhole } from "./settle-whole.js";

export { settleWhole } from "./settle-whole.js";

/** A history ends early when the oracle has played so many cycles. */
const MAX_ORACLE_CYCLES = 4_000;

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
  let text = canonical(world.state);
  assertSame("a new player", canonical(state), text);
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
    const isDue = nextBoundary(world) <= nowMs;
    if (!settleTo(world, nowMs, MAX_ORACLE_CYCLES)) break;
    if (isDue) {
      const before = state;
      const settled = settleWhole(core, { state, timeline, nowMs });
      const settledText = canonical(world.state);
      assertSame(`${where}: events`, canonical(settled.events), canonical(world.events));
      assertSame(`${where}: settled`, canonical(settled.state), settledText);
      const settlement = { before, settled, timeline, nowMs };
      const midMs = before.settledAtMs + Math.floor(((nowMs - before.settledAtMs) * step.midway) / 1_000);
      checkPathIndependence(core, settlement, { midMs, maxCost: step.maxCost });
      checkNoTimeTravel(core, settlement);
      assertSame(`${where}: the state before is left alone`, canonical(before), text);
      world.events = [];
      state = settled.state;
      text = settledText;
    }
    assertLaw(`${where}: the same object if nothing is due`, core.settle(state, timeline, nowMs) === state);
    const action = resolveAction(step.action, { world, timeline, core, nowMs, unitMs: plan.catalog.unitMs });
    onStep?.({ atMs: nowMs, action, maxCost: step.maxCost, entriesKnown });
    steps += 1;
    if (action.type === "settle") continue;
    state = act(core, { state, timeline, world, nowMs, action }, `${where}: ${canonical(action)}`);
    text = canonical(world.state);
    assertSame(`${where}: ${canonical(action)}: state`, canonical(state), text);
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
  const cycleMs = (activity: Activity): number => terms(world, activity).durationMs;
  const scene = { state: world.state, catalog, unitMs, nowMs, cycleMs };
  return { type: "command", command: resolveCommand(plan, scene) };
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
  const events: PlayerEvent[] = [];
  const emit = (event: PlayerEvent): void => void events.push(event);
  let after = state;
  let hasSucceeded = false;
  let failed: string | null = null;
  let oracleFailed: string | null = null;
  if (action.type === "seen") {
    after = core.markSeen(state, timeline, nowMs, emit);
    seen(world, nowMs);
  }
  if (action.type === "command") {
    try {
      after = core.applyCommand(state, timeline, action.command, { atMs: nowMs, emit }).state;
      hasSucceeded = true;
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
  if (hasSucceeded) checkReplay(core, { before: state, after, events, timeline, atMs: nowMs });
  world.events = [];
  return after;
}
