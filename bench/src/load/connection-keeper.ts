/** Connections that stay open from one load to the next, and the bytes that are sent on them. */
import { performance } from "node:perf_hooks";
import type { Timers } from "@mainspring/engine";
import type { Releases } from "../releases.js";
import { createLoadConnection, type LoadConnection } from "./load-connection.js";

export interface LoadRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string;
}

/** An answer that takes longer is none. */
const TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 100;

/** A server has room for about 500 that wait to be let in; whoever finds no room tries again after a second. */
const OPENED_AT_ONCE = 100;

export const timers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

interface Wanted {
  readonly url: string;
  /** Connections of another purpose are others. */
  readonly purpose: string;
  readonly count: number;
}

export interface ConnectionKeeper {
  /** So many, open. */
  connectionsFor(wanted: Wanted, defer: Releases["defer"]): Promise<readonly LoadConnection[]>;
  /** Gives up what takes too long on these. Returns how to stop. */
  watch(connections: readonly LoadConnection[]): () => void;
  /** Why the first request broke since the watch began, if one did. */
  trouble(): string | null;
}

export function createConnectionKeeper(): ConnectionKeeper {
  const kept = new Map<string, LoadConnection[]>();
  let trouble: string | null = null;
  const keptFor = (key: string, defer: Releases["defer"]): LoadConnection[] => {
    const found = kept.get(key);
    if (found !== undefined) return found;
    const made: LoadConnection[] = [];
    kept.set(key, made);
    defer(() => {
      for (const connection of made) connection.close();
    });
    return made;
  };
  return {
    connectionsFor: async ({ url, purpose, count }, defer) => {
      const connections = keptFor(`${purpose} ${url}`, defer);
      const { hostname: host, port } = new URL(url);
      const onTrouble = (reason: Error): void => {
        trouble ??= reason.message;
      };
      while (connections.length < count) {
        connections.push(
          createLoadConnection({ host, port: Number(port), nowMs: () => timers.nowMs(), onTrouble }),
        );
      }
      const used = connections.slice(0, count);
      for (let from = 0; from < used.length; from += OPENED_AT_ONCE) {
        const some = used.slice(from, from + OPENED_AT_ONCE);
        await Promise.all(some.map(async (connection) => connection.open()));
      }
      return used;
    },
    watch(connections) {
      trouble = null;
      const watch = setInterval(() => {
        const beforeMs = timers.nowMs() - TIMEOUT_MS;
        for (const connection of connections) connection.giveUpAskedBefore(beforeMs);
      }, TIMEOUT_CHECK_MS);
      return () => clearInterval(watch);
    },
    trouble: () => trouble,
  };
}

export function bytesOf({ method, path, headers, body }: LoadRequest, host: string): Buffer {
  const about =
    body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host, ...headers, ...about }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`, "utf8");
}
