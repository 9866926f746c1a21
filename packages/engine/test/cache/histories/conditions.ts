/** Conditions of the whole world, that several disturbances may worsen at once: of each the worst counts, and all of them pass. */
import type { World } from "./world.js";

export interface Conditions<T> {
  /** As they are now. The same object always. */
  readonly now: Readonly<T>;
  worsen(worse: Partial<T>, forMs: number): void;
}

/** @param usual numbers, of which the greater is the worse */
export function createConditions<T extends { [name in keyof T]: number }>(
  world: Pick<World, "after">,
  usual: T,
): Conditions<T> {
  const now = { ...usual };
  const active = new Set<Partial<T>>();
  const update = (): void => {
    for (const name of Object.keys(usual) as (keyof T & string)[]) {
      now[name] = Math.max(usual[name], ...[...active].map((worse) => worse[name] ?? 0)) as T[keyof T &
        string];
    }
  };
  return {
    now,
    worsen(worse, forMs) {
      active.add(worse);
      update();
      world.after(forMs, () => {
        active.delete(worse);
        update();
      });
    },
  };
}
