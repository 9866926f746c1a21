/** Every error of a request is answered here: by the one table, and into the log where it is ours. */
import { type MainspringError, MainspringError as TableError } from "@mainspring/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./app.js";
import { createMethodsOfPath } from "./methods-of-path.js";
import type { HttpNumbers } from "./numbers/http-numbers.js";
import { UNKNOWN_ROUTE } from "./numbers/http-stats.js";
import { asMainspringError, PROBLEM_TYPE, problemOf } from "./problem.js";
import { RETRY_AFTER_SECONDS } from "./status-of-code.js";

/** From this status on it is the server's fault, and worth a line in the log. */
const SERVER_FAULT = 500;

export function answerErrors(app: App, numbers: HttpNumbers): void {
  const methods = createMethodsOfPath();
  app.addHook("onRoute", (route) => {
    methods.add(route);
  });
  const countUnknown = (request: FastifyRequest, reply: FastifyReply): void =>
    numbers.route(request.method, UNKNOWN_ROUTE).answered(reply.statusCode, request.arrivedAtMs);
  app.setErrorHandler((error, request, reply) => {
    answerError(error, request, reply);
    // Refused before it was found that it has no route.
    if (request.is404) countUnknown(request, reply);
    return reply;
  });
  app.setNotFoundHandler({}, (request, reply) => {
    const [path = ""] = request.url.split("?");
    const error = refusalOf(request.method, methods.find(path));
    const { allowed } = error.details;
    if (Array.isArray(allowed)) reply.header("allow", allowed.join(", "));
    answerError(error, request, reply);
    countUnknown(request, reply);
    return reply;
  });
}

function refusalOf(method: string, allowed: readonly string[]): MainspringError {
  if (allowed.length === 0) return new TableError("NOT_FOUND", "There is no such address.");
  const detail = `This address has ${allowed.join(", ")}, not ${method}.`;
  return new TableError("METHOD_NOT_ALLOWED", detail, { allowed });
}

/** Answers with a problem. A string, so that no schema of the route is applied to it. */
export function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asMainspringError(thrown, request.body);
  const problem = problemOf(error, request.id);
  note(error, request, problem.status);
  const own = error.details["retryAfterSeconds"];
  const retryAfterSeconds = typeof own === "number" ? own : RETRY_AFTER_SECONDS[error.code];
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  if (error.code === "UNAUTHENTICATED") reply.header("www-authenticate", 'Bearer realm="mainspring"');
  // The router's own refusals come before any hook.
  reply.header("x-request-id", request.id).header("cache-control", "no-store");
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** The address without its query, and nothing of the headers: no token ever reaches the log. */
function note(error: MainspringError, request: FastifyRequest, status: number): void {
  if (status < SERVER_FAULT) return;
  const { code, message, stack, cause } = error;
  const facts = { requestId: request.id, method: request.method, route: request.routeOptions.url, code };
  if (code === "INTERNAL")
    request.log.error({ ...facts, stack: cause instanceof Error ? cause.stack : stack }, message);
  else request.log.warn(facts, message);
}
