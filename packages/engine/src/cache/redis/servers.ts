/**
 * Which server processes there are behind the connections: a restart or a failover is another one, and what the one before had
 * promised counts no more. Learnt anew on every connection, before anything is asked through it.
 */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { systemTimers } from "../../system-timers.js";
import { retryDelayMs } from "./connection-settings.js";

export interface Servers {
  /** Learns which server it is whenever the connection becomes ready. */
  watch(redis: Redis): void;
  /** Resolves when all that are ready are known. */
  known(): Promise<void>;
  /** Names the primaries that are connected; `null` while there is none, or one isn't known yet. */
  topology(): string | null;
}

/** @param onFailure a server doesn't say who it is; its connection is opened anew */
export function createServers(onFailure: (error: unknown) => void): Servers {
  const known = new Map<Redis, { runId: string | null }>();
  const learning = new Set<Promise<void>>();
  const failures = new Map<Redis, number>();
  let last = { joined: "", digest: "" };

  const learn = async (redis: Redis) => {
    const server: { runId: string | null } = { runId: null };
    known.set(redis, server);
    try {
      server.runId = runIdIn(await redis.info("server"));
      failures.delete(redis);
    } catch (error) {
      if (known.get(redis) !== server) return;
      onFailure(error);
      const failureCount = (failures.get(redis) ?? 0) + 1;
      failures.set(redis, failureCount);
      // Not at once: where it isn't allowed it won't be the next time either.
      systemTimers.after(retryDelayMs(failureCount), () => {
        if (known.get(redis) === server) redis.disconnect(true);
      });
    }
  };
  const digestOf = (runIds: readonly string[]): string => {
    const joined = [...runIds].sort().join();
    if (joined !== last.joined) {
      last = { joined, digest: createHash("sha256").update(joined).digest("base64url").slice(0, 22) };
    }
    return last.digest;
  };
  return {
    watch(redis) {
      redis.on("ready", () => {
        const learnt = learn(redis).finally(() => learning.delete(learnt));
        learning.add(learnt);
      });
      for (const event of ["close", "end"]) redis.on(event, () => known.delete(redis));
    },
    known: async () => void (await Promise.all(learning)),
    topology() {
      const runIds: string[] = [];
      for (const [redis, { runId }] of known) {
        // Replicas answer nothing here, whatever becomes of them.
        if (redis.options.readOnly === true) continue;
        if (runId === null) return null;
        runIds.push(runId);
      }
      return runIds.length === 0 ? null : digestOf(runIds);
    },
  };
}

function runIdIn(info: string): string {
  const runId = /^run_id:(\w+)/mu.exec(info)?.[1];
  if (runId === undefined) throw new Error("There is no run_id.");
  return runId;
}
