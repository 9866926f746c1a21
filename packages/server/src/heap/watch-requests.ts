/**
 * Counts requests of a server that began since it looks and are still under way. By a channel of Node.js, so that requests cost nothing more
 * while nobody looks, and those that are answered before Fastify count as well.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server, ServerResponse } from "node:http";

const REQUEST_STARTS = "http.server.request.start";

export interface RequestWatch {
  underWay(): number;
  stop(): void;
}

export function watchRequests(server: Server): RequestWatch {
  let count = 0;
  const onStart = (message: unknown): void => {
    const started = message as { readonly server: Server; readonly response: ServerResponse };
    if (started.server !== server) return;
    count += 1;
    // Comes once, however the response ends.
    started.response.once("close", () => {
      count -= 1;
    });
  };
  subscribe(REQUEST_STARTS, onStart);
  return {
    underWay: () => count,
    stop: () => void unsubscribe(REQUEST_STARTS, onStart),
  };
}
