/**
 * Lays the fast reads before Fastify, for as long as nobody can tell the difference: from when all routes and hooks are there until the
 * server begins to close, and never where a hook of the embedder must see every request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "../app.js";
import type { FastReads } from "./fast-reads.js";
import { createForeignHooks, type ForeignHooks } from "./foreign-hooks.js";

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** To be called before any route is added. Whoever calls it says with `watch` when its own hooks are there. */
export function layBeforeFastify(
  app: App,
  { fastReads, isClosing }: { readonly fastReads: FastReads; readonly isClosing: () => boolean },
): Pick<ForeignHooks, "watch"> {
  const foreignHooks = createForeignHooks(app);
  let isOn = false;
  app.addHook("onReady", (done) => {
    isOn = !foreignHooks.areThere();
    done();
  });
  app.addHook("preClose", (done) => {
    isOn = false;
    done();
  });
  const listeners = app.server.listeners("request") as Listener[];
  app.server.removeAllListeners("request");
  const isAnswered: FastReads = (request, response) => {
    try {
      return fastReads(request, response);
    } catch (error) {
      app.log.error({ error: error instanceof Error ? error.message : "unknown" }, "A fast read failed.");
      // With nothing sent yet the normal way can still answer, or say what is wrong.
      return response.headersSent;
    }
  };
  app.server.on("request", (request, response) => {
    if (isOn && !isClosing() && isAnswered(request, response)) return;
    for (const listener of listeners) listener.call(app.server, request, response);
  });
  return foreignHooks;
}
