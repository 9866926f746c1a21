/**
 * What players do to a server, and their networks: requests on connections that stay and on connections that don't, some cut off half-way, some
 * whose answer nobody waits for. At a steady rate, with rests.
 */
import { createLoadConnection, type LoadConnection } from "../load/load-connection.js";
import type { Ask, Outcome } from "../load/outcome.js";
import { createSoakRequests, type SoakRequest } from "./soak-requests.js";

export interface SoakLoadPlan {
  readonly url: string;
  /** By player; the last is an operator's. */
  readonly tokens: readonly string[];
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface SoakLoad {
  /** Opens the connections that stay. */
  open(): Promise<void>;
  /** Asks for so long. Resolves when the last answer is there. */
  play(how: Rate): Promise<void>;
  /** So many requests, as fast as they are answered. */
  playAll(requestCount: number): Promise<void>;
  readonly keptConnections: number;
  /** Requests so far, by what became of them. */
  outcomes(): Readonly<Record<Outcome, number>>;
  close(): void;
}

export interface Rate {
  readonly durationMs: number;
  readonly perSecond: number;
}

const KEPT_CONNECTIONS = 64;
/** Of requests on connections of their own. */
const MAX_PASSING = 64;
const TICK_MS = 5;
/** An answer that takes longer is none. */
const TIMEOUT_MS = 10_000;
const MS_PER_SECOND = 1_000;

export function createSoakLoad({ url, tokens, random }: SoakLoadPlan): SoakLoad {
  const { hostname, port, host } = new URL(url);
  const outcomes: Record<Outcome, number> = { ok: 0, refused: 0, broken: 0, "timed-out": 0, "not-sent": 0 };
  const draw = createSoakRequests({ host, tokens, random });
  const connect = (): LoadConnection =>
    createLoadConnection({
      host: hostname,
      port: Number(port),
      nowMs: () => performance.now(),
      onTrouble: () => undefined,
    });
  const kept = Array.from({ length: KEPT_CONNECTIONS }, connect);
  const giveUp = setInterval(() => {
    for (const connection of kept) connection.giveUpAskedBefore(performance.now() - TIMEOUT_MS);
  }, MS_PER_SECOND);
  const onKept = askOnKept(kept);
  const onOwn = askOnOwn(connect, random);
  const ask = async (): Promise<void> =>
    new Promise((resolve) => {
      const request = draw();
      const send = request.manner === "kept" ? onKept(request) : onOwn(request);
      send((outcome) => {
        outcomes[outcome] += 1;
        resolve();
      });
    });
  return {
    keptConnections: KEPT_CONNECTIONS,
    outcomes: () => ({ ...outcomes }),
    async open() {
      await Promise.all(kept.map(async (connection) => connection.open()));
    },
    play: async (rate) => atRate(ask, rate),
    async playAll(requestCount) {
      let left = requestCount;
      const askOn = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await ask();
        }
      };
      await Promise.all(kept.map(askOn));
    },
    close() {
      clearInterval(giveUp);
      for (const connection of kept) connection.close();
    },
  };
}

function askOnKept(kept: readonly LoadConnection[]): (request: SoakRequest) => Ask {
  const idle = [...kept];
  return ({ bytes }) =>
    (done) => {
      const connection = idle.pop();
      if (connection === undefined) {
        done("not-sent");
        return;
      }
      connection.ask(bytes, (outcome) => {
        idle.push(connection);
        done(outcome);
      });
    };
}

function askOnOwn(connect: () => LoadConnection, random: () => number): (request: SoakRequest) => Ask {
  let passing = 0;
  return ({ manner, bytes }) =>
    (done) => {
      if (passing >= MAX_PASSING) {
        done("not-sent");
        return;
      }
      passing += 1;
      const connection = connect();
      connection.ask(manner === "half" ? bytes.subarray(0, bytes.length >> 1) : bytes, (outcome) => {
        passing -= 1;
        connection.close();
        done(outcome);
      });
      // Some are gone before the server has begun, some while it is at it.
      if (manner !== "new") setTimeout(() => connection.close(), random() * TICK_MS);
    };
}

/** Resolves when the last answer is there. */
async function atRate(ask: () => Promise<void>, { durationMs, perSecond }: Rate): Promise<void> {
  const startedAtMs = performance.now();
  const total = Math.round((durationMs / MS_PER_SECOND) * perSecond);
  const asked: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const due = ((performance.now() - startedAtMs) / MS_PER_SECOND) * perSecond;
      while (asked.length < Math.min(due, total)) asked.push(ask());
      if (asked.length < total) setTimeout(tick, TICK_MS);
      else resolve();
    };
    tick();
  });
  await Promise.all(asked);
}
