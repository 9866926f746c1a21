/** Players who all are connected and look at their queues: how rows bring a server to that state, and put load on it. */
import type { Inside } from "./look-inside.js";
import type { LoadAnswer, LoadQuestion } from "./sides/http-load.js";
import type { Served } from "./serve-mainspring.js";
import type { Side } from "./sides/side.js";

export interface Load {
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
  readonly capacityMs: number;
  readonly phaseMs: number;
}

const WARMUP_ROUNDS = 3;

/** Everybody asks once in so long. */
const SETTLING_MS = 1000;
const MAX_SETTLING = 30;

/** Of the capacity. */
export const SHARE = 0.5;

export interface Target {
  readonly cannon: Side<LoadQuestion, LoadAnswer>;
  readonly served: Served;
  readonly load: Load;
}

/** What connections get that ask as fast as they are answered. @throws Error when a request fails, or nobody is answered */
export async function readsPerSecondOf(target: Target): Promise<number> {
  const reads = withoutFailure(await ask(target, { durationMs: target.load.capacityMs, perSecond: null }));
  if (reads.perSecond === 0) throw new Error("Nobody was answered in time: there is no capacity to halve.");
  return reads.perSecond;
}

export function withoutFailure(answer: LoadAnswer): LoadAnswer {
  const { failedCount, failed, trouble } = answer;
  if (failedCount > 0) throw new Error(`Requests failed: ${JSON.stringify(failed)}, ${trouble ?? ""}`);
  return answer;
}

/** Everything is compiled. */
export async function warmUp(target: Target, inside: Inside): Promise<void> {
  for (let round = 0; round < WARMUP_ROUNDS; round += 1) {
    await settle(target, inside);
    await ask(target, { durationMs: target.load.capacityMs, perSecond: null });
  }
  await settle(target, inside);
}

/** Everybody's record is at hand, and is vouched for: asked gently, nobody needs the store any more. */
export async function settle(target: Target, inside: Inside): Promise<void> {
  for (let tries = 0; tries < MAX_SETTLING; tries += 1) {
    const { found, seen } = await inside.watch(async () =>
      ask(target, { durationMs: SETTLING_MS, perSecond: target.load.playerCount / (SETTLING_MS / 1000) }),
    );
    if (found.failedCount === 0 && seen.storeReads === 0 && seen.trustedShare === 1) return;
  }
  throw new Error("The server's cache does not come to rest: it goes on reading from the store.");
}

export async function ask(
  { cannon, served, load }: Target,
  how: Pick<LoadQuestion, "durationMs" | "perSecond" | "beside"> & Partial<Pick<LoadQuestion, "requests">>,
): Promise<LoadAnswer> {
  const { url, requests } = served;
  return cannon.ask({ url, requests, connectionCount: load.playerCount, ...how });
}
