/** Logging: JSON lines by pino, off the hot path. Requests get a line only from `debug` on; headers and bodies never do. */
import { type FastifyServerOptions, LogController } from "fastify";
import type { LogLevel } from "../config/serve-schema.js";
import type { App } from "./app.js";
import { REDACT, withoutSecrets } from "./redaction.js";

export type { LogLevel };

export interface LogOptions {
  /** Default `warn`. From `debug` on there is a line for each request. */
  readonly logLevel?: LogLevel;
  /** Where the lines go. Default: standard error. */
  readonly logTo?: { write(line: string): void };
}

export function loggerOf({ logLevel = "warn", logTo = process.stderr }: LogOptions): FastifyServerOptions {
  const stream = { write: (line: string) => logTo.write(withoutSecrets(line)) };
  const logger: Exclude<FastifyServerOptions["logger"], boolean | undefined> = {
    level: logLevel,
    stream,
    redact: REDACT,
  };
  return {
    logger: logLevel === "silent" ? false : logger,
    // Our own lines, below, leave out what could be secret; and a logger for each request costs more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (parent) => parent,
  };
}

export function logRequests(app: App, { logLevel = "warn" }: LogOptions): void {
  if (logLevel !== "debug") return;
  app.addHook("onResponse", (request, reply, done) => {
    const { method, id: requestId, routeOptions, caller } = request;
    const elapsedMs = Math.round(reply.elapsedTime * 1_000) / 1_000;
    const facts = { requestId, method, route: routeOptions.url, status: reply.statusCode, elapsedMs };
    request.log.debug(caller === null ? facts : { ...facts, actor: caller.actor }, "answered");
    done();
  });
}
