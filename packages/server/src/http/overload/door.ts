/** Asks the engine's overload limit for each request before Fastify sees it: lets it in until its answer is gone, or refuses it at once. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { OverloadLimit } from "@mainspring/engine";
import type { FastifyBaseLogger } from "fastify";
import type { Forerunner } from "../lay-before-fastify.js";
import type { RequestIds } from "../request-ids.js";
import { priorityOf } from "./priority-of.js";
import { createRefusals } from "./refusals.js";
import { DEGRADATION_STEP, type StepNotice } from "./step-notice.js";

export interface DoorParts {
  readonly overload: OverloadLimit;
  readonly notice: StepNotice;
  readonly requestIds: RequestIds;
  readonly log: Pick<FastifyBaseLogger, "debug">;
}

export function createDoor({ overload, notice, requestIds, log }: DoorParts): Forerunner {
  const refuse = createRefusals(notice);
  const whenGone = createDepartures();
  const letIn = (response: ServerResponse): false => {
    const step = notice()[1];
    if (step !== undefined) response.setHeader(DEGRADATION_STEP, step);
    return false;
  };
  return (request, response) => {
    const { method = "", url = "" } = request;
    const priority = priorityOf(method, url);
    if (priority === null) return letIn(response);
    const entered = overload.enter(priority);
    if (entered.isAdmitted) {
      whenGone(request, response, () => entered.done());
      return letIn(response);
    }
    const requestId = requestIds(request);
    refuse({ request, response, requestId }, entered, priority);
    log.debug({ requestId, method, priority, reason: entered.reason, step: entered.step }, "refused");
    return true;
  };
}

type WhenGone = (request: IncomingMessage, response: ServerResponse, run: () => void) => void;

/** Tells once when an answer is complete or will never be. */
function createDepartures(): WhenGone {
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
  return (request, response, run) => {
    if (response.socket !== null) {
      response.once("close", run);
      return;
    }
    // Behind others of its connection: if that breaks before it is its turn, Node.js never closes this answer.
    const waiters = waitersOf(request.socket);
    const runOnce = (): void => {
      if (waiters.delete(runOnce)) run();
    };
    waiters.add(runOnce);
    response.once("close", runOnce);
  };
}
