/** The server with players whose queues run for long: what is asked of it is asked again and again, and nothing is due. */
import { randomBytes } from "node:crypto";
import { createEngine } from "@mainspring/engine";
import { openLmdbStore } from "@mainspring/engine/lmdb";
import { createServer, jwtAuthenticate, signToken } from "@mainspring/server";
import { LASTING_CYCLE_MS, workshopCatalog } from "../fixtures/workshop.js";
import type { LoadRequest } from "./http-load.js";
import { answerQuestions, type Answering } from "./side.js";

export interface ServeQuestion {
  readonly folder: string;
  readonly playerCount: number;
  readonly tasksPerPlayer: number;
}

export interface Served {
  readonly url: string;
  /** A read of each player's queue with that player's token. */
  readonly requests: readonly LoadRequest[];
}

const SECRET_BYTES = 32;
const TOKEN_LASTS_MS = 3_600_000;

const answer: Answering<ServeQuestion, Served> = async (question, { defer }) => {
  const { folder, playerCount, tasksPerPlayer } = question;
  const store = await openLmdbStore({ folder });
  const engine = await createEngine({ store, catalog: workshopCatalog({ cycleMs: LASTING_CYCLE_MS }) });
  defer(() => engine.close());
  const secret = randomBytes(SECRET_BYTES);
  const server = createServer({ engine, authenticate: jwtAuthenticate({ secret }) });
  defer(() => server.close());
  const tasks = Array.from({ length: tasksPerPlayer }, () => ({ activity: "mine-copper" }));
  const requests = Array.from({ length: playerCount }, async (_, player): Promise<LoadRequest> => {
    const playerId = `player-${player}`;
    await engine.apply(playerId, { type: "enqueue", tasks }, { asPlayer: true });
    const token = await signToken({ playerId, secret, nowMs: Date.now(), expiresInMs: TOKEN_LASTS_MS });
    return {
      method: "GET",
      path: `/v1/players/${playerId}/queue`,
      headers: { authorization: `Bearer ${token}` },
    };
  });
  return { url: await server.listen({ port: 0 }), requests: await Promise.all(requests) };
};

answerQuestions(answer);
