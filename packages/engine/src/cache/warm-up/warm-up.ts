/** On start: reads the players who were active last, so that they don't all wait for the store at once. */
import type { Timers } from "../../ports.js";
import type { Remote } from "../remote.js";

/** Players of one call of `fetch`: what one bulk read of DynamoDB carries. */
export const WARM_UP_BATCH = 100;

/** Defaults: as many as a cache of default size keeps, and half of its bytes; a start waits no longer than this. */
export const MAX_WARMED = 10_000;
export const MAX_WARMED_BYTES = 32 * 1024 * 1024;
export const MAX_WARM_UP_MS = 5_000;

export interface WarmUpOptions {
  readonly remote: Pick<Remote, "readRecent">;
  /** Reads records into the cache, and says how many there were and what they hold. */
  readonly fetch: (playerIds: readonly string[]) => Promise<WarmedBatch>;
  readonly timers: Timers;
  /** Default: {@link MAX_WARMED} */
  readonly maxPlayers?: number;
  /** No batch begins after so many. Default: {@link MAX_WARMED_BYTES} */
  readonly maxBytes?: number;
  /** What is under way by then is not waited for. Default: {@link MAX_WARM_UP_MS} */
  readonly maxMs?: number;
}

export interface WarmedBatch {
  readonly found: number;
  readonly sizeBytes: number;
}

export interface WarmUpReport {
  /** `done`: everybody that the list had, up to `maxPlayers`. */
  readonly ended: "done" | "bytes" | "time" | "failed";
  readonly asked: number;
  readonly found: number;
  readonly sizeBytes: number;
  readonly tookMs: number;
  /** What failed. */
  readonly failure: unknown;
}

/** Never rejects: a start goes on with what is warm. */
export async function warmUp(options: WarmUpOptions): Promise<WarmUpReport> {
  const { remote, fetch, timers } = options;
  const { maxPlayers = MAX_WARMED, maxBytes = MAX_WARMED_BYTES, maxMs = MAX_WARM_UP_MS } = options;
  const startedAtMs = timers.nowMs();
  let [asked, found, sizeBytes] = [0, 0, 0];
  const run = async (): Promise<WarmUpReport["ended"]> => {
    const playerIds = (await remote.readRecent(maxPlayers)).slice(0, maxPlayers);
    for (let start = 0; start < playerIds.length; start += WARM_UP_BATCH) {
      if (sizeBytes >= maxBytes) return "bytes";
      if (timers.nowMs() - startedAtMs >= maxMs) return "time";
      const batch = playerIds.slice(start, start + WARM_UP_BATCH);
      asked += batch.length;
      const warmed = await fetch(batch);
      found += warmed.found;
      sizeBytes += warmed.sizeBytes;
    }
    return "done";
  };
  const report = (ended: WarmUpReport["ended"], failure: unknown = null): WarmUpReport => ({
    ended,
    asked,
    found,
    sizeBytes,
    tookMs: timers.nowMs() - startedAtMs,
    failure,
  });
  let stopWaiting = (): void => {};
  const timeIsUp = new Promise<"time">((resolve) => {
    stopWaiting = timers.after(maxMs, () => resolve("time"));
  });
  try {
    return report(await Promise.race([run(), timeIsUp]));
  } catch (failure) {
    return report("failed", failure);
  } finally {
    stopWaiting();
  }
}
