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
import { answerQuestions, type Answering } from "./side.js";

export interface LoadRequest {
  readonly method: "GET";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadQuestion {
  readonly url: string;
  /** What each connection asks for; with more connections than requests they begin again. */
  readonly requests: readonly LoadRequest[];
  readonly connectionCount: number;
  readonly durationMs: number;
  /** `null`: each connection asks as fast as it is answered. Else so many requests are due each second, answered or not. */
  readonly perSecond: number | null;
}

export interface LoadAnswer extends LoadFound {
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

const answer: Answering<LoadQuestion, LoadAnswer> = async (question, { defer }) => {
  const { url, connectionCount, durationMs, perSecond } = question;
  const connections = kept.get(url) ?? [];
  if (!kept.has(url)) {
    kept.set(url, connections);
    defer(() => {
      for (const connection of connections) connection.close();
    });
  }
  const { hostname: host, port } = new URL(url);
  while (connections.length < connectionCount) {
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
  const used = connections.slice(0, connectionCount);
  for (let from = 0; from < used.length; from += OPENED_AT_ONCE) {
    await Promise.all(used.slice(from, from + OPENED_AT_ONCE).map(async (connection) => connection.open()));
  }
  const requests = question.requests.map((request) => bytesOf(request, `${host}:${port}`));
  const asks = used.map((connection, index): Ask => {
    const request = requests[index % requests.length];
    if (request === undefined) throw new Error("There is nothing to ask for.");
    return (done) => connection.ask(request, done);
  });
  const watch = setInterval(() => {
    for (const connection of used) connection.giveUpAskedBefore(timers.nowMs() - TIMEOUT_MS);
  }, TIMEOUT_CHECK_MS);
  trouble = null;
  const beforeCpuMs = ownCpuMs();
  try {
    const found =
      perSecond === null
        ? await runClosedLoop({ asks, durationMs, timers })
        : await runOpenLoop({ asks, durationMs, timers, perSecond, random: Math.random });
    return { ...found, cpuMs: ownCpuMs() - beforeCpuMs, trouble };
  } finally {
    clearInterval(watch);
  }
};

function bytesOf({ method, path, headers }: LoadRequest, host: string): Buffer {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}

answerQuestions(answer);
