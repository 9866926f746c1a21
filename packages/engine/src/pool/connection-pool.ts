/**
 * The connection pool: carries the AWS SDK's requests over connections that were opened ahead of need. It stands where the
 * SDK's own request handler would.
 */
import assert from "node:assert/strict";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import type { HttpHandlerOptions } from "@smithy/types";
import { acceptedRequest, type Target, targetOf, targetOfRequest } from "./accepted-request.js";
import type { Connection } from "./connection.js";
import { type ConnectionSet, createConnectionSet } from "./connection-set.js";
import { createPoolCounters, type PoolCounters } from "./pool-counters.js";
import { type PoolFailure, poolError, reasonOf } from "./pool-errors.js";
import { type ConnectionPoolOptions, MAX_MOVES, type PoolSettings, settingsOf } from "./pool-options.js";
import type { PoolStats } from "./pool-stats.js";
import { poolStatsOf } from "./pool-stats-of.js";
import { createTicket, type Ticket } from "./ticket.js";
import { createWaitingLine, type WaitingLine } from "./waiting-line.js";

export interface WarmOptions {
  /** Where requests will go to. */
  readonly endpoint: URL;
  /** Default: `minConnections`. More than `maxConnections` are never opened. */
  readonly connections?: number;
}

/** The AWS SDK's interface of a request handler, and what an owner needs beyond it. One pool serves one endpoint. */
export interface ConnectionPool {
  readonly metadata: { readonly handlerProtocol: string };
  /**
   * Resolves with the whole answer, whatever its status. `requestTimeout` stands in for `connectionTimeoutMs`.
   *
   * @throws MainspringError `OVERLOADED` when too many wait, or it waited too long for a free connection;
   * `STORE_UNAVAILABLE` when the server can't be reached, breaks off or doesn't answer in time; `SHUTTING_DOWN` after `close`;
   * `INTERNAL` for what the pool can't carry. An error by the name of `AbortError` when the signal called it off.
   * `mayHaveHappened` tells of each whether the server may have carried the request out; the pool never sends such a one again.
   */
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
  /**
   * Opens connections, and makes the TLS handshakes, before the first request needs them.
   *
   * @throws MainspringError `STORE_UNAVAILABLE` when they can't be opened
   */
  warm(options: WarmOptions): Promise<void>;
  stats(): PoolStats;
  /** Refuses new requests, and resolves when all others are answered and the connections closed. */
  close(): Promise<void>;
  /** Closes without waiting: requests under way fail. The SDK calls it. */
  destroy(): void;
  /** The SDK hands its settings over here. The pool has its own. */
  updateHttpClientConfig(key: string, value: unknown): void;
  httpHandlerConfigs(): Record<string, never>;
}

/** What the functions of this file work on. */
interface State {
  readonly settings: PoolSettings;
  readonly line: WaitingLine<Ticket>;
  readonly counters: PoolCounters;
  target: Target | null;
  set: ConnectionSet | null;
  /** Requests on a connection. */
  underWay: number;
  isClosing: boolean;
  isDestroyed: boolean;
  onDrained: (() => void) | null;
}

/**
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { createConnectionPool } from "@mainspring/engine/pool";
 *
 * const pool = createConnectionPool({ maxConnections: 20 });
 * await pool.warm({ endpoint: new URL("https://dynamodb.eu-central-1.amazonaws.com") });
 * const client = new DynamoDBClient({ requestHandler: pool, maxAttempts: 1 });
 * await pool.close();
 * ```
 */
export function createConnectionPool(options: ConnectionPoolOptions = {}): ConnectionPool {
  const state: State = {
    settings: settingsOf(options),
    line: createWaitingLine(),
    counters: createPoolCounters(),
    target: null,
    set: null,
    underWay: 0,
    isClosing: false,
    isDestroyed: false,
    onDrained: null,
  };
  let closing: Promise<void> | undefined;
  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle: (request, handlerOptions = {}) =>
      new Promise((resolve, reject) => {
        accept(state, request, handlerOptions, { resolve, reject });
      }),
    async warm({ endpoint, connections }) {
      await connectedTo(state, targetOf(endpoint)).warm(connections ?? state.settings.minConnections);
    },
    stats: () => {
      const { set } = state;
      const waits = set?.period.waits();
      return poolStatsOf({ ...state, counts: set?.counts(), waits, usage: set?.usage() ?? [] });
    },
    close() {
      closing ??= drain(state);
      return closing;
    },
    destroy() {
      destroy(state);
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

interface Caller {
  resolve(output: { response: HttpResponse }): void;
  reject(error: Error): void;
}

function accept(state: State, given: HttpRequest, options: HttpHandlerOptions, caller: Caller): void {
  const { settings, counters } = state;
  const { abortSignal, requestTimeout } = options;
  const refuse = (failure: PoolFailure) => caller.reject(failed(state, failure));
  if (state.isClosing) return refuse(shuttingDown());
  if (abortSignal?.aborted === true) return refuse(aborted(false));
  const target = state.target ?? targetOfRequest(given);
  const set = connectedTo(state, target);
  const request = acceptedRequest(given, target);
  if ("cause" in request) return refuse(request);
  const connection = state.line.size() === 0 ? set.take() : null;
  if (connection === null && state.line.size() >= settings.maxWaiting) return refuse(overloaded(state));
  counters.requests += 1;
  const ticket = createTicket({
    request,
    timeoutMs: requestTimeout ?? settings.connectionTimeoutMs,
    abortSignal,
    timers: settings.timers,
    resolve: (answer) => caller.resolve({ response: new HttpResponse(answer) }),
    reject: (error) => caller.reject(error),
    onTimeout: (late) => giveUp(state, late, timedOut(state, late)),
    onAbort: (unwanted) => giveUp(state, unwanted, aborted(unwanted.isSent())),
  });
  if (connection !== null) return send(state, ticket, connection);
  state.line.push(ticket);
  serve(state);
}

function connectedTo(state: State, target: Target): ConnectionSet {
  if (state.set !== null) {
    const isSame = target === state.target || target.url.origin === state.target?.url.origin;
    assert(isSame, "one pool serves one endpoint");
    return state.set;
  }
  assert(!state.isClosing, "a closed pool stays closed");
  state.target = target;
  state.set = createConnectionSet({
    endpoint: target.url,
    settings: state.settings,
    user: {
      waiting: () => state.line.size(),
      onReady: () => serve(state),
      onUnreachable: (reason) => failWaiting(state, () => unreachable(reason)),
    },
  });
  return state.set;
}

/** Gives connections to those who wait, in their order. */
function serve(state: State): void {
  const { set, line } = state;
  if (set === null) return;
  while (line.size() > 0) {
    const connection = set.take();
    if (connection === null) return;
    const ticket = line.next();
    if (ticket !== undefined) send(state, ticket, connection);
  }
}

function send(state: State, ticket: Ticket, connection: Connection): void {
  const { settings, counters, set } = state;
  state.underWay += 1;
  set?.period.noteWait(settings.timers.nowMs() - ticket.askedAtMs);
  set?.period.noteBusy(state.underWay);
  ticket.connection = connection;
  const sending = connection.send(ticket.request, {
    onAnswer(answer) {
      state.underWay -= 1;
      counters.answers += 1;
      ticket.answer(answer);
      seeIfDrained(state);
    },
    onFailure({ isSent, error }) {
      state.underWay -= 1;
      ticket.connection = null;
      if (!ticket.isSettled()) recover(state, ticket, { isSent, reason: reasonOf(error) });
      seeIfDrained(state);
    },
  });
  ticket.isSent = () => sending.isSent();
}

/** What was surely not sent goes to another connection. What may have happened is for the caller to find out. */
function recover(state: State, ticket: Ticket, failure: { isSent: boolean; reason: string }): void {
  const { isSent, reason } = failure;
  if (isSent) {
    const message = `The connection broke before the answer was complete (${reason}); the request may have been carried out.`;
    ticket.fail(failed(state, { cause: "broken-off", mayHaveHappened: true, message, facts: { reason } }));
  } else if (ticket.moves >= MAX_MOVES || state.isDestroyed) {
    ticket.fail(failed(state, unreachable(reason)));
  } else {
    ticket.moves += 1;
    state.counters.moved += 1;
    state.line.putBack(ticket);
    serve(state);
  }
}

/** Ends a request early. On its connection an answer could still come, and must not be taken for another one's. */
function giveUp(state: State, ticket: Ticket, failure: PoolFailure): void {
  if (ticket.isSettled()) return;
  state.line.remove(ticket);
  const { connection } = ticket;
  ticket.fail(failed(state, failure));
  connection?.close("abandoned");
  seeIfDrained(state);
}

function failWaiting(state: State, failure: () => PoolFailure): void {
  for (const ticket of state.line.all()) giveUp(state, ticket, failure());
}

async function drain(state: State): Promise<void> {
  state.isClosing = true;
  await new Promise<void>((resolve) => {
    state.onDrained = resolve;
    seeIfDrained(state);
  });
  state.set?.close();
}

function seeIfDrained({ line, underWay, onDrained }: State): void {
  if (underWay === 0 && line.size() === 0) onDrained?.();
}

function destroy(state: State): void {
  state.isClosing = true;
  state.isDestroyed = true;
  failWaiting(state, shuttingDown);
  state.set?.close();
}

// What went wrong, in words.

function failed({ counters }: State, failure: PoolFailure): Error {
  counters.failures[failure.cause] += 1;
  return poolError(failure);
}

function shuttingDown(): PoolFailure {
  const message = "The connection pool is closed; the request was not sent.";
  return { cause: "shutting-down", mayHaveHappened: false, message };
}

function aborted(isSent: boolean): PoolFailure {
  const message = `The request was called off ${isSent ? "after" : "before"} it was sent.`;
  return { cause: "aborted", mayHaveHappened: isSent, message };
}

function overloaded({ line, settings }: State): PoolFailure {
  return {
    cause: "overloaded",
    mayHaveHappened: false,
    message: `${line.size()} requests wait for a database connection already; this one was not sent. Try again shortly.`,
    facts: { waiting: line.size(), maxWaiting: settings.maxWaiting, maxConnections: settings.maxConnections },
  };
}

function unreachable(reason: string): PoolFailure {
  const message = `The database can't be reached (${reason}); the request was not sent.`;
  return { cause: "unreachable", mayHaveHappened: false, message, facts: { reason } };
}

function timedOut({ set }: State, ticket: Ticket): PoolFailure {
  const { timeoutMs } = ticket;
  const facts = { timeoutMs };
  if (ticket.isSent()) {
    const message = `No answer within ${timeoutMs} ms; the request may have been carried out.`;
    return { cause: "answering-timeout", mayHaveHappened: true, message, facts };
  }
  const { busy = 0, idle = 0, checking = 0 } = set?.counts() ?? {};
  if (busy + idle + checking === 0) {
    const message = `No connection could be opened within ${timeoutMs} ms; the request was not sent.`;
    return { cause: "connecting-timeout", mayHaveHappened: false, message, facts };
  }
  const message = `No connection became free within ${timeoutMs} ms; the request was not sent.`;
  return { cause: "waiting-timeout", mayHaveHappened: false, message, facts };
}
