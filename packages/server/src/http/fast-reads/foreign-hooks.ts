/** Whether the embedder has put hooks where a fast read would pass them by: on all requests, or on the routes that have a fast way. */
import type { RouteOptions } from "fastify";
import type { App } from "../app.js";

/** The hooks that a request meets when it is answered. */
const REQUEST_HOOKS = [
  "onRequest",
  "preParsing",
  "preValidation",
  "preHandler",
  "preSerialization",
  "onSend",
  "onResponse",
] as const;

/** The routes that have a fast way. */
const FAST_ROUTES: readonly string[] = [
  "/v1/players/:id",
  "/v1/players/:id/queue",
  "/v1/players/:id/progress",
];

export interface ForeignHooks {
  /** From now on hooks are somebody else's. To be called when ours are there. */
  watch(): void;
  /** Whether there are any. To be asked when all routes are there. */
  areThere(): boolean;
}

/**
 * To be made before any route is added.
 * @param ourCount so many hooks of `onRequest` are ours on every route: the guard, and whoever counts. Fast reads ask the one and count by
 * themselves.
 */
export function createForeignHooks(app: App, ourCount: number): ForeignHooks {
  const routes: RouteOptions[] = [];
  let isSeen = false;
  app.addHook("onRoute", (route) => {
    if (FAST_ROUTES.includes(route.url) && [route.method].flat().includes("GET")) routes.push(route);
  });
  return {
    watch() {
      const add: unknown = Reflect.get(app, "addHook");
      if (typeof add !== "function") throw new Error("Fastify has hooks.");
      // A plugin that encapsulates its hooks has them on an instance of its own, and for its own routes alone.
      const watched = function addHook(this: App, ...given: readonly unknown[]): unknown {
        if (this === app && (REQUEST_HOOKS as readonly unknown[]).includes(given[0])) isSeen = true;
        return Reflect.apply(add, this, given);
      };
      Object.defineProperty(app, "addHook", { value: watched, configurable: true, writable: true });
    },
    // More routes than these would be ones with constraints, for some requests only.
    areThere: () =>
      isSeen || routes.length !== FAST_ROUTES.length || !routes.every((route) => hasOnly(route, ourCount)),
  };
}

function hasOnly(route: RouteOptions, ourCount: number): boolean {
  return REQUEST_HOOKS.every(
    (name) => [route[name] ?? []].flat().length === (name === "onRequest" ? ourCount : 0),
  );
}
