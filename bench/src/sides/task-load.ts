/** The work that both sides of the CPU row do, and how they are asked for it. */
import { setTimeout as delay } from "node:timers/promises";

/** Players who each have so many tasks done, one after the other. */
export interface TaskLoad {
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
  readonly taskMs: number;
  /** The players arrive evenly over this time. */
  readonly spreadMs: number;
}

/** What one round took on the side that was asked. */
export interface RoundCost {
  /** Of the whole process, from the first player's command to the last task's outcome being durable and known. */
  readonly cpuMs: number;
  readonly finishedCount: number;
}

/** Runs something for each player, at its moment. Resolves when all are done. */
export async function forEachArrival(
  { playerCount, spreadMs }: TaskLoad,
  arrive: (player: number) => Promise<unknown>,
): Promise<void> {
  const startedAtMs = performance.now();
  const arrivals: Promise<unknown>[] = [];
  while (arrivals.length < playerCount) {
    const elapsedMs = performance.now() - startedAtMs;
    const dueCount =
      spreadMs === 0 ? playerCount : Math.min(playerCount, Math.ceil((elapsedMs / spreadMs) * playerCount));
    while (arrivals.length < dueCount) arrivals.push(arrive(arrivals.length));
    if (arrivals.length < playerCount) await delay(1);
  }
  await Promise.all(arrivals);
}
