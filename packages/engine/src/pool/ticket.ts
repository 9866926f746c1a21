/** One request on its way through the pool. It is settled once, and then nothing holds it any more. */
import type { HttpHandlerOptions } from "@smithy/types";
import type { Answer } from "./answer-collector.js";
import type { Connection, ConnectionRequest } from "./connection.js";
import { FREEZE_GRACE_MS, FREEZE_JUMP_MS } from "./pool-options.js";
import type { Timers } from "../ports.js";

export interface Ticket {
  readonly request: ConnectionRequest;
  readonly askedAtMs: number;
  readonly timeoutMs: number;
  /** Where it is under way. */
  connection: Connection | null;
  isSent: () => boolean;
  /** How often it was given to another connection. */
  moves: number;
  isSettled(): boolean;
  answer(answer: Answer): void;
  fail(error: Error): void;
}

export interface TicketOptions {
  readonly request: ConnectionRequest;
  readonly timeoutMs: number;
  readonly abortSignal: HttpHandlerOptions["abortSignal"];
  readonly timers: Timers;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly onTimeout: (ticket: Ticket) => void;
  readonly onAbort: (ticket: Ticket) => void;
}

const isNotSent = (): boolean => false;

export function createTicket(options: TicketOptions): Ticket {
  const { timers, timeoutMs, resolve, reject } = options;
  let isSettled = false;
  const ticket: Ticket = {
    request: options.request,
    askedAtMs: timers.nowMs(),
    timeoutMs,
    connection: null,
    isSent: isNotSent,
    moves: 0,
    isSettled: () => isSettled,
    answer(answer) {
      settle();
      resolve(answer);
    },
    fail(error) {
      settle();
      reject(error);
    },
  };
  let stopClock = timers.after(timeoutMs, () => {
    const lateMs = timers.nowMs() - ticket.askedAtMs - timeoutMs;
    // It was not the answer that was late but this process, and the answer may lie in the socket by now.
    if (lateMs >= FREEZE_JUMP_MS) {
      stopClock = timers.after(FREEZE_GRACE_MS, () => options.onTimeout(ticket));
    } else options.onTimeout(ticket);
  });
  const stopListening = onAbort(options.abortSignal, () => options.onAbort(ticket));
  function settle(): void {
    isSettled = true;
    stopClock();
    stopListening?.();
  }
  return ticket;
}

/** The SDK's own old kind of signal has room for one listener only. */
function onAbort(signal: HttpHandlerOptions["abortSignal"], run: () => void): (() => void) | undefined {
  if (signal === undefined) return undefined;
  if ("addEventListener" in signal && typeof signal.addEventListener === "function") {
    signal.addEventListener("abort", run, { once: true });
    return () => signal.removeEventListener("abort", run);
  }
  Object.assign(signal, { onabort: run });
  return undefined;
}
