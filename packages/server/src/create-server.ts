/** Puts HTTP on an engine: hooks, limits and routes, and an orderly end. */
import { lookup } from "node:dns/promises";
import type { AddressInfo } from "node:net";
import { MainspringError, publicCatalog } from "@mainspring/core";
import { type Engine, systemTimers } from "@mainspring/engine";
import { fastify, type FastifyBaseLogger, type FastifyReply } from "fastify";
import type { Authenticate } from "./auth/authenticate.js";
import { guardRoutes } from "./http/access.js";
import type { App, RouteContext } from "./http/app.js";
import { createBrokenRequests } from "./http/broken-requests.js";
import { answerError, answerErrors } from "./http/error-answers.js";
import { systemHeapPorts } from "./heap/heap-ports.js";
import { defaultHeapFolder } from "./heap/snapshot-folder.js";
import { createSnapshotTaker } from "./heap/snapshot-taker.js";
import { watchRequests } from "./heap/watch-requests.js";
import { useStrictJson } from "./http/json-body.js";
import { type LogLevel, type LogOptions, loggerOf, logRequests } from "./http/log.js";
import { type Callers, createCallers } from "./http/fast-reads/callers.js";
import { createFastReads } from "./http/fast-reads/fast-reads.js";
import { type UnnoticedReads, whileUnnoticed } from "./http/fast-reads/while-unnoticed.js";
import { type CloseLooks, createCloseLooks, lookClosely } from "./http/close-looks.js";
import { countRequests } from "./http/count-requests.js";
import { createKeptBodies } from "./http/kept-bodies.js";
import { layBeforeFastify } from "./http/lay-before-fastify.js";
import { describeApi } from "./http/openapi.js";
import { createHttpNumbers, createNoNumbers, type HttpNumbers } from "./http/numbers/http-numbers.js";
import { createDoor } from "./http/overload/door.js";
import { createStepNotice } from "./http/overload/step-notice.js";
import { type ServerStats, UNKNOWN_ROUTE } from "./http/numbers/http-stats.js";
import { createReadiness } from "./http/readiness.js";
import { addRoutes } from "./http/routes/add-routes.js";
import type { MetricsAccess } from "./http/routes/metrics-route.js";
import { createRequestIds, type RequestIds } from "./http/request-ids.js";
import type { Tracing } from "./tracing/tracing.js";
import {
  DRAIN_CHECK_MS,
  DRAIN_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_PATH_PART_LENGTH,
  REQUEST_TIMEOUT_MS,
  TIMEOUT_CHECK_MS,
} from "./limits.js";

export interface CreateServerOptions extends LogOptions {
  /** The server doesn't close it: whoever made it does. */
  readonly engine: Engine;
  /** Who is calling: `jwtAuthenticate(…)`, or your own. */
  readonly authenticate: Authenticate;
  /** Adds the fast-forward of a player's clock. The engine must allow it as well. Default false. */
  readonly isDevelopment?: boolean;
  /**
   * Reads that are at hand are answered before Fastify, with the same bytes, unless hooks of yours belong on their way. Switch it off
   * where something must see every request that can't be seen from here, such as instrumentation of Fastify itself. Default true.
   */
  readonly hasFastReads?: boolean;
  /**
   * Where heap snapshots are put that an administrator asks for. It is made if it is missing, and must be for this user alone.
   * Default: `mainspring-heap-<user id>` in the system's folder for temporary files.
   */
  readonly heapFolder?: string;
  /** Traces of requests: `openTracing` opens them. The server doesn't close it. Default: none */
  readonly tracing?: Tracing;
  /** Whether requests are counted, for `httpStats` and the metrics that are made of it. Default true */
  readonly isCounting?: boolean;
  /** Who may look at `/metrics`: anybody who reaches the server, administrators alone, or nobody. Default "open" */
  readonly metrics?: MetricsAccess;
  /** A request must have arrived in full after so long. Default 30,000 (30 s). */
  readonly requestTimeoutMs?: number;
  /** When closing, requests under way get so long to finish. Default 10,000 (10 s). */
  readonly drainTimeoutMs?: number;
}

export interface ListenOptions {
  /** Default 8080; 0 picks a free one. */
  readonly port?: number;
  /** Default "127.0.0.1": this machine alone. Of a name with several addresses, the first one. */
  readonly host?: string;
}

export interface Server {
  /** Starts to listen. @returns the address, for example `http://127.0.0.1:8080` */
  listen(options?: ListenOptions): Promise<string>;
  /**
   * Ends in order: `/readyz` says no, nothing new is taken, requests under way finish (or are cut off after
   * `drainTimeoutMs`), connections are closed. The engine stays open.
   */
  close(): Promise<void>;
  /** For routes of your own, added before `listen`. A route without `config: { access }` is for admins. */
  readonly fastify: App;
  /** What the server logs to; give it the engine's telemetry as well. */
  readonly log: FastifyBaseLogger;
}

export type { LogLevel, MetricsAccess };

/**
 * A server for an engine. It listens once it is told to.
 *
 * @example
 * ```ts
 * const server = createServer({ engine, authenticate: jwtAuthenticate({ secret }) });
 * console.log(`Ready at ${await server.listen({ port: 8080 })}`);
 * ```
 */
export function createServer(options: CreateServerOptions): Server {
  const { engine, authenticate, isDevelopment = false } = options;
  const { drainTimeoutMs = DRAIN_TIMEOUT_MS } = options;
  let isClosing = false;
  const requestIds = createRequestIds();
  const { isCounting = true } = options;
  const numbers = isCounting ? createHttpNumbers(systemTimers) : createNoNumbers();
  const app = createApp(options, { requestIds, numbers });
  const callers = createCallers(authenticate);
  const keptBodies = createKeptBodies();
  // What a client expects beyond 100-continue is not ours to fulfil, and no reason to refuse.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));
  const readiness = createReadiness();
  const look = (): ServerStats => ({ ...engine.performance(), httpStats: numbers.stats() });
  const context: RouteContext = {
    engine,
    keptBodies,
    look,
    isDevelopment,
    isClosing: () => isClosing,
    readiness,
    heap: createSnapshotTaker({
      folder: options.heapFolder ?? defaultHeapFolder(),
      withdraw: (reason) => readiness.withdraw(reason),
      isClosing: () => isClosing,
      watchRequests: () => watchRequests(app.server),
      log: app.log,
      ports: systemHeapPorts,
    }),
    publicCatalog,
  };
  const looks = createCloseLooks(options.tracing ?? null, () => systemTimers.nowMs());
  const unnoticed = layForerunners(app, { ...context, options, callers, requestIds, numbers, looks });
  useStrictJson(app);
  answerErrors(app, numbers);
  describeApi(app);
  app.decorateRequest("caller", null);
  // Before any hook that refuses: what is refused has arrived as well.
  if (isCounting) countRequests(app, numbers);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id).header("cache-control", "no-store");
    const hasHost = request.headers.host !== undefined || request.raw.httpVersion === "1.0";
    done(hasHost ? undefined : new MainspringError("INVALID_REQUEST", "The request has no Host header."));
  });
  lookClosely(app, looks);
  guardRoutes(app, callers);
  logRequests(app, options);
  // After the plugin that describes the API, which has to see them.
  app.register((scope, _options, done) => {
    addRoutes(scope, { ...context, metricsAccess: options.metrics ?? "open" });
    done();
  });
  unnoticed?.watch();
  return {
    fastify: app,
    log: app.log,
    async listen({ port = 8080, host = "127.0.0.1" } = {}) {
      await app.listen({ port, host: await oneAddressOf(host) });
      return urlOf(app.server.address() as AddressInfo);
    },
    async close() {
      isClosing = true;
      await drain(app, drainTimeoutMs);
    },
  };
}

interface ForerunnerParts extends RouteContext {
  readonly options: CreateServerOptions;
  readonly callers: Callers;
  readonly requestIds: RequestIds;
  readonly numbers: HttpNumbers;
  readonly looks: CloseLooks;
}

/** What comes before Fastify: reads that are at hand, and the door to everything else. To be called before any route is added. */
function layForerunners(app: App, parts: ForerunnerParts): UnnoticedReads | null {
  const { engine, isClosing, requestIds, numbers, options } = parts;
  const { overload } = engine;
  // They leave no line in the log.
  const hasFastReads = (options.hasFastReads ?? true) && options.logLevel !== "debug";
  const isAllowed = (): boolean => !isClosing() && (overload?.hasMemoryFor("read") ?? true);
  const notice = createStepNotice(overload);
  const unnoticed = hasFastReads
    ? whileUnnoticed(app, {
        fastReads: createFastReads({ ...parts, notice }),
        isAllowed,
        ourHookCount: (options.isCounting ?? true) ? 2 : 1,
      })
    : null;
  layBeforeFastify(app, [
    ...(unnoticed === null ? [] : [unnoticed.fastReads]),
    ...(overload === null
      ? []
      : [
          createDoor({
            overload,
            flags: engine.flags,
            notice,
            requestIds,
            numbers,
            log: app.log,
            timers: systemTimers,
            isClosing,
          }),
        ]),
  ]);
  return unnoticed;
}

interface AppParts {
  readonly requestIds: RequestIds;
  readonly numbers: HttpNumbers;
}

function createApp(options: CreateServerOptions, { requestIds, numbers }: AppParts): App {
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  return fastify({
    ...loggerOf(options),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      // Without it Node.js would answer in its own words; a hook refuses in ours.
      requireHostHeader: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, requestTimeoutMs),
    },
    // Requests that still arrive while closing are answered; their connections end.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: requestIds,
    clientErrorHandler: createBrokenRequests(numbers),
    frameworkErrors(error, request, reply) {
      answerError(error, request, reply as unknown as FastifyReply);
      numbers.route(request.method, UNKNOWN_ROUTE).answered(reply.statusCode, numbers.arrivedAtMs());
    },
    routerOptions: { maxParamLength: MAX_PATH_PART_LENGTH },
    // What doesn't fit is refused: nothing is removed, converted or filled in. Verbose, to say what was probably meant.
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        allowUnionTypes: true,
        verbose: true,
      },
    },
  });
}

async function drain(app: App, drainTimeoutMs: number): Promise<void> {
  const closed = app.close();
  // A connection whose last request has just been answered is idle only now.
  const sweep = setInterval(() => app.server.closeIdleConnections(), DRAIN_CHECK_MS);
  const cutOff = setTimeout(() => app.server.closeAllConnections(), drainTimeoutMs);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}

/**
 * Told to listen to "localhost", Fastify makes a server more for each further address, which nothing stands before and which isn't drained.
 * So it is told the first address, the one that Node.js would take.
 */
async function oneAddressOf(host: string): Promise<string> {
  return host === "localhost" ? (await lookup(host)).address : host;
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
