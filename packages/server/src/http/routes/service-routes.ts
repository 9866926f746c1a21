/** Is it alive, is it ready, what can it do. */
import { MainspringError } from "@mainspring/core";
import { Type } from "typebox";
import type { App, RouteContext } from "../app.js";
import { oneOf, PROBLEMS, strict } from "../schemas/common.js";

const config = { access: "open" } as const;
const tags = ["service"];

export function addServiceRoutes(app: App, { engine, isClosing, readiness }: RouteContext): void {
  app.get(
    "/healthz",
    {
      config,
      schema: {
        tags,
        summary: "The process lives.",
        response: { 200: strict({ status: oneOf(["ok"], "Always.") }) },
      },
    },
    async () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config,
      schema: {
        tags,
        summary:
          "Requests can be sent here: the store answers, a catalog is active, the server isn't closing, and no heap snapshot is being taken.",
        response: { 200: strict({ status: oneOf(["ready"], "Always.") }), ...PROBLEMS },
      },
    },
    async () => {
      if (isClosing()) throw new MainspringError("SHUTTING_DOWN", "The server is shutting down.");
      const reason = readiness.reason();
      if (reason !== null) throw new MainspringError("NOT_READY", reason);
      await engine.checkReady().catch((error: unknown) => {
        // Whatever the reason: to whom balances load, not ready is not available.
        throw new MainspringError("STORE_UNAVAILABLE", "Not ready.", {}, { cause: error });
      });
      return { status: "ready" as const };
    },
  );

  app.get(
    "/openapi.json",
    {
      config,
      schema: {
        hide: true,
        response: { 200: Type.Unsafe<object>({ type: "object", additionalProperties: true }) },
      },
    },
    async () => app.swagger(),
  );
}
