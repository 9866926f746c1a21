/** Puts load of several kinds on a server from a process of its own, each with its share, and says of each what became of it. */
import { runClosedLoop } from "../load/closed-loop.js";
import { bytesOf, createConnectionKeeper, type LoadRequest, timers } from "../load/connection-keeper.js";
import { runOpenLoop } from "../load/open-loop.js";
import type { Ask, LoadFound } from "../load/outcome.js";
import { ownCpuMs } from "../cpu-time.js";
import { answerQuestions, type Answering } from "./side.js";

export interface LoadKind {
  readonly name: string;
  /** One for each player; each has a connection for each kind. */
  readonly requests: readonly LoadRequest[];
  /** Of all requests, from 0 to 1. */
  readonly share: number;
}

export interface MixedLoadQuestion {
  readonly url: string;
  readonly kinds: readonly LoadKind[];
  readonly durationMs: number;
  readonly deadlineMs: number;
  /**
   * So many requests are due each second, at random times, answered or not; or so many connections ask as fast as they are answered, each
   * time for a kind that is drawn by its share.
   */
  readonly pace: { readonly perSecond: number } | { readonly connectionCount: number };
}

export interface MixedLoadAnswer {
  /** In the order of the question; of a load that is as fast as it is answered, all kinds together are the only one. */
  readonly kinds: readonly LoadFound[];
  /** What the load itself cost. */
  readonly cpuMs: number;
  /** Why the first request broke, if one did. */
  readonly trouble: string | null;
}

const keeper = createConnectionKeeper();

const answer: Answering<MixedLoadQuestion, MixedLoadAnswer> = async (question, { defer }) => {
  const { url, kinds, durationMs, deadlineMs, pace } = question;
  const isClosed = "connectionCount" in pace;
  const purposes = isClosed ? ["all"] : kinds.map(({ name }) => name);
  const connections = await Promise.all(
    purposes.map(async (purpose, at) => {
      const count = isClosed ? pace.connectionCount : (kinds[at]?.requests.length ?? 0);
      return keeper.connectionsFor({ url, purpose, count }, defer);
    }),
  );
  const stopWatch = keeper.watch(connections.flat());
  const beforeCpuMs = ownCpuMs();
  const { host } = new URL(url);
  const bytes = kinds.map(({ requests }) => requests.map((request) => bytesOf(request, host)));
  const bytesFor = (kind: number, player: number): Buffer => {
    const ofKind = bytes[kind] ?? [];
    const found = ofKind[player % ofKind.length];
    if (found === undefined) throw new Error("There is nothing to ask for.");
    return found;
  };
  try {
    const found = isClosed
      ? [
          await runClosedLoop({
            asks: (connections[0] ?? []).map((connection, player): Ask => {
              return (done) => connection.ask(bytesFor(drawKind(kinds), player), done);
            }),
            durationMs,
            timers,
          }),
        ]
      : await Promise.all(
          kinds.map(async ({ share }, kind) =>
            runOpenLoop({
              asks: (connections[kind] ?? []).map((connection, player): Ask => {
                const request = bytesFor(kind, player);
                return (done) => connection.ask(request, done);
              }),
              perSecond: share * pace.perSecond,
              durationMs,
              deadlineMs,
              timers,
              random: Math.random,
            }),
          ),
        );
    return { kinds: found, cpuMs: ownCpuMs() - beforeCpuMs, trouble: keeper.trouble() };
  } finally {
    stopWatch();
  }
};

function drawKind(kinds: readonly LoadKind[]): number {
  let left = Math.random();
  for (const [at, { share }] of kinds.entries()) {
    left -= share;
    if (left < 0) return at;
  }
  return kinds.length - 1;
}

answerQuestions(answer);
