/** Time as it is: the face of the simulation's world, over the machine's clock; and processes that live in it. */
import type { SimulatedProcess } from "../histories/process.js";
import type { World } from "../histories/world.js";

export type RealWorld = Pick<World, "nowMs" | "after" | "wait">;

export function createRealWorld(): RealWorld {
  const startedAtMs = performance.now();
  const after: World["after"] = (delayMs, run) => {
    const timer = setTimeout(run, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  };
  return {
    nowMs: () => performance.now() - startedAtMs,
    after,
    wait: async (delayMs) =>
      new Promise<void>((resolve) => {
        after(delayMs, resolve);
      }),
  };
}

/** As far as others see of a process. */
export interface RealProcess extends Pick<SimulatedProcess, "isAlive" | "deliver" | "onDeath" | "frozenMs"> {
  /** It is no more. */
  died(): void;
  froze(): void;
  thawed(): void;
}

export function createRealProcess(world: RealWorld): RealProcess {
  const mourners = new Set<() => void>();
  let isAlive = true;
  let frozenMs = 0;
  let frozenAtMs: number | null = null;
  const nowFrozenMs = () => (frozenAtMs === null ? 0 : world.nowMs() - frozenAtMs);
  return {
    isAlive: () => isAlive,
    deliver(delayMs, run) {
      world.after(delayMs, () => {
        if (isAlive) run();
      });
    },
    onDeath(run) {
      mourners.add(run);
      return () => {
        mourners.delete(run);
      };
    },
    frozenMs: () => frozenMs + nowFrozenMs(),
    died() {
      if (!isAlive) return;
      isAlive = false;
      for (const mourn of mourners) mourn();
      mourners.clear();
    },
    froze() {
      frozenAtMs ??= world.nowMs();
    },
    thawed() {
      frozenMs += nowFrozenMs();
      frozenAtMs = null;
    },
  };
}
