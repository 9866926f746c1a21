/** The description of the API, made from the schemas of the routes. */
import { fastifySwagger } from "@fastify/swagger";
import type { TSchema } from "typebox";
import type { App } from "./app.js";
import { FlagsSchema, FlagStatsSchema } from "./schemas/flags.js";
import { ProblemSchema } from "./schemas/common.js";
import { EventSchema } from "./schemas/events.js";
import { PerformanceSchema } from "./schemas/performance.js";
import { PlayerSchema, StatsSchema } from "./schemas/player.js";
import { ProgressSchema, QueuedTaskSchema, QueueSchema } from "./schemas/queue.js";

const SHARED: readonly TSchema[] = [
  ProblemSchema,
  PlayerSchema,
  StatsSchema,
  QueuedTaskSchema,
  QueueSchema,
  ProgressSchema,
  EventSchema,
  FlagsSchema,
  FlagStatsSchema,
  PerformanceSchema,
];

export function describeApi(app: App): void {
  for (const schema of SHARED) app.addSchema(schema);
  app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Mainspring",
        description:
          "A task queue for idle games. Answers that show or change a player say which content they show: Player-Version: <incarnation>.<version>. See docs/http-api.md and docs/errors.md.",
        version: "1",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    },
    refResolver: {
      buildLocalReference({ $id: id }, _baseUri, _fragment, index) {
        return typeof id === "string" ? id : `schema-${index}`;
      },
    },
    transform({ schema, url, route }) {
      const isOpen = route.config?.access === "open";
      return { schema: { ...schema, security: isOpen ? [] : [{ token: [] }] }, url };
    },
  });
}
