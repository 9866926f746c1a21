/** Events of the journal as JSON. */
import type { AppliedCommand, CommandResult, TaskTotals } from "@mainspring/core";
import type { JournalEvent } from "@mainspring/engine";
import type { EventBody } from "../schemas/events.js";
import { amountsOf } from "./amounts.js";
import { effectBody } from "./player-view.js";

export function eventBody(event: JournalEvent): EventBody {
  const { number, atMs, actor, reason } = event;
  // A task's end has a reason of its own; why a command was given comes with the command.
  const meta = { ...(actor === undefined ? {} : { actor }), ...(reason === undefined ? {} : { reason }) };
  return { number, atMs, ...bodyOf(event), ...(event.type === "command" ? meta : {}) };
}

type Body = Omit<EventBody, "number" | "atMs">;

function bodyOf(event: JournalEvent): Body {
  switch (event.type) {
    case "task-ended": {
      const { type, task, activity, reason, block, totals } = event;
      return { type, taskId: task, activity, reason, block, totals: totalsOf(totals) };
    }
    case "task-started":
    case "task-unblocked":
      return { type: event.type, taskId: event.task, activity: event.activity };
    case "task-blocked":
      return { type: event.type, taskId: event.task, activity: event.activity, block: event.block };
    case "level-reached":
      return { type: event.type, skill: event.skill, fromLevel: event.fromLevel, level: event.level };
    case "rare-find":
      return { type: event.type, taskId: event.task, item: event.item, amount: event.amount };
    case "overflow":
      return { type: event.type, taskId: event.task, item: event.item, amount: event.amount, to: event.to };
    case "at-maximum":
      return { type: event.type, of: event.of, id: event.id };
    case "away":
    case "resumed":
      return { type: event.type };
    case "catalog-moved":
      return { type: event.type, from: event.from, to: event.to };
    case "command":
      return { type: event.type, revision: event.revision, command: commandBody(event.command) };
  }
}

export function totalsOf(totals: TaskTotals): NonNullable<EventBody["totals"]> {
  const { cyclesDone, failures, ranMs, rareFinds } = totals;
  return {
    cyclesDone,
    failures,
    ranMs,
    rareFinds,
    gave: amountsOf(totals.gave),
    took: amountsOf(totals.took),
    stashed: amountsOf(totals.stashed),
    discarded: amountsOf(totals.discarded),
    xp: amountsOf(totals.xp),
  };
}

function commandBody({
  tasks,
  task,
  order,
  effects,
  result,
  ...rest
}: AppliedCommand): Record<string, unknown> {
  return {
    ...rest,
    ...(tasks === undefined ? {} : { tasks: tasks.map(appliedTask) }),
    ...(task === undefined ? {} : { taskId: task }),
    ...(order === undefined ? {} : { taskIds: order }),
    ...(effects === undefined ? {} : { effects: effects.map(effectBody) }),
    result: resultBody(result),
  };
}

function appliedTask({
  number,
  until,
  ...rest
}: NonNullable<AppliedCommand["tasks"]>[number]): Record<string, unknown> {
  const limits = until === null ? null : { skills: amountsOf(until.skills), items: amountsOf(until.items) };
  return { taskId: number, ...rest, until: limits };
}

function resultBody({ tasks, ...amounts }: CommandResult): Record<string, unknown> {
  const entries = Object.entries(amounts).map(([name, list]) => [name, amountsOf(list)] as const);
  return { ...(tasks === undefined ? {} : { taskIds: tasks }), ...Object.fromEntries(entries) };
}
