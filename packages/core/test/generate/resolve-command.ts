/** From the plan of a command to the command: with ids and numbers of what there is when it comes to it. */
import type { Activity, Catalog } from "../../src/catalog/catalog.js";
import type { Command, EffectRequest, TaskRequest } from "../../src/player/command.js";
import type { Ref } from "./catalog-plan.js";
import { type CommandPlan, type TaskPlan, type TimedEffectPlan, UNKNOWN_REF } from "./history-plan.js";

/** What commands refer to: a player of the product or of the oracle. */
export interface Scene {
  readonly state: {
    readonly nextTask: number;
    readonly lanes: readonly [{ readonly tasks: readonly { readonly number: number }[] }];
    readonly items: ReadonlyMap<string, unknown>;
    readonly stash: ReadonlyMap<string, unknown>;
    readonly equipped: ReadonlyMap<string, string>;
  };
  readonly catalog: Catalog;
  readonly unitMs: number;
  readonly nowMs: number;
  /** How long a cycle of the activity would take now. */
  readonly cycleMs: (activity: Activity) => number;
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

function taskNumber(state: Scene["state"], ref: Ref): number {
  const { tasks } = state.lanes[0];
  if (ref >= UNKNOWN_REF) return state.nextTask + 3;
  return tasks[ref % Math.max(1, tasks.length)]?.number ?? ref;
}

export function resolveCommand(plan: CommandPlan, scene: Scene): Command {
  const { state, catalog, unitMs } = scene;
  switch (plan.type) {
    case "enqueue":
      return { type: "enqueue", tasks: plan.tasks.map((task) => resolveTask(task, scene)) };
    case "cancel":
      return { type: "cancel", task: taskNumber(state, plan.task) };
    case "move":
      return {
        type: "move",
        task: taskNumber(state, plan.task),
        before: plan.before === null ? null : taskNumber(state, plan.before),
      };
    case "reorder":
      return { type: "reorder", tasks: resolveOrder(plan, state) };
    case "pause":
    case "resume":
    case "stop":
      return { type: plan.type };
    case "equip": {
      // Taking something off needs something that is worn.
      const isOff = plan.item === null && state.equipped.size > 0;
      const slot = idOf(isOff ? state.equipped.keys() : catalog.slots, plan.slot);
      if (plan.item === null) return { type: "equip", slot, item: null };
      // Mostly something that is there and goes there: few items do.
      const there = [...state.items.keys()].filter((id) => catalog.items.get(id)?.equip?.slot === slot);
      const isSensible = there.length > 0 && plan.item % 4 > 0 && plan.item < UNKNOWN_REF;
      return { type: "equip", slot, item: idOf(isSensible ? there : catalog.items.keys(), plan.item) };
    }
    case "claim-stash": {
      if (plan.items === null) return { type: "claim-stash" };
      const ids = state.stash.size > 0 ? state.stash.keys() : catalog.items.keys();
      return { type: "claim-stash", items: amountsOf(plan.items, [...ids]) };
    }
    case "adjust":
      return {
        type: "adjust",
        adjust: {
          items: amountsOf(plan.items, catalog.items.keys()),
          xp: amountsOf(plan.xp, catalog.skills.keys()),
          effects: plan.effects.map((effect) => resolveEffect(effect, scene)),
          atMost: plan.atMost,
        },
      };
    case "fast-forward":
      return { type: "fast-forward", byMs: plan.units * unitMs };
  }
}

function resolveTask(plan: TaskPlan, { catalog, cycleMs }: Scene): TaskRequest {
  const { until, onBlocked, position } = plan;
  const activity = catalog.activities.get(idOf(catalog.activities.keys(), plan.activity));
  let { repeat } = plan;
  if (activity !== undefined && typeof repeat === "number" && repeat > 1 && !plan.isCareless) {
    const most = Math.floor(catalog.settings.queue.maxTaskMs / cycleMs(activity));
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
              Object.entries(amountsOf(until.skills, skillsFor(activity, catalog))).map(([id, level]) => [
                id,
                plan.isCareless ? level : Math.min(level, catalog.skills.get(id)?.xpForLevel.length ?? level),
              ]),
            ),
            items: amountsOf(until.items, itemsFor(activity, catalog)),
          },
        }),
    ...(onBlocked === null ? {} : { onBlocked }),
    ...(position === null ? {} : { position }),
  };
}

/** Mostly what the activity gives: of anything else the amount doesn't change. */
function itemsFor(activity: Activity | undefined, catalog: Catalog): readonly string[] {
  const given = (activity?.alternatives ?? []).map(({ item }) => item);
  return [...given, ...given, ...catalog.items.keys()];
}

function skillsFor(activity: Activity | undefined, catalog: Catalog): readonly string[] {
  const trained = (activity?.xp ?? []).map(({ skill }) => skill);
  return [...trained, ...trained, ...catalog.skills.keys()];
}

function resolveOrder(
  { keys, flaw }: { readonly keys: readonly number[]; readonly flaw: "none" | "missing" | "twice" | "extra" },
  state: Scene["state"],
): number[] {
  const keyed = state.lanes[0].tasks.map(({ number }, index) => ({ number, key: keys[index] ?? 50 }));
  const order = keyed.sort((a, b) => a.key - b.key).map(({ number }) => number);
  const [first] = order;
  if (flaw === "missing") return order.slice(1);
  if (flaw === "extra") return [state.nextTask + 1, ...order];
  return flaw === "twice" && first !== undefined ? [...order, first] : order;
}

function resolveEffect(
  { stat, add, kind, activity, forUnits }: TimedEffectPlan,
  { catalog, unitMs, nowMs }: Scene,
): EffectRequest {
  return {
    stat,
    add,
    ...(kind === null ? {} : { kind: idOf(catalog.kinds, kind) }),
    ...(activity === null ? {} : { activity: idOf(catalog.activities.keys(), activity) }),
    untilMs: nowMs + forUnits * unitMs,
  };
}
