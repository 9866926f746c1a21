/**
 * One connection: an open socket with an undici client on it that never opens another. It carries one request at a time,
 * because HTTP/1.1 answers in order and a slow answer would hold up those behind it.
 */
import type { Socket } from "node:net";
import { type Dispatcher, Client } from "undici";
import { createAnswerCollector, type Outcome } from "./answer-collector.js";
import { CHECK_TIMEOUT_MS, HINT_MARGIN_MS, MAX_ANSWER_BYTES } from "./pool-options.js";
import type { CloseCause } from "./pool-stats.js";
import type { Timers } from "./timers.js";

/** undici's own clocks are off: the pool has them all. The longest that a timer of Node.js can wait. */
const NEVER_MS = 2 ** 31 - 1;

/** DynamoDB answers it with `healthy`, without a signature and free of charge. */
const CHECK: Dispatcher.DispatchOptions = { method: "GET", path: "/" };

export interface ConnectionRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
}

export interface Connection {
  readonly number: number;
  readonly openedAtMs: number;
  /** Requests in this period; its owner resets it. */
  uses: number;
  /** When it last answered a request, or was opened. */
  readonly usedAtMs: number;
  /** `ready` takes a request. */
  readonly state: "ready" | "busy" | "checking" | "closed";
  /** Whether it ever answered. */
  readonly hasAnswered: boolean;
  /** The process stood still: nothing is known of it any more. */
  doubt(): void;
  /** Whether it should be asked if it lives before a request is trusted to it. */
  isDoubtful(nowMs: number): boolean;
  /**
   * Sends a request. The outcome is told once; closing the connection gives the request up.
   */
  send(request: ConnectionRequest, outcome: Outcome): { isSent(): boolean };
  /** Asks whether it lives. It is ready or closed afterwards. */
  check(): void;
  close(cause: CloseCause): void;
}

export interface ConnectionOptions {
  readonly number: number;
  readonly endpoint: URL;
  readonly socket: Socket;
  readonly timers: Timers;
  readonly checkAfterMs: number;
  readonly onReady: () => void;
  readonly onClosed: (cause: CloseCause) => void;
}

export function createConnection(options: ConnectionOptions): Connection {
  const { socket, timers, onReady, onClosed } = options;
  const client = clientOn(options);
  const openedAtMs = timers.nowMs();
  let state: Connection["state"] = "ready";
  let isFrozen = false;
  let isLeaving = false;
  let hasAnswered = false;
  let doubtAfterMs = options.checkAfterMs;
  /** When a request or a check was answered. */
  let heardAtMs = openedAtMs;
  let usedAtMs = openedAtMs;

  function close(cause: CloseCause): void {
    if (state === "closed") return;
    state = "closed";
    socket.destroy();
    onClosed(cause);
  }
  // Told of before undici is, so that whoever is sent elsewhere doesn't come here again.
  socket.once("close", () => close(isFrozen ? "frozen" : "dead"));
  socket.unref();

  function hear(headers: Readonly<Record<string, string>>): void {
    heardAtMs = timers.nowMs();
    isFrozen = false;
    hasAnswered = true;
    isLeaving = headers["connection"]?.toLowerCase() === "close";
    const hintMs = keepAliveHintMs(headers["keep-alive"]);
    if (hintMs === undefined) return;
    doubtAfterMs = Math.min(options.checkAfterMs, Math.max(hintMs - HINT_MARGIN_MS, hintMs / 2));
  }

  function free(): void {
    if (state === "closed") return;
    if (isLeaving) return close("dead");
    state = "ready";
    onReady();
  }

  return {
    number: options.number,
    openedAtMs,
    uses: 0,
    get usedAtMs() {
      return usedAtMs;
    },
    get state() {
      return state;
    },
    get hasAnswered() {
      return hasAnswered;
    },
    doubt() {
      if (state !== "closed") isFrozen = true;
    },
    isDoubtful: (nowMs) => isFrozen || nowMs - heardAtMs > doubtAfterMs,
    send(request, outcome) {
      state = "busy";
      this.uses += 1;
      const collector = createAnswerCollector({
        onAnswer(answer) {
          hear(answer.headers);
          usedAtMs = heardAtMs;
          outcome.onAnswer(answer);
          free();
        },
        onFailure(failure) {
          close(isFrozen ? "frozen" : "dead");
          outcome.onFailure(failure);
        },
      });
      client.dispatch(request as Dispatcher.DispatchOptions, collector);
      return collector;
    },
    check() {
      state = "checking";
      const giveUp = timers.after(CHECK_TIMEOUT_MS, () => close(isFrozen ? "frozen" : "dead"));
      client.dispatch(
        CHECK,
        createAnswerCollector({
          onAnswer({ headers }) {
            giveUp();
            hear(headers);
            free();
          },
          onFailure() {
            giveUp();
            close(isFrozen ? "frozen" : "dead");
          },
        }),
      );
    },
    close,
  };
}

function clientOn({ endpoint, socket }: ConnectionOptions): Client {
  let isTaken = false;
  return new Client(endpoint.origin, {
    connect(_, callback) {
      // Not at once: undici doesn't go on by itself when it is called back from within its call.
      queueMicrotask(() => {
        if (isTaken || socket.destroyed) {
          // Not one of undici's own codes, so that it fails what it has instead of trying again.
          callback(Object.assign(new Error("The connection is gone."), { code: "CONNECTION_GONE" }), null);
          return;
        }
        isTaken = true;
        // undici takes it for one that keeps the process alive, and lets go of it whenever nothing is under way.
        socket.ref();
        callback(null, socket);
      });
    },
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: NEVER_MS,
    keepAliveMaxTimeout: NEVER_MS,
    // Taken off the server's hint: with this, undici never acts on it.
    keepAliveTimeoutThreshold: -NEVER_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
}

function keepAliveHintMs(header: string | undefined): number | undefined {
  const seconds = header === undefined ? undefined : /timeout=(\d+)/i.exec(header)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
