/** Asks the engine's overload limit for each request before Fastify sees it: lets it in until its answer is made, or refuses it at once. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Flags, OverloadLimit, RequestOutcome } from "@mainspring/engine";
import type { Timers } from "@mainspring/engine/ports";
import type { FastifyBaseLogger } from "fastify";
import type { Forerunner } from "../lay-before-fastify.js";
import type { HttpNumbers } from "../numbers/http-numbers.js";
import { REFUSED_ROUTE } from "../numbers/http-stats.js";
import type { RequestIds } from "../request-ids.js";
import { STATUS_OF_CODE } from "../status-of-code.js";
import { priorityOf } from "./priority-of.js";
import { createRefusals } from "./refusals.js";
import { createSlowBodies } from "./slow-bodies.js";
import { whoseRequest } from "./whose-request.js";
import { DEGRADATION_STEP, type StepNotice } from "./step-notice.js";

export interface DoorParts {
  readonly overload: OverloadLimit;
  /** They say for whom the limit is on: requests of others are let in, and not counted. `null`: for everybody */
  readonly flags: Pick<Flags, "asks" | "isMeasuring" | "note"> | null;
  readonly notice: StepNotice;
  readonly requestIds: RequestIds;
  readonly numbers: HttpNumbers;
  readonly log: Pick<FastifyBaseLogger, "debug">;
  readonly timers: Timers;
  readonly isClosing: () => boolean;
}

const REFUSED: RequestOutcome = { elapsedMs: 0, isError: true };

export function createDoor(parts: DoorParts): Forerunner {
  const { overload, flags, notice, requestIds, numbers, log, timers, isClosing } = parts;
  const isOn = flags?.asks("overloadLimit") ?? null;
  const refuse = createRefusals(notice, isClosing);
  const whenOver = createEnds(timers);
  const letIn = (response: ServerResponse): false => {
    const step = notice()[1];
    if (step !== undefined) response.setHeader(DEGRADATION_STEP, step);
    return false;
  };
  return (request, response) => {
    const { method = "", url = "" } = request;
    const priority = priorityOf(method, url);
    if (priority === null) return letIn(response);
    // What is no player's in particular goes through the limit: it lets everybody in while it is on for nobody.
    const playerId = isOn === null ? null : whoseRequest(url);
    if (playerId !== null && isOn?.(playerId) === false) return letIn(response);
    const entered = overload.enter(priority);
    if (entered.isAdmitted) {
      whenOver([request, response], () => entered.done());
      return letIn(response);
    }
    const arrivedAtMs = numbers.arrivedAtMs();
    const requestId = requestIds(request);
    refuse({ request, response, requestId }, entered, priority);
    // The guard has to know what the limit costs those whom it is on for.
    if (playerId !== null && flags?.isMeasuring() === true) flags.note(playerId, REFUSED);
    // Which route it would have been is not looked for: there is too much to do.
    numbers.route(method, REFUSED_ROUTE).answered(STATUS_OF_CODE.OVERLOADED, arrivedAtMs);
    log.debug({ requestId, method, priority, reason: entered.reason, step: entered.step }, "refused");
    return true;
  };
}

type Exchange = readonly [request: IncomingMessage, response: ServerResponse];

type WhenOver = (exchange: Exchange, run: () => void) => void;

/**
 * Tells once when all of an answer has been handed over, or will never be. How long a client takes to read it is no work of ours: if
 * that counted, a few clients that read nothing could fill the limit.
 */
function createEnds(timers: Timers): WhenOver {
  const slowBodies = createSlowBodies(timers);
  const waiting = new WeakMap<Socket, Set<() => void>>();
  const waitersOf = (socket: Socket): Set<() => void> => {
    const found = waiting.get(socket);
    if (found !== undefined) return found;
    const made = new Set<() => void>();
    waiting.set(socket, made);
    socket.once("close", () => {
      for (const run of made) run();
    });
    return made;
  };
  return ([request, response], run) => {
    // Of the connection, not of the answer: Node.js closes none that is behind others of its connection, or that a route has detached.
    const waiters = waitersOf(request.socket);
    const over = (): void => {
      if (!waiters.delete(over)) return;
      forget?.();
      run();
    };
    const forget = hasBody(request) ? slowBodies.watch(request, over) : null;
    waiters.add(over);
    afterEnd(response, over);
  };
}

/** Node.js has no event for it: `finish` comes when the last byte has left for the network. */
function afterEnd(response: ServerResponse, run: () => void): void {
  const end = response.end.bind(response) as (...given: readonly unknown[]) => ServerResponse;
  response.end = (...given: readonly unknown[]) => {
    const ended = end(...given);
    run();
    return ended;
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return (length !== undefined && length !== "0") || headers["transfer-encoding"] !== undefined;
}
