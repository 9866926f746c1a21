/**
 * One connection: an open socket with an undici client on it that never opens another. It carries one request at a time,
 * because HTTP/1.1 answers in order and a slow answer would hold up those behind it.
 */
import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import { createAnswerCollector, type Outcome } from "./answer-collector.js";
import { clientOnSocket } from "./client-on-socket.js";
import { CHECK_TIMEOUT_MS } from "./pool-options.js";
import type { CloseCause } from "./pool-stats.js";
import type { Timers } from "../ports.js";
import { createTrust, type Trust } from "./trust.js";

/**
 * DynamoDB answers it with `healthy`, without a signature and free of charge. It names the host as requests do: undici takes the
 * name for TLS from there, and closes a connection on which it changes.
 */
function checkOf({ host }: URL): Dispatcher.DispatchOptions {
  return { method: "GET", path: "/", headers: { host } };
}

export interface ConnectionRequest {
  readonly method: Dispatcher.HttpMethod;
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
  readonly trust: Omit<Trust, "hear">;
  /** `ready` takes a request. */
  readonly state: "ready" | "busy" | "checking" | "closed";
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
  const { number, endpoint, socket, timers, checkAfterMs, onReady, onClosed } = options;
  const client = clientOnSocket(endpoint, socket);
  const openedAtMs = timers.nowMs();
  const trust = createTrust({ openedAtMs, checkAfterMs });
  let state: Connection["state"] = "ready";
  let usedAtMs = openedAtMs;

  function close(cause: CloseCause): void {
    if (state === "closed") return;
    state = "closed";
    socket.destroy();
    onClosed(cause);
  }
  const lose = () => close(trust.isFrozen() ? "frozen" : "dead");
  // Told of before undici is, so that whoever is sent elsewhere doesn't come here again.
  socket.once("close", lose);
  socket.unref();

  function free(): void {
    if (state === "closed") return;
    if (trust.isLeaving()) return lose();
    state = "ready";
    onReady();
  }

  function exchange(request: Dispatcher.DispatchOptions, outcome: Outcome): { isSent(): boolean } {
    const collector = createAnswerCollector({
      onAnswer(answer) {
        trust.hear(answer.headers, timers.nowMs());
        outcome.onAnswer(answer);
        free();
      },
      onFailure(failure) {
        lose();
        outcome.onFailure(failure);
      },
    });
    if (trust.isQuiet(timers.nowMs())) afterReading(() => client.dispatch(request, collector));
    else client.dispatch(request, collector);
    return collector;
  }

  return {
    number,
    openedAtMs,
    uses: 0,
    get usedAtMs() {
      return usedAtMs;
    },
    get state() {
      return state;
    },
    trust,
    send(request, outcome) {
      state = "busy";
      this.uses += 1;
      return exchange(request, {
        onAnswer(answer) {
          usedAtMs = timers.nowMs();
          outcome.onAnswer(answer);
        },
        onFailure: (failure) => outcome.onFailure(failure),
      });
    },
    check() {
      state = "checking";
      const giveUp = timers.after(CHECK_TIMEOUT_MS, lose);
      exchange(checkOf(endpoint), { onAnswer: giveUp, onFailure: giveUp });
    },
    close,
  };
}

/** Runs something after the event loop has read what lies in the sockets: the first turn may be over with reading already. */
function afterReading(run: () => void): void {
  setImmediate(() => setImmediate(run));
}
