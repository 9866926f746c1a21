/** A player's connection: one request at a time, as prepared bytes, and an answer of which nothing but its status is looked at. */
import { createConnection, type Socket } from "node:net";
import type { Outcome } from "./outcome.js";
import { createResponseScanner } from "./response-scanner.js";

export interface LoadConnection {
  /** Opens it, unless it is open. @throws Error when it can't be opened */
  open(): Promise<void>;
  /** Opens the connection first when the server has closed it meanwhile. */
  ask(request: Buffer, done: (outcome: Outcome) => void): void;
  /** Gives up a request that was asked before then, and the connection with it. */
  giveUpAskedBefore(instantMs: number): void;
  close(): void;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly nowMs: () => number;
  /** Told why something was `broken`. */
  readonly onTrouble: (reason: Error) => void;
}

export function createLoadConnection({ host, port, nowMs, onTrouble }: Place): LoadConnection {
  let socket: Socket | null = null;
  let asked: { readonly atMs: number; readonly done: (outcome: Outcome) => void } | null = null;

  const settle = (outcome: Outcome): void => {
    const settled = asked;
    asked = null;
    settled?.done(outcome);
  };
  const drop = (outcome: Outcome): void => {
    socket?.destroy();
    socket = null;
    settle(outcome);
  };
  const breakOff = (reason: Error): void => {
    if (asked !== null) onTrouble(reason);
    drop("broken");
  };
  const open = async (): Promise<void> => {
    if (socket !== null) return;
    const opened = createConnection({ host, port, noDelay: true });
    const scanner = createResponseScanner((status) => {
      settle(status >= 200 && status < 300 ? "ok" : "refused");
    });
    socket = opened;
    opened.on("data", (chunk: Buffer) => {
      try {
        scanner.feed(chunk);
      } catch (error) {
        if (socket === opened) breakOff(error instanceof Error ? error : new Error(String(error)));
      }
    });
    await new Promise<void>((resolve, reject) => {
      opened.once("connect", resolve);
      let trouble = new Error("The server closed the connection.");
      opened.on("error", (error) => {
        trouble = error;
      });
      opened.once("close", () => {
        reject(trouble);
        if (socket === opened) breakOff(trouble);
      });
    });
  };
  return {
    open,
    ask(request, done) {
      if (asked !== null) throw new Error("The request before is under way.");
      asked = { atMs: nowMs(), done };
      if (socket !== null) {
        socket.write(request);
        return;
      }
      open().then(
        () => socket?.write(request),
        () => undefined,
      );
    },
    giveUpAskedBefore(instantMs) {
      if (asked !== null && asked.atMs < instantMs) drop("timed-out");
    },
    close: () => drop("broken"),
  };
}
