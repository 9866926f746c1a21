/** An undici client on a socket that is open already, and that never opens another. */
import type { Socket } from "node:net";
import { Client } from "undici";
import { MAX_ANSWER_BYTES } from "./pool-options.js";

/** undici's own clocks are off: the pool has them all. The longest that a timer of Node.js can wait. */
const NEVER_MS = 2 ** 31 - 1;

export function clientOnSocket(endpoint: URL, socket: Socket): Client {
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
