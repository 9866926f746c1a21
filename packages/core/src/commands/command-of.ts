/** The command that does again what the journal says was done: how a record is restored. */
import type { Catalog } from "../catalog/catalog.js";
import { MainspringError } from "../errors.js";
import { PPM } from "../numbers.js";
import type {
  AmountList,
  AppliedCommand,
  AppliedTask,
  Command,
  EffectRequest,
  TaskRequest,
} from "../player/command.js";
import type { TimedEffect } from "../player/state.js";

/**
 * Applied at the same instant to the same state, it changes the same and emits the same events. It isn't always what was
 * sent: what was left out is filled in, and what could not be done is left out.
 *
 * @param catalog under which it was applied
 * @throws MainspringError `RECORD_CORRUPT` if it lacks what commands of its type have
 */
export function commandOf(applied: AppliedCommand, catalog: Catalog): Command {
  const { type } = applied;
  switch (type) {
    case "pause":
    case "resume":
    case "stop":
      return { type };
    case "enqueue":
      return { type, tasks: present(applied.tasks, applied).map(requestOf) };
    case "cancel":
      return { type, task: present(applied.task, applied) };
    case "move":
      return { type, task: present(applied.task, applied), before: applied.before ?? null };
    case "reorder":
      return { type, tasks: present(applied.order, applied) };
    case "equip":
      return { type, slot: present(applied.slot, applied), item: applied.item ?? null };
    case "claim-stash":
      return { type, items: Object.fromEntries(present(applied.result.claimed, applied)) };
    case "adjust":
      return { type, adjust: adjustOf(applied, catalog) };
    case "fast-forward":
      return { type, byMs: present(applied.byMs, applied) };
  }
}

function present<T>(value: T | undefined, { type }: AppliedCommand): T {
  if (value === undefined)
    throw new MainspringError("RECORD_CORRUPT", `The journal has a command "${type}" that lacks a part.`);
  return value;
}

function requestOf({ activity, repeat, until, onBlocked, position }: AppliedTask): TaskRequest {
  return {
    activity,
    repeat,
    onBlocked,
    ...(until === null
      ? {}
      : { until: { skills: Object.fromEntries(until.skills), items: Object.fromEntries(until.items) } }),
    ...(position === null ? {} : { position }),
  };
}

function adjustOf(
  applied: AppliedCommand,
  catalog: Catalog,
): Extract<Command, { readonly type: "adjust" }>["adjust"] {
  const items: AmountList = present(applied.result.items, applied);
  const xp: AmountList = present(applied.result.xp, applied);
  const effects = (applied.effects ?? []).map(effectOf);
  const changes = {
    items: Object.fromEntries(items),
    xp: Object.fromEntries(xp),
    ...(effects.length === 0 ? {} : { effects }),
  };
  if (items.length + xp.length + effects.length > 0) return changes;
  // It took what was there, and nothing was: a command must name something, so it adds none of something.
  const [item] = catalog.items.keys();
  if (item !== undefined) return { items: { [item]: 0 } };
  const [skill] = catalog.skills.keys();
  return { xp: { [skill ?? ""]: 0 } };
}

function effectOf({ stat, addPpm, kind, activity, untilMs }: TimedEffect): EffectRequest {
  return {
    stat,
    add: addPpm / PPM,
    untilMs,
    ...(kind === null ? {} : { kind }),
    ...(activity === null ? {} : { activity }),
  };
}
