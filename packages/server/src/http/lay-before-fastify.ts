/** What sees a request before Fastify does: each may answer it, and then nobody else sees it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "./app.js";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers a request, or says `false` and has done nothing that Fastify couldn't go on from. */
export type Forerunner = (request: IncomingMessage, response: ServerResponse) => boolean;

/** They are asked in their order. */
export function layBeforeFastify(app: App, forerunners: readonly Forerunner[]): void {
  if (forerunners.length === 0) return;
  const listeners = app.server.listeners("request") as Listener[];
  app.server.removeAllListeners("request");
  const isAnswered = (request: IncomingMessage, response: ServerResponse): boolean => {
    try {
      for (const answers of forerunners) if (answers(request, response)) return true;
      return false;
    } catch (error) {
      const facts = { error: error instanceof Error ? error.message : "unknown" };
      app.log.error(facts, "What comes before Fastify failed.");
      // With nothing sent yet the normal way can still answer, or say what is wrong.
      return response.headersSent;
    }
  };
  app.server.on("request", (request, response) => {
    if (isAnswered(request, response)) return;
    for (const listener of listeners) listener.call(app.server, request, response);
  });
}
