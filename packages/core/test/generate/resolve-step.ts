/** From the plan of a step to what really happens: an instant, and a command with ids and numbers of this world. */
import type { Catalog } from "../../src/catalog/catalog.js";
import type { Command, EffectRequest, TaskRequest } from "../../src/player/command.js";
import { terms } from "../oracle/levels-and-terms.js";
import { awayLimit, nextBoundary, type World } from "../oracle/oracle.js";
import type { Ref } from "./catalog-plan.js";
import {
  type CommandPlan,
  type GapPlan,
  type TaskPlan,
  type TimedEffectPlan,
  UNKNOWN_REF,
} from "./history-plan.js";

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

/** Whatever the number refers to, or an id that nothing has. */
function idOf(ids: Iterable<string>, ref: Ref): string {
  const all = [...ids];
  return ref >= UNKNOWN_REF ? "unknown" : (all[ref % Math.max(1, all.length)] ?? "unknown");
}

function amountsOf(list: readonly (readonly [Ref, number])[], ids: Iterable<string>): Record<string, number> {
  const all = [...ids];
  return Object.fromEntries(list.map(([ref, amount]) => [idOf(all, ref), amount]));
}

function taskNumber(world: World, ref: Ref): number {
  const { tasks } = world.state.lanes[0];
  if (ref >= UNKNOWN_REF) return world.state.nextTask + 3;
  return tasks[ref % Math.max(1, tasks.length)]?.number ?? ref;
}

export function resolveCommand(plan: CommandPlan, moment: Moment): Command {
  const { world, catalog, unitMs } = moment;
  switch (plan.type) {
    case "enqueue":
      return { type: "enqueue", tasks: plan.tasks.map((task) => resolveTask(task, moment)) };
    case "cancel":
      return { type: "cancel", task: taskNumber(world, plan.task) };
    case "move":
      return {
        type: "move",
        task: taskNumber(world, plan.task),
        before: plan.before === null ? null : taskNumber(world, plan.before),
      };
    case "reorder":
      return { type: "reorder", tasks: resolveOrder(plan, world) };
    case "pause":
    case "resume":
    case "stop":
      return { type: plan.type };
    case "equip": {
      const slot = idOf(catalog.slots, plan.slot);
      if (plan.item === null) return { type: "equip", slot, item: null };
      // Mostly something that is there and goes there: few items do.
      const there = [...world.state.items.keys()].filter((id) => catalog.items.get(id)?.equip?.slot === slot);
      const isSensible = there.length > 0 && plan.item % 4 > 0 && plan.item < UNKNOWN_REF;
      return { type: "equip", slot, item: idOf(isSensible ? there : catalog.items.keys(), plan.item) };
    }
    case "claim-stash": {
      if (plan.items === null) return { type: "claim-stash" };
      const ids = world.state.stash.size > 0 ? world.state.stash.keys() : catalog.items.keys();
      return { type: "claim-stash", items: amountsOf(plan.items, [...ids]) };
    }
    case "adjust":
      return {
        type: "adjust",
        adjust: {
          items: amountsOf(plan.items, catalog.items.keys()),
          xp: amountsOf(plan.xp, catalog.skills.keys()),
          effects: plan.effects.map((effect) => resolveEffect(effect, moment)),
          atMost: plan.atMost,
        },
      };
    case "fast-forward":
      return { type: "fast-forward", byMs: plan.units * unitMs };
  }
}

function resolveTask(plan: TaskPlan, { world, catalog }: Moment): TaskRequest {
  const { until, onBlocked, position } = plan;
  const activity = catalog.activities.get(idOf(catalog.activities.keys(), plan.activity));
  let { repeat } = plan;
  if (activity !== undefined && typeof repeat === "number" && repeat > 1 && !plan.isCareless) {
    const most = Math.floor(catalog.settings.queue.maxTaskMs / terms(world, activity).durationMs);
    repeat = Math.max(1, Math.min(repeat, most));
  }
  return {
    activity: activity?.id ?? "unknown",
    ...(repeat === undefined ? {} : { repeat }),
    ...(until === null
      ? {}
      : {
          until: {
            skills: Object.fromEntries(
              Object.entries(amountsOf(until.skills, catalog.skills.keys())).map(([id, level]) => [
                id,
                plan.isCareless ? level : Math.min(level, catalog.skills.get(id)?.xpForLevel.length ?? level),
              ]),
            ),
            items: amountsOf(until.items, catalog.items.keys()),
          },
        }),
    ...(onBlocked === null ? {} : { onBlocked }),
    ...(position === null ? {} : { position }),
  };
}

function resolveOrder(
  { keys, flaw }: { readonly keys: readonly number[]; readonly flaw: "none" | "missing" | "twice" | "extra" },
  world: World,
): number[] {
  const keyed = world.state.lanes[0].tasks.map(({ number }, index) => ({ number, key: keys[index] ?? 50 }));
  const order = keyed.sort((a, b) => a.key - b.key).map(({ number }) => number);
  const [first] = order;
  if (flaw === "missing") return order.slice(1);
  if (flaw === "extra") return [world.state.nextTask + 1, ...order];
  return flaw === "twice" && first !== undefined ? [...order, first] : order;
}

function resolveEffect(
  { stat, add, kind, activity, forUnits }: TimedEffectPlan,
  { catalog, unitMs, nowMs }: Moment,
): EffectRequest {
  return {
    stat,
    add,
    ...(kind === null ? {} : { kind: idOf(catalog.kinds, kind) }),
    ...(activity === null ? {} : { activity: idOf(catalog.activities.keys(), activity) }),
    untilMs: nowMs + forUnits * unitMs,
  };
}
