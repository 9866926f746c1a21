/** For operators: the switches of the layers. */
import { MainspringError } from "@mainspring/core";
import type { Flags } from "@mainspring/engine";
import { callerOf } from "../access.js";
import type { App, RouteContext } from "../app.js";
import { bodyOrNothing } from "../optional-body.js";
import { PROBLEMS, ref } from "../schemas/common.js";
import { FlagParams, FlagsSchema, ResetFlagBodySchema, SetFlagBodySchema } from "../schemas/flags.js";

const config = { access: "admin" } as const;
const tags = ["admin"];

/** Nobody can be taken for the guard or the configuration. */
const byOf = (request: Parameters<typeof callerOf>[0]): string => `admin:${callerOf(request).actor}`;

export function addFlagRoutes(app: App, { engine }: RouteContext): void {
  const flagsOf = (): Flags => {
    if (engine.flags !== null) return engine.flags;
    throw new MainspringError(
      "NOT_FOUND",
      "This server has no switches: its engine was put together without flags.",
    );
  };

  app.get(
    "/v1/admin/flags",
    {
      config,
      schema: {
        tags,
        summary:
          "Which layers are on for whom, how the two arms of a rollout fare, and who has switched what.",
        response: { 200: ref(FlagsSchema), ...PROBLEMS },
      },
    },
    async () => flagsOf().view(),
  );

  app.put(
    "/v1/admin/flags/:layer",
    {
      config,
      schema: {
        tags,
        summary:
          "Switch a layer on or off, for a share of the players or for some of them, in all instances.",
        params: FlagParams,
        body: SetFlagBodySchema,
        response: { 200: ref(FlagsSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { players = [], except = [], ...given } = request.body;
      const flags = flagsOf();
      await flags.set(request.params.layer, { ...given, players, except, by: byOf(request) });
      return reply.send(flags.view());
    },
  );

  app.delete(
    "/v1/admin/flags/:layer",
    {
      config,
      preValidation: bodyOrNothing,
      schema: {
        tags,
        summary: "Back to what the configuration says.",
        params: FlagParams,
        body: ResetFlagBodySchema,
        response: { 200: ref(FlagsSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const flags = flagsOf();
      await flags.reset(request.params.layer, { ...request.body, by: byOf(request) });
      return reply.send(flags.view());
    },
  );
}
