/** One of the caches that are compared, put through the same work as the others. */
import { performance } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { openerOf, type PeerName } from "../cache-peers/all-peers.js";
import { type Peer, peerValueOf } from "../cache-peers/peer.js";
import { answerQuestions, type Answering } from "./side.js";

/** What is asked of a cache: a value of the first tier, of the second, one to be loaded, or one that many want at once. */
export type CacheWork = "local-hit" | "remote-hit" | "miss" | "stampede";

export interface CallsQuestion {
  readonly type: "play";
  readonly work: Exclude<CacheWork, "stampede">;
  /** Sets keys apart from those of other rounds. */
  readonly round: string;
  readonly callCount: number;
  readonly inFlight: number;
}

export interface StampedeQuestion {
  readonly type: "play";
  readonly work: "stampede";
  readonly round: string;
  readonly callCount: number;
  readonly loadMs: number;
}

export type CacheQuestion =
  | { readonly type: "open"; readonly name: PeerName; readonly redisPort: number }
  | CallsQuestion
  | StampedeQuestion;

export interface CacheRound {
  readonly perSecond: number;
  readonly p99Us: number;
  /** From the first call to the last answer. */
  readonly tookMs: number;
  readonly loadCount: number;
}

/** Keys of the first tier that are asked for in turn. */
const LOCAL_KEYS = 1000;

/** Writes that a cache doesn't wait for, and news of them, have so long to arrive before their values are asked for. */
const SETTLE_MS = 500;

const MS_PER_SECOND = 1000;
const US_PER_MS = 1000;

interface Opened {
  readonly peer: Peer;
  /** Another instance over the same Redis, that puts values there for the first one to find. */
  readonly neighbour: Peer;
}

let opened: Opened | undefined;
let loadCount = 0;

const answer: Answering<CacheQuestion, CacheRound | null> = async (question, { defer }) => {
  if (question.type === "open") {
    const open = await openerOf(question.name);
    const [peer, neighbour] = [await open(question.redisPort), await open(question.redisPort)];
    defer(async () => {
      await peer.close();
      await neighbour.close();
    });
    opened = { peer, neighbour };
    return null;
  }
  if (opened === undefined) throw new Error("It was not opened.");
  loadCount = 0;
  switch (question.work) {
    case "local-hit":
      return localHits(opened.peer, question);
    case "stampede":
      return stampede(opened.peer, question);
    case "remote-hit":
    case "miss":
      return coldGets(opened, question);
  }
};

/**
 * One caller, as fast as it can: what a hit costs the process. Two passes, as reading the clock costs as much as a good hit. After each
 * round of the keys the process does what else it has to do, which doesn't count.
 */
async function localHits(peer: Peer, { round, callCount }: CallsQuestion): Promise<CacheRound> {
  const keys = Array.from({ length: LOCAL_KEYS }, (_, player) => `${round}-player-${player}`);
  const load = loaderOf(round);
  for (const key of keys) await peer.set(key, peerValueOf(key, 1));
  const callMs: number[] = [];
  let tookMs = 0;
  while (callMs.length < callCount) {
    const startedAtMs = performance.now();
    for (const key of keys) {
      const got = peer.get(key, load);
      if (got instanceof Promise) await got;
    }
    tookMs += performance.now() - startedAtMs;
    for (const key of keys) {
      const calledAtMs = performance.now();
      const got = peer.get(key, load);
      if (got instanceof Promise) await got;
      callMs.push(performance.now() - calledAtMs);
    }
    await nextTurn();
  }
  return roundOf(callMs, tookMs);
}

/** Many callers, each for a key that this instance never saw. */
async function coldGets(
  { peer, neighbour }: Opened,
  { work, round, callCount, inFlight }: CallsQuestion,
): Promise<CacheRound> {
  const keys = Array.from({ length: callCount }, (_, player) => `${round}-player-${player}`);
  if (work === "remote-hit") {
    await forEachInFlight(keys, inFlight, async (key) => {
      await neighbour.set(key, peerValueOf(key, 1));
    });
    await delay(SETTLE_MS);
  }
  const load = loaderOf(round);
  const callMs: number[] = [];
  const startedAtMs = performance.now();
  await forEachInFlight(keys, inFlight, async (key) => {
    const calledAtMs = performance.now();
    await peer.get(key, load);
    callMs.push(performance.now() - calledAtMs);
  });
  const tookMs = performance.now() - startedAtMs;
  if (work === "miss" && loadCount !== callCount) throw new Error(`${loadCount} loads of ${callCount} keys.`);
  return roundOf(callMs, tookMs);
}

async function stampede(peer: Peer, { round, callCount, loadMs }: StampedeQuestion): Promise<CacheRound> {
  const load = async () => {
    loadCount += 1;
    await delay(loadMs);
    return peerValueOf(round, 1);
  };
  const callMs: number[] = [];
  const startedAtMs = performance.now();
  await Promise.all(
    Array.from({ length: callCount }, async () => {
      const got = await peer.get(round, load);
      if (got?.playerId !== round) throw new Error("Somebody got no answer.");
      callMs.push(performance.now() - startedAtMs);
    }),
  );
  return roundOf(callMs, performance.now() - startedAtMs);
}

/** A load that takes a turn of the event loop, as one that asks a database does; nobody else could be heard otherwise. */
function loaderOf(playerId: string): () => Promise<ReturnType<typeof peerValueOf>> {
  const value = peerValueOf(playerId, 1);
  return async () => {
    loadCount += 1;
    await nextTurn();
    return value;
  };
}

async function forEachInFlight(
  keys: readonly string[],
  inFlight: number,
  run: (key: string) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let key = keys[next]; key !== undefined; key = keys[next]) {
      next += 1;
      await run(key);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

function roundOf(callMs: number[], tookMs: number): CacheRound {
  callMs.sort((one, other) => one - other);
  return {
    perSecond: (callMs.length / tookMs) * MS_PER_SECOND,
    p99Us: (callMs[Math.floor(callMs.length * 0.99)] ?? Number.NaN) * US_PER_MS,
    tookMs,
    loadCount,
  };
}

answerQuestions(answer);
