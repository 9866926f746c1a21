// An instance of a game's server, in a process of its own that can be killed: a cache over the store of whoever started it. It does what
// it is asked over the channel to its parent, and asks there for what is in the store.
// It runs the compiled cache, as users do: `tsc -b` comes first.
import { MainspringError } from "@mainspring/core";
import { cached, createCache } from "../../../dist/cache/index.js";
import { openRedis } from "../../../dist/cache/redis/index.js";
import { createTwoWayCalls } from "./two-way-calls.mjs";

/** @typedef {import("../../../dist/ports.js").Store} Store */

/** @type {{ port: number, ttlSeconds: number, maxEntries: number, hardLimitMs: number, forgetAfterMs: number }} */
const { port, ttlSeconds, maxEntries, hardLimitMs, forgetAfterMs } = JSON.parse(process.argv[2] ?? "{}");

const redis = await openRedis({ host: "127.0.0.1", port });
const cache = createCache({
  remote: { ...redis, beat: async (request) => redis.beat({ ...request, forgetAfterMs }) },
  maxEntries,
  ttlSeconds: { activeQueue: ttlSeconds },
  telemetry: { note: (_, message) => void calls.ask("note", message) },
});

const calls = createTwoWayCalls({
  send: (message) => void process.send?.(message),
  errorOf: (code, message) =>
    new MainspringError(/** @type {"STORE_UNAVAILABLE"} */ (code ?? "INTERNAL"), message),
  handlers: {
    /** @type {(playerIds: readonly string[], options: import("../../../dist/ports.js").StoreReadOptions) => Promise<object>} */
    async read(playerIds, options) {
      const [playerId] = playerIds;
      const isAlone = playerIds.length === 1 && playerId !== undefined;
      const peeked =
        isAlone && options.consistency !== "strong" ? store.peek?.(playerId, options.atLeast) : undefined;
      if (peeked !== undefined) return { records: [peeked], isAtHand: true };
      return { records: await store.read(playerIds, options), isAtHand: false };
    },
    /** @type {Store["commit"]} */
    commit: async (writes) => store.commit(writes),
    /** @type {(key: string) => Promise<object>} */
    async get(key) {
      const peeked = things.peek(key);
      if (peeked !== undefined) return { thing: peeked, isAtHand: true };
      return { thing: await things.get(key, async () => calls.ask("load", key)), isAtHand: false };
    },
    /** @type {(key: string, thing: unknown) => Promise<void>} */
    set: async (key, thing) => things.set(key, thing),
    /** @type {(key: string) => Promise<void>} */
    delete: async (key) => things.delete(key),
    stats: () => cache.stats(),
    close: async () => store.close(),
  },
});

const below = /** @type {Store} */ (
  /** @type {unknown} */ ({
    /** @type {Store["read"]} */
    read: async (playerIds, options) =>
      /** @type {ReturnType<Store["read"]>} */ (calls.ask("store.read", playerIds, options)),
    /** @type {Store["commit"]} */
    commit: async (writes) => /** @type {ReturnType<Store["commit"]>} */ (calls.ask("store.commit", writes)),
    close: async () => undefined,
  })
);
const store = cached(below, cache);
const things = cache.namespace("things", { ttlSeconds, absentTtlSeconds: ttlSeconds, hardLimitMs });

process.on("message", (message) => calls.receive(/** @type {never} */ (message)));
// Without whoever started it there is nothing to do.
process.on("disconnect", () => process.exit(0));
process.send?.({ ask: 0, name: "open", given: [] });
