/**
 * The answer to a request that isn't let in: the same bytes that Fastify would send for such a problem, made in advance but for what
 * differs from one to the next. When there is three times too much to do, two of three answers are this one.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { MainspringError } from "@mainspring/core";
import type { Refusal, RequestPriority } from "@mainspring/engine";
import { MAX_BODY_BYTES } from "../../limits.js";
import { PROBLEM_TYPE, problemOf } from "../problem.js";
import { STATUS_OF_CODE } from "../status-of-code.js";
import type { StepNotice } from "./step-notice.js";

const MESSAGES: Readonly<Record<Refusal["reason"], string>> = {
  load: "There is more to do than can be done in time; come back after so many seconds as Retry-After says.",
  memory: "Memory is short; come back after so many seconds as Retry-After says.",
};

/** The error that a refusal is. */
export function overloaded(refusal: Refusal, priority: RequestPriority): MainspringError {
  const { reason, step, retryAfterSeconds } = refusal;
  return new MainspringError("OVERLOADED", MESSAGES[reason], { reason, step, priority, retryAfterSeconds });
}

/** A problem around the two things in it that differ. What is ASCII has as many bytes as characters. */
interface Prepared {
  readonly beforeId: string;
  readonly beforeSeconds: string;
  readonly end: string;
}

export type Refuse = (
  exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly requestId: string;
  },
  refusal: Refusal,
  priority: RequestPriority,
) => void;

export function createRefusals(notice: StepNotice, isClosing: () => boolean): Refuse {
  const kept = new Map<string, Prepared>();
  const preparedFor = (refusal: Refusal, priority: RequestPriority): Prepared => {
    const key = `${refusal.reason} ${refusal.step} ${priority}`;
    const found = kept.get(key);
    if (found !== undefined) return found;
    const made = prepare(refusal, priority);
    // As many as there are reasons, steps and priorities.
    kept.set(key, made);
    return made;
  };
  return ({ request, response, requestId }, refusal, priority) => {
    const seconds = String(refusal.retryAfterSeconds);
    const { beforeId, beforeSeconds, end } = preparedFor(refusal, priority);
    const body = `${beforeId}${requestId}${beforeSeconds}${seconds}${end}`;
    // A short body is read and thrown away, so that the connection can go on; a long one isn't waited for. While the server closes, none goes on.
    if (isClosing() || !isShort(request)) response.shouldKeepAlive = false;
    response.writeHead(STATUS_OF_CODE.OVERLOADED, [
      ...notice(),
      "x-request-id",
      requestId,
      "cache-control",
      "no-store",
      "retry-after",
      seconds,
      "content-type",
      PROBLEM_TYPE,
      "content-length",
      String(body.length),
    ]);
    response.end(body, "latin1");
  };
}

const ID = "<id>";
const SECONDS = 987_654_321;

function prepare(refusal: Refusal, priority: RequestPriority): Prepared {
  const error = overloaded({ ...refusal, retryAfterSeconds: SECONDS }, priority);
  const text = JSON.stringify(problemOf(error, ID));
  const [beforeId = "", rest = ""] = text.split(ID);
  const [beforeSeconds = "", end = ""] = rest.split(String(SECONDS));
  return { beforeId, beforeSeconds, end };
}

function isShort({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return false;
  const length = headers["content-length"];
  return length === undefined || Number(length) <= MAX_BODY_BYTES;
}
