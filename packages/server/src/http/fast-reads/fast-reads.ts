/**
 * Reads that are at hand, answered before Fastify: a known token, a record in the cache, a text that was made before. Whatever is not
 * exactly so goes on to Fastify untouched, and gets from there the very same bytes.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Engine, PlayerView, Stamp } from "@mainspring/engine";
import type { Caller } from "../../auth/authenticate.js";
import type { CloseLooks } from "../close-looks.js";
import type { KeptBodies } from "../kept-bodies.js";
import { JSON_TYPE, type Kept, type KeptJson } from "../kept-json.js";
import type { Forerunner } from "../lay-before-fastify.js";
import type { HttpNumbers, RouteNumbers } from "../numbers/http-numbers.js";
import type { StepNotice } from "../overload/step-notice.js";
import { PLAYER_AT_LEAST, PLAYER_VERSION, stampOf } from "../player-version.js";
import type { RequestIds } from "../request-ids.js";
import type { Callers } from "./callers.js";

export interface FastReadParts {
  readonly engine: Engine;
  readonly callers: Callers;
  readonly keptBodies: KeptBodies;
  readonly requestIds: RequestIds;
  readonly notice: StepNotice;
  readonly numbers: HttpNumbers;
  readonly looks: CloseLooks;
}

const OK = 200;
const PREFIX = "/v1/players/";

interface FastRoute {
  readonly body: KeptJson;
  readonly counter: RouteNumbers;
}

export function createFastReads(parts: FastReadParts): Forerunner {
  const { engine, callers, keptBodies, requestIds, notice, numbers, looks } = parts;
  const fastRoute = (end: string, body: KeptJson): [string, FastRoute] => [
    end,
    { body, counter: numbers.cachedReads("GET", `${PREFIX}:id${end}`) },
  ];
  const routes = new Map<string, FastRoute>([
    fastRoute("/queue", keptBodies.queue),
    fastRoute("/progress", keptBodies.progress),
    fastRoute("", keptBodies.player),
  ]);

  const peek = (caller: Caller, playerId: string, atLeast: Stamp | undefined): PlayerView | null => {
    const asPlayer = caller.playerId === playerId;
    if (!asPlayer && !caller.isAdmin) return null;
    return engine.peek(playerId, atLeast === undefined ? { asPlayer } : { asPlayer, atLeast });
  };

  return (request, response) => {
    const { url = "", headers } = request;
    if (request.method !== "GET" || !url.startsWith(PREFIX) || !isPlain(request)) return false;
    const slash = url.indexOf("/", PREFIX.length);
    const route = routes.get(slash < 0 ? "" : url.slice(slash));
    // There is nothing to see of it here.
    if (route === undefined || looks.of(request) !== null) return false;
    const arrivedAtMs = numbers.arrivedAtMs();
    const demand = headers[PLAYER_AT_LEAST];
    const atLeast = typeof demand === "string" ? stampOf(demand) : undefined;
    if (atLeast === null) return false;
    const caller = callers.known(request);
    if (caller === null) return false;
    const view = peek(caller, url.slice(PREFIX.length, slash < 0 ? undefined : slash), atLeast);
    const kept = view === null ? null : route.body.find(view);
    if (view === null || kept === null) {
      callers.keep(request, caller);
      return false;
    }
    answer(response, { kept, nowMs: view.nowMs, requestId: requestIds(request), notice: notice() });
    route.counter.answered(OK, arrivedAtMs);
    return true;
  };
}

/** Nothing about it needs a closer look: it names a host, where it must, and brings no body. */
function isPlain({ headers, httpVersion }: IncomingMessage): boolean {
  if (headers.host === undefined && httpVersion !== "1.0") return false;
  return headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
}

interface FastAnswer {
  readonly kept: Kept;
  readonly nowMs: number;
  readonly requestId: string;
  readonly notice: readonly string[];
}

/** In the order in which Fastify's hooks and routes give the headers. */
function answer(response: ServerResponse, { kept, nowMs, requestId, notice }: FastAnswer): void {
  const instant = `${nowMs}}`;
  response.writeHead(OK, [
    ...notice,
    "x-request-id",
    requestId,
    "cache-control",
    "no-store",
    PLAYER_VERSION,
    kept.playerVersion,
    "etag",
    kept.etag,
    "content-type",
    JSON_TYPE,
    "content-length",
    String(kept.headBytes + instant.length),
  ]);
  // What is ASCII has the same bytes in either, and to copy it takes a little less than to encode it.
  response.end(kept.head + instant, kept.headBytes === kept.head.length ? "latin1" : "utf8");
}
