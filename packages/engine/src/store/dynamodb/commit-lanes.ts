/**
 * Runs commits: those of one player one after the other, in the order in which they were given; those of many players at once,
 * up to a bound, commands before milestones before what may wait. A job takes on the urgency of what waits behind it. Every few turns the least urgent goes first, so that nobody
 * waits for ever.
 */
import type { Urgency } from "../../ports.js";

/** Every so many starts, the order of urgency is turned around. */
const FAIR_TURN = 8;

const ORDER: readonly Urgency[] = ["command", "milestone", "bulk"];
const TURNED: readonly Urgency[] = [...ORDER].reverse();

export interface CommitLanes {
  run<T>(playerId: string, urgency: Urgency, job: () => Promise<T>): Promise<T>;
  /** Resolves when nothing waits or runs any more. */
  drained(): Promise<void>;
}

interface Job {
  readonly urgency: Urgency;
  readonly start: () => Promise<void>;
}

type Ready = Readonly<Record<Urgency, Map<string, Job>>>;

/** What is ready must not hold up something more urgent behind it. */
function hasten(ready: Ready, playerId: string, urgency: Urgency): void {
  for (const slower of ORDER.slice(ORDER.indexOf(urgency) + 1)) {
    const job = ready[slower].get(playerId);
    if (job === undefined) continue;
    ready[slower].delete(playerId);
    ready[urgency].set(playerId, job);
  }
}

export function createCommitLanes(maxParallel: number): CommitLanes {
  /** What waits behind the job of a player that is ready or runs. */
  const behind = new Map<string, Job[]>();
  /** By player: of each at most one job is ready. */
  const ready: Ready = {
    command: new Map(),
    milestone: new Map(),
    bulk: new Map(),
  };
  let running = 0;
  let startCount = 0;
  let idle: (() => void)[] = [];

  const next = (): { readonly playerId: string; readonly job: Job } | undefined => {
    startCount += 1;
    const order = startCount % FAIR_TURN === 0 ? TURNED : ORDER;
    for (const urgency of order) {
      for (const [playerId, job] of ready[urgency]) {
        ready[urgency].delete(playerId);
        return { playerId, job };
      }
    }
    return undefined;
  };
  const pump = (): void => {
    while (running < maxParallel) {
      const first = next();
      if (first === undefined) break;
      running += 1;
      void first.job.start().then(() => finish(first.playerId));
    }
    if (running > 0 || behind.size > 0) return;
    for (const resume of idle) resume();
    idle = [];
  };
  const finish = (playerId: string): void => {
    running -= 1;
    const queue = behind.get(playerId) ?? [];
    const urgency = ORDER.find((one) => queue.some((job) => job.urgency === one));
    const job = queue.shift();
    if (job === undefined || urgency === undefined) behind.delete(playerId);
    else ready[urgency].set(playerId, job);
    pump();
  };
  return {
    async run(playerId, urgency, work) {
      return new Promise((resolve, reject) => {
        const job: Job = { urgency, start: async () => work().then(resolve, reject) };
        const queue = behind.get(playerId);
        if (queue !== undefined) {
          queue.push(job);
          hasten(ready, playerId, urgency);
          return;
        }
        behind.set(playerId, []);
        ready[urgency].set(playerId, job);
        pump();
      });
    },
    async drained() {
      if (behind.size === 0) return;
      await new Promise<void>((resolve) => {
        idle.push(resolve);
      });
    },
  };
}
