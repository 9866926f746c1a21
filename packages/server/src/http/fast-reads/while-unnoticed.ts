/**
 * Fast reads are on for as long as nobody can tell the difference: from when all routes and hooks are there until the server begins to
 * close, and never where a hook of the embedder must see every request.
 */
import type { App } from "../app.js";
import type { Forerunner } from "../lay-before-fastify.js";
import { createForeignHooks, type ForeignHooks } from "./foreign-hooks.js";

export interface UnnoticedReads extends Pick<ForeignHooks, "watch"> {
  readonly fastReads: Forerunner;
}

export interface UnnoticedParts {
  readonly fastReads: Forerunner;
  readonly isAllowed: () => boolean;
  readonly ourHookCount: number;
}

/** To be called before any route is added. Whoever calls it says with `watch` when its own hooks are there. */
export function whileUnnoticed(
  app: App,
  { fastReads, isAllowed, ourHookCount }: UnnoticedParts,
): UnnoticedReads {
  const foreignHooks = createForeignHooks(app, ourHookCount);
  let isOn = false;
  app.addHook("onReady", (done) => {
    isOn = !foreignHooks.areThere();
    done();
  });
  app.addHook("preClose", (done) => {
    isOn = false;
    done();
  });
  return {
    watch: () => foreignHooks.watch(),
    fastReads: (request, response) => isOn && isAllowed() && fastReads(request, response),
  };
}
