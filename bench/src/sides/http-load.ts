/**
 * Puts load on a server from a process of its own, and says what came back. Requests are bytes that were made before, on
 * sockets that stay open: with two processors, what the load costs is taken from the server.
 */
import { runClosedLoop } from "../load/closed-loop.js";
import { bytesOf, createConnectionKeeper, type LoadRequest, timers } from "../load/connection-keeper.js";
import type { LoadConnection } from "../load/load-connection.js";
import { runOpenLoop } from "../load/open-loop.js";
import type { Ask, LoadFound } from "../load/outcome.js";
import { ownCpuMs } from "../cpu-time.js";
import { answerQuestions, type Answering } from "./side.js";

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

const keeper = createConnectionKeeper();

const answer: Answering<LoadQuestion, LoadAnswer> = async (question, { defer }) => {
  const { url, connectionCount, durationMs, perSecond, beside } = question;
  const used = await keeper.connectionsFor({ url, purpose: "mine", count: connectionCount }, defer);
  const asks = asksOf(question, used);
  const besides = beside?.requests ?? [];
  const usedBeside = await keeper.connectionsFor({ url, purpose: "beside", count: besides.length }, defer);
  const stopWatch = keeper.watch([...used, ...usedBeside]);
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
    return { ...found, beside: foundBeside, cpuMs: ownCpuMs() - beforeCpuMs, trouble: keeper.trouble() };
  } finally {
    stopWatch();
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

answerQuestions(answer);
