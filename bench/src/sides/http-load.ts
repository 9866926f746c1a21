/**
 * Puts load on a server from a process of its own, and says what came back. Requests are bytes that were made before, on
 * sockets that stay open: with two processors, what the load costs is taken from the server.
 */
import { performance } from "node:perf_hooks";
import type { Timers } from "@mainspring/engine";
import { runClosedLoop } from "../load/closed-loop.js";
import { createLoadConnection, type LoadConnection } from "../load/load-connection.js";
import { runOpenLoop } from "../load/open-loop.js";
import type { Ask, LoadFound } from "../load/outcome.js";
import { ownCpuMs } from "../cpu-time.js";
import type { Releases } from "../releases.js";
import { answerQuestions, type Answering } from "./side.js";

export interface LoadRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: string;
}

export interface LoadQuestion {
  readonly url: string;
  /** What each connection asks for; with more connections than requests they begin again. */
  readonly requests: readonly LoadRequest[];
  readonly connectionCount: number;
  readonly durationMs: number;
  /** `null`: each connection asks as fast as it is answered. Else so many requests are due each second, answered or not. */
  readonly perSecond: number | null;
  /** Comes at the same time, on a connection for each of its requests, and is counted apart. Default: nothing */
  readonly beside?: { readonly requests: readonly LoadRequest[]; readonly perSecond: number };
}

export interface LoadAnswer extends LoadFound {
  readonly beside: LoadFound | null;
  /** What the load itself cost. */
  readonly cpuMs: number;
  /** Why the first request broke, if one did. */
  readonly trouble: string | null;
}

/** An answer that takes longer is none. */
const TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_MS = 100;

/** A server has room for about 500 that wait to be let in; whoever finds no room tries again after a second. */
const OPENED_AT_ONCE = 100;

const timers: Timers = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Connections stay open from one question to the next. */
const kept = new Map<string, LoadConnection[]>();

let trouble: string | null = null;

interface Wanted {
  readonly url: string;
  /** Connections of another purpose are others. */
  readonly purpose: string;
  readonly count: number;
}

async function connectionsFor({ url, purpose, count }: Wanted, defer: Releases["defer"]) {
  const key = `${purpose} ${url}`;
  const connections = kept.get(key) ?? [];
  if (!kept.has(key)) {
    kept.set(key, connections);
    defer(() => {
      for (const connection of connections) connection.close();
    });
  }
  const { hostname: host, port } = new URL(url);
  while (connections.length < count) {
    connections.push(
      createLoadConnection({
        host,
        port: Number(port),
        nowMs: () => timers.nowMs(),
        onTrouble: (reason) => {
          trouble ??= reason.message;
        },
      }),
    );
  }
  const used = connections.slice(0, count);
  for (let from = 0; from < used.length; from += OPENED_AT_ONCE) {
    await Promise.all(used.slice(from, from + OPENED_AT_ONCE).map(async (connection) => connection.open()));
  }
  return used;
}

const answer: Answering<LoadQuestion, LoadAnswer> = async (question, { defer }) => {
  const { url, connectionCount, durationMs, perSecond, beside } = question;
  const used = await connectionsFor({ url, purpose: "mine", count: connectionCount }, defer);
  const asks = asksOf(question, used);
  const besides = beside?.requests ?? [];
  const usedBeside = await connectionsFor({ url, purpose: "beside", count: besides.length }, defer);
  const watch = setInterval(() => {
    for (const connection of [...used, ...usedBeside])
      connection.giveUpAskedBefore(timers.nowMs() - TIMEOUT_MS);
  }, TIMEOUT_CHECK_MS);
  trouble = null;
  const beforeCpuMs = ownCpuMs();
  const open = { durationMs, timers, random: Math.random };
  try {
    const [found, foundBeside] = await Promise.all([
      perSecond === null
        ? runClosedLoop({ asks, durationMs, timers })
        : runOpenLoop({ ...open, asks, perSecond }),
      beside === undefined
        ? null
        : runOpenLoop({
            ...open,
            asks: asksOf({ url, requests: besides }, usedBeside),
            perSecond: beside.perSecond,
          }),
    ]);
    return { ...found, beside: foundBeside, cpuMs: ownCpuMs() - beforeCpuMs, trouble };
  } finally {
    clearInterval(watch);
  }
};

function asksOf(
  { url, requests }: Pick<LoadQuestion, "url" | "requests">,
  connections: readonly LoadConnection[],
): Ask[] {
  const bytes = requests.map((request) => bytesOf(request, new URL(url).host));
  return connections.map((connection, index): Ask => {
    const request = bytes[index % bytes.length];
    if (request === undefined) throw new Error("There is nothing to ask for.");
    return (done) => connection.ask(request, done);
  });
}

function bytesOf({ method, path, headers, body }: LoadRequest, host: string): Buffer {
  const about =
    body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host, ...headers, ...about }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`, "utf8");
}

answerQuestions(answer);
