/** Bodies as commands. What was left out stays left out. */
import type { AdjustRequest, EffectRequest, TaskRequest } from "@mainspring/core";
import type { Static } from "typebox";
import type { AdjustBodySchema, TaskRequestBody } from "./schemas/commands.js";

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Without the keys whose value is undefined. JSON has none, but the types of optional keys say so. */
function compact<T extends object>(value: Loose<T>): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}

export function taskRequests(tasks: readonly TaskRequestBody[]): TaskRequest[] {
  return tasks.map(({ until, ...task }) =>
    compact<TaskRequest>({
      ...task,
      until: until === undefined ? undefined : compact<NonNullable<TaskRequest["until"]>>(until),
    }),
  );
}

export function adjustRequest({
  effects,
  ...adjust
}: Omit<Static<typeof AdjustBodySchema>, "reason">): AdjustRequest {
  return compact<AdjustRequest>({
    ...adjust,
    effects: effects?.map((effect) => compact<EffectRequest>(effect)),
  });
}
