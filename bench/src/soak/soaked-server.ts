/** The process under load: engine, cache and HTTP server on LMDB, with players whose tasks end every few seconds; looked at whenever it is asked. */
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { writeHeapSnapshot } from "node:v8";
import type { Command } from "@mainspring/core";
import { createEngine, type Engine } from "@mainspring/engine";
import { createCache } from "@mainspring/engine/cache";
import {
  createMemoryBudget,
  createMemoryGovernor,
  exposedCollector,
  type GrowthAlarm,
  type GrowthOptions,
} from "@mainspring/engine/governor";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createOverloadLimit } from "@mainspring/engine/overload";
import { createServer, jwtAuthenticate, type Server, signToken } from "@mainspring/server";
import type { Releases } from "../releases.js";
import { answerQuestions, type Answering } from "../sides/side.js";
import { SHORT_ACTIVITY, soakCatalog } from "./soak-catalog.js";
import { COMMANDING_SHARE } from "./soak-requests.js";
import { type Look, watchProcess, type Watch } from "./look.js";
import { THRESHOLD_BYTES } from "./threshold.js";

export interface ServePlan {
  readonly folder: string;
  readonly playerCount: number;
  readonly cache: { readonly maxEntries: number; readonly maxBytes: number };
  /** When the governor is to call something growth. */
  readonly growth: GrowthOptions;
  /** Something is kept of each request, for ever. */
  readonly isLeaking: boolean;
}

export type SoakQuestion =
  | { readonly ask: "serve"; readonly plan: ServePlan }
  /** When no more than so many connections are open, and nothing is under way. */
  | { readonly ask: "look"; readonly keptConnections: number }
  /** Of its heap, into a file. */
  | { readonly ask: "snapshot"; readonly path: string };

export type SoakAnswer = ServedSoak | SoakLook | { readonly kind: "snapshot"; readonly path: string };

export interface ServedSoak {
  readonly kind: "served";
  readonly url: string;
  /** By player, and at last an operator's. */
  readonly tokens: readonly string[];
}

export interface SoakLook extends Look {
  readonly kind: "look";
  /** That arrived so far. */
  readonly requestCount: number;
  /** What the governor says of growth. */
  readonly alarm: GrowthAlarm | null;
}

/** What is planted: about a hundred bytes, found by its name in a heap snapshot. */
class LeakedSession {
  readonly sinceMs: number;
  readonly address: string | undefined;

  constructor(sinceMs: number, address: string | undefined) {
    this.sinceMs = sinceMs;
    this.address = address;
  }
}

/** As many keyed commands as a record remembers: from then on it grows no more. */
const FILLING: readonly Command[] = Array.from({ length: 12 }, () => ({ type: "resume" }));

const ENTERING_AT_ONCE = 200;
const SECRET_BYTES = 32;
const TOKEN_LASTS_MS = 86_400_000;

/** Connections that were cut are noticed, and what goes on in the background ends, within so many looks. */
const SETTLING_TRIES = 100;
const SETTLING_MS = 10;

interface Running {
  readonly engine: Engine;
  readonly server: Server;
  readonly watch: Watch;
  readonly requestCount: () => number;
}

let running: Running | null = null;

const answer: Answering<SoakQuestion, SoakAnswer> = async (question, releases) => {
  switch (question.ask) {
    case "serve":
      return serve(question.plan, releases);
    case "look":
      return look(question.keptConnections);
    case "snapshot":
      return { kind: "snapshot", path: writeHeapSnapshot(question.path) };
  }
};

async function serve(plan: ServePlan, { defer }: Releases): Promise<ServedSoak> {
  const { folder, playerCount, growth, isLeaking } = plan;
  const budget = createMemoryBudget(plan.cache);
  const governor = createMemoryGovernor({
    budget,
    growth,
    thresholdBytes: THRESHOLD_BYTES,
    collect: exposedCollector(),
  });
  const overload = createOverloadLimit({ memoryLevel: () => governor.level() });
  const engine = await createEngine({
    store: await openLmdbStore({ folder }),
    cache: createCache({
      budget,
      isSoleWriter: true,
      isPredicting: true,
      mayPrefetch: () => governor.level() < 2 && overload.step() === 0,
    }),
    governor,
    overload,
    catalog: soakCatalog(),
  });
  defer(() => engine.close());
  const secret = randomBytes(SECRET_BYTES);
  const server = createServer({ engine, authenticate: jwtAuthenticate({ secret, budget }) });
  defer(() => server.close());
  const sign = async (playerId: string, isAdmin = false): Promise<string> =>
    signToken({ playerId, isAdmin, secret, nowMs: Date.now(), expiresInMs: TOKEN_LASTS_MS });
  const tokens: string[] = [];
  while (tokens.length < playerCount) {
    const from = tokens.length;
    const count = Math.min(ENTERING_AT_ONCE, playerCount - from);
    const ids = Array.from({ length: count }, (_, at) => `player-${from + at}`);
    await Promise.all(
      ids.map(async (playerId, at) => enter(engine, playerId, from + at < COMMANDING_SHARE * playerCount)),
    );
    tokens.push(...(await Promise.all(ids.map(async (playerId) => sign(playerId)))));
  }
  const requestCount = countRequests(server, isLeaking);
  running = { engine, server, requestCount, watch: watchProcess(server.fastify.server) };
  return {
    kind: "served",
    url: await server.listen({ port: 0 }),
    tokens: [...tokens, await sign("operator", true)],
  };
}

async function enter(engine: Engine, playerId: string, isCommanding: boolean): Promise<void> {
  const tasks = [
    { activity: SHORT_ACTIVITY, repeat: 5 },
    { activity: "mine-copper", repeat: null },
  ];
  await engine.apply(playerId, { type: "enqueue", tasks }, { asPlayer: true });
  if (!isCommanding) return;
  for (const command of FILLING) await engine.apply(playerId, command, { asPlayer: true, key: randomUUID() });
}

function countRequests(server: Server, isLeaking: boolean): () => number {
  const sessions = new Map<number, LeakedSession>();
  let count = 0;
  server.fastify.server.prependListener("request", ({ url }) => {
    count += 1;
    if (isLeaking) sessions.set(count, new LeakedSession(Date.now(), url));
  });
  return () => count;
}

async function look(keptConnections: number): Promise<SoakLook> {
  if (running === null) throw new Error("Nothing is served.");
  const { engine, server, watch, requestCount } = running;
  for (let tries = 0; tries < SETTLING_TRIES; tries += 1) {
    const { inFlight, inBackground } = engine.performance().serviceStats;
    const open = await openConnections(server);
    if (open <= keptConnections && inFlight === 0 && inBackground === 0) break;
    await delay(SETTLING_MS);
  }
  const seen = watch.look();
  // Whoever watches collections is told of them in the next turn.
  await delay(1);
  const alarm = engine.performance().memoryStats.governor?.alarm ?? null;
  return { kind: "look", ...seen, requestCount: requestCount(), alarm };
}

async function openConnections(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.fastify.server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

answerQuestions(answer);
