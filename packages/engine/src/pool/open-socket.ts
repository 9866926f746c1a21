/** Opens sockets ahead of need: connected, and with the TLS handshake behind them. Later handshakes resume the first session. */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Timers } from "../ports.js";

/** Idle connections tell the kernel's other side that they live, so that routers on the way keep them. */
const TCP_KEEP_ALIVE_AFTER_MS = 30_000;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

export interface Opening {
  /** Rejects when it can't be opened, or not in time. */
  readonly socket: Promise<Socket>;
  /** Gives up. */
  cancel(): void;
}

export interface SocketSource {
  open(timeoutMs: number): Opening;
}

export function createSocketSource(options: {
  readonly endpoint: URL;
  readonly ca: string | undefined;
  readonly timers: Timers;
}): SocketSource {
  const { endpoint, ca, timers } = options;
  const isTls = endpoint.protocol === "https:";
  const host = endpoint.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(endpoint.port) || (DEFAULT_PORTS[endpoint.protocol] ?? 0);
  const servername = isIP(host) === 0 ? host : "";
  let session: Buffer | undefined;

  function start(): Socket {
    if (!isTls) return connectTcp({ host, port });
    const socket = connectTls({
      host,
      port,
      servername,
      ALPNProtocols: ["http/1.1"],
      ...(ca === undefined ? {} : { ca }),
      ...(session === undefined ? {} : { session }),
    });
    socket.on("session", (made) => {
      session = made;
    });
    return socket;
  }

  return {
    open(timeoutMs) {
      const socket = start();
      // Someone must listen from the start to the end: what breaks between two owners would else end the process.
      socket.on("error", () => undefined);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_AFTER_MS);
      return {
        cancel: () => socket.destroy(),
        socket: new Promise((resolve, reject) => {
          const giveUp = timers.after(timeoutMs, () => {
            socket.destroy(Object.assign(new Error("The connection took too long."), { code: "ETIMEDOUT" }));
          });
          let failure: Error = Object.assign(new Error("The connection was closed."), { code: "ECONNRESET" });
          socket.once("error", (error) => {
            failure = error;
          });
          const fail = () => {
            giveUp();
            reject(failure);
          };
          socket.once("close", fail);
          socket.once(isTls ? "secureConnect" : "connect", () => {
            giveUp();
            socket.off("close", fail);
            resolve(socket);
          });
        }),
      };
    },
  };
}
