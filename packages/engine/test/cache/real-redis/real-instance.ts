/** Instances over a real Redis, each behind a proxy of its own: some in this process, some in one that is really killed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { MainspringError } from "@mainspring/core";
import { cached, createCache } from "../../../src/cache/index.js";
import { openRedis } from "../../../src/cache/redis/index.js";
import type { WholeCacheStats } from "../../../src/cache/cache-stats.js";
import type { Remote } from "../../../src/cache/remote.js";
import type { RecordWrite, Store, StoredRecord, StoreReadOptions } from "../../../src/ports.js";
import type { RedisProxy } from "../../support/redis-proxy.js";
import { HARD_LIMIT_MS, type PlayedInstance, type Thing } from "../histories/instance.js";
import type { Ledger } from "../histories/history-face.js";
import { createFloors } from "../histories/truth.js";
import type { RealProcess, RealWorld } from "./real-world.js";
import { createTwoWayCalls } from "./two-way-calls.mjs";

/**
 * A silent member is forgotten after so long, instead of minutes, so that trust is back before the end. None is kept from Redis for as
 * long as that.
 */
export const FORGET_AFTER_MS = 10_000;

export interface RealInstance extends PlayedInstance {
  readonly process: RealProcess;
  readonly proxy: RedisProxy;
  stats(): Promise<WholeCacheStats>;
  /** Without a word to anybody: as `kill -9` does, where it is a process of its own. */
  crash(): Promise<void>;
  close(): Promise<void>;
  /** `null`: it can't be frozen alone. */
  readonly freezing: { readonly freeze: () => void; readonly thaw: () => void } | null;
}

export interface RealInstanceParts {
  readonly name: string;
  readonly world: RealWorld;
  readonly ledger: Ledger;
  readonly process: RealProcess;
  readonly proxy: RedisProxy;
  /** What it sees of the shared store. */
  readonly below: Store;
  readonly ttlSeconds: number;
  readonly maxEntries: number;
  /** What the cache has to say. */
  readonly onNote: (message: string) => void;
  /** What to make of the second tier before the cache gets it. Default: nothing */
  readonly disarm?: (remote: Remote) => Remote;
}

function faceOf({ name, world, process, proxy }: RealInstanceParts) {
  const floors = { floors: createFloors(), changed: createFloors() };
  return { name, process, proxy, bornAtMs: world.nowMs(), isLeaving: false, ...floors };
}

export async function openLocalInstance(parts: RealInstanceParts): Promise<RealInstance> {
  const { proxy, process, below, maxEntries, ttlSeconds, disarm = (remote) => remote } = parts;
  const redis = disarm(await openRedis({ host: "127.0.0.1", port: proxy.port }));
  const cache = createCache({
    remote: {
      ...redis,
      beat: async (request) => redis.beat({ ...request, forgetAfterMs: FORGET_AFTER_MS }),
    },
    maxEntries,
    ttlSeconds: { activeQueue: ttlSeconds },
    telemetry: { note: (_, message) => parts.onNote(message) },
  });
  const store = cached(below, cache);
  return {
    ...faceOf(parts),
    store,
    things: cache.namespace<Thing>("things", {
      ttlSeconds,
      absentTtlSeconds: ttlSeconds,
      hardLimitMs: HARD_LIMIT_MS,
    }),
    stats: async () => cache.stats(),
    async crash() {
      process.died();
      await redis.close();
      // It can't tell anybody any more, and goes on by itself no longer.
      await cache.close();
    },
    async close() {
      await store.close();
      process.died();
    },
    freezing: null,
  };
}

export async function startChildInstance(parts: RealInstanceParts): Promise<RealInstance> {
  const { ledger, process, below } = parts;
  const child = forkInstance(parts);
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const face = faceOf(parts);
  const calls = createTwoWayCalls({
    send(message) {
      if (child.connected) child.send(message);
    },
    errorOf: (code, message) =>
      code === null ? new Error(message) : new MainspringError(code as "STORE_UNAVAILABLE", message),
    handlers: {
      open: () => open(),
      "store.read": async (playerIds: readonly string[], options: StoreReadOptions) =>
        below.read(playerIds, options),
      "store.commit": async (writes: readonly RecordWrite[]) => below.commit(writes),
      note: (message: string) => parts.onNote(message),
      load: async (key: string) => ledger.loadThing(face as PlayedInstance & typeof face, key),
    },
  });
  child.on("message", (message) => calls.receive(message as Parameters<typeof calls.receive>[0]));
  const exited = once(child, "exit");
  const cause = { errors: "" };
  child.stderr?.on("data", (chunk: Buffer) => {
    cause.errors += chunk.toString();
  });
  child.once("exit", (code, signal) => {
    if (process.isAlive()) {
      const why = `${parts.name} ended by itself (${code ?? signal}): ${cause.errors}`;
      ledger.report({ law: "6: an error that no fault explains", why, subject: null });
    }
    process.died();
  });
  await Promise.race([opened, exited]);
  return {
    ...face,
    ...askingFaces(
      async (name, ...given) => calls.ask(name, ...given),
      () => ledger.countHit(face as PlayedInstance & typeof face),
    ),
    stats: async () => (await calls.ask("stats")) as WholeCacheStats,
    async crash() {
      process.died();
      child.kill("SIGKILL");
      await exited;
    },
    async close() {
      const isClosed = await Promise.race([calls.ask("close").then(() => true), exited.then(() => false)]);
      if (isClosed) process.died();
      child.kill("SIGKILL");
      await exited;
    },
    freezing: {
      freeze() {
        process.froze();
        child.kill("SIGSTOP");
      },
      thaw() {
        child.kill("SIGCONT");
        process.thawed();
      },
    },
  };
}

function forkInstance({ proxy, ttlSeconds, maxEntries }: RealInstanceParts): ChildProcess {
  const options = {
    port: proxy.port,
    ttlSeconds,
    maxEntries,
    hardLimitMs: HARD_LIMIT_MS,
    forgetAfterMs: FORGET_AFTER_MS,
  };
  return fork(fileURLToPath(new URL("instance-process.mjs", import.meta.url)), [JSON.stringify(options)], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
}

/** Its store and its values, as far as they can be asked for from here: nothing is at hand without a question. */
function askingFaces(
  ask: (name: string, ...given: unknown[]) => Promise<unknown>,
  onHit: () => void,
): Pick<PlayedInstance, "store" | "things"> {
  return {
    store: {
      async read(playerIds, options) {
        const answer = (await ask("read", playerIds, options)) as {
          records: (StoredRecord | null)[];
          isAtHand: boolean;
        };
        if (answer.isAtHand) onHit();
        return answer.records;
      },
      commit: async (writes) => (await ask("commit", writes)) as Awaited<ReturnType<Store["commit"]>>,
    },
    things: {
      peek: () => undefined,
      async get(key) {
        const answer = (await ask("get", key)) as { thing: Thing | null; isAtHand: boolean };
        if (answer.isAtHand) onHit();
        return answer.thing;
      },
      set: async (key, thing) => void (await ask("set", key, thing)),
      delete: async (key) => void (await ask("delete", key)),
    },
  };
}
