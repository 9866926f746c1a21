/** Requests that Node.js itself refuses, before there is a request: answered as problems as well, then cut off. */
import type { Socket } from "node:net";
import { MainspringError } from "@mainspring/core";
import type { HttpNumbers } from "./numbers/http-numbers.js";
import { BROKEN_ROUTE } from "./numbers/http-stats.js";
import { PROBLEM_TYPE, problemOf } from "./problem.js";

interface ParserError extends Error {
  readonly code?: string;
}

/** Answers them, and counts: without a method, which may be what is broken. */
export function createBrokenRequests(numbers: HttpNumbers): (error: ParserError, socket: Socket) => void {
  const counter = numbers.route("", BROKEN_ROUTE);
  return (error, socket) => {
    const status = refuse(error, socket);
    if (status !== null) counter.answered(status, numbers.arrivedAtMs());
  };
}

/** @returns the status, or `null`: there was nobody to answer */
function refuse(error: ParserError, socket: Socket): number | null {
  // Nobody is listening any more, or an answer is on its way that this one would end up in.
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return null;
  }
  const problem = problemOf(refusalOf(error));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} Refused`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
  return problem.status;
}

/** Node.js keeps the answer under way here, and asks the same before an answer of its own. */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: answer } = socket as Socket & {
    readonly _httpMessage?: { readonly headersSent: boolean };
  };
  return answer?.headersSent ?? false;
}

function refusalOf({ code }: ParserError): MainspringError {
  if (code === "HPE_HEADER_OVERFLOW") {
    return new MainspringError("HEADERS_TOO_LARGE", "The request's address and headers are too large.");
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return new MainspringError("REQUEST_TIMEOUT", "The request did not arrive in full in time.");
  }
  return new MainspringError("INVALID_REQUEST", "This is not a valid HTTP request.");
}
