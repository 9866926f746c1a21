/** When a step of a plan really happens: boundaries are asked of the oracle, when it comes to it. */
import type { Catalog } from "../../src/catalog/catalog.js";
import { awayLimit, nextBoundary, type World } from "../oracle/oracle.js";
import type { GapPlan } from "./history-plan.js";

/** More cycles than about this much aren't asked of the oracle in one step. */
const MAX_CYCLES_PER_STEP = 1_500;

/** A year: some boundaries lie decades ahead. */
const MAX_GAP_MS = 365 * 86_400_000;

interface Moment {
  readonly world: World;
  readonly catalog: Catalog;
  readonly unitMs: number;
  readonly nowMs: number;
}

/** The instant of the next step. Never before now, and not so far ahead that the oracle would play for ever. */
export function resolveInstant(gap: GapPlan, { world, catalog, unitMs, nowMs }: Moment): number {
  const wanted = Math.max(nowMs, wantedInstant(gap, { world, unitMs, nowMs }));
  const [{ cycle, paused }] = world.state.lanes;
  const fastestMs = Math.min(...[...catalog.activities.values()].map(({ durationMs }) => durationMs));
  const shortestMs = Math.max(
    catalog.settings.minCycleMs,
    // Speed of all sorts may come to a few times what it was.
    Math.min(cycle?.durationMs ?? Infinity, fastestMs) / 2,
  );
  const mostMs =
    cycle === null || paused !== null ? MAX_GAP_MS : Math.floor(MAX_CYCLES_PER_STEP * shortestMs);
  return Math.min(wanted, nowMs + Math.min(mostMs, MAX_GAP_MS));
}

function wantedInstant(gap: GapPlan, { world, unitMs, nowMs }: Omit<Moment, "catalog">): number {
  const { state, timeline } = world;
  switch (gap.to) {
    case "now":
      return nowMs;
    case "later":
      return nowMs + gap.units * unitMs + gap.extraMs;
    case "boundary":
      return finite(nextBoundary(world), nowMs) + gap.deltaMs;
    case "away":
      return awayLimit(world) + gap.deltaMs;
    case "entry": {
      const entry = timeline.entries.find(({ atMs }) => atMs > state.catalogAtMs);
      return (entry === undefined ? nowMs : entry.atMs + state.clockOffsetMs) + gap.deltaMs;
    }
  }
}

function finite(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
