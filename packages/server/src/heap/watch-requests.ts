/**
 * Counts requests of a server that began since it looks and are still under way. By a channel of Node.js, so that requests cost nothing more
 * while nobody looks, and those that are answered before Fastify count as well.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

const REQUEST_STARTS = "http.server.request.start";

export interface RequestWatch {
  underWay(): number;
  stop(): void;
}

/** What the channel tells. */
interface Started {
  readonly server: Server;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export function watchRequests(server: Server): RequestWatch {
  const started = new Set<IncomingMessage>();
  const onStart = (message: unknown): void => {
    const { server: whose, request, response } = message as Started;
    if (whose !== server) return;
    started.add(request);
    response.once("close", () => {
      started.delete(request);
    });
  };
  subscribe(REQUEST_STARTS, onStart);
  return {
    underWay() {
      // An answer behind others of its connection is never closed if that breaks before it is its turn.
      for (const request of started) if (request.socket.destroyed) started.delete(request);
      return started.size;
    },
    stop: () => void unsubscribe(REQUEST_STARTS, onStart),
  };
}
