/** Reading a player: the player, the queue, progress, totals, events. */
import type { PlayerView, ReadOptions } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import type { App, RouteContext } from "../app.js";
import { isOwn } from "../access.js";
import { createKeptJson } from "../kept-json.js";
import { etagOf } from "../command-options.js";
import { PlayerParams, PROBLEMS, ref } from "../schemas/common.js";
import { EventsPageSchema, EventsQuerySchema } from "../schemas/events.js";
import { PlayerSchema, StatsSchema } from "../schemas/player.js";
import { ProgressSchema, QueueSchema } from "../schemas/queue.js";
import { integersOf } from "../strict-integers.js";
import { eventBody } from "../views/event-view.js";
import { playerBody } from "../views/player-view.js";
import { progressBody, queueBody } from "../views/queue-view.js";
import { statsBody } from "../views/stats-view.js";

const config = { access: "player" } as const;
const tags = ["player"];

/** Reads the player of the address; as the player, if it is the player who asks. */
type Read = (
  request: Parameters<typeof isOwn>[0],
  options?: Pick<ReadOptions, "consistency">,
) => Promise<PlayerView>;

/** For what is asked for again and again, and what nobody bases an edit on. */
const MAY_BE_LATE = { consistency: "eventual" } as const;

export function addPlayerRoutes(app: App, context: RouteContext): void {
  const read: Read = (request, options = {}) =>
    context.engine.read(request.params.id, { asPlayer: isOwn(request), ...options });
  addSummaries(app, read);
  addEvents(app, context, read);

  app.get(
    "/v1/players/:id",
    {
      config,
      schema: {
        tags,
        summary: "The player. The first request with the player's own token makes the player.",
        params: PlayerParams,
        response: { 200: ref(PlayerSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const view = await read(request);
      reply.header("etag", etagOf(view.state.revision));
      return playerBody(view);
    },
  );

  const keptQueue = createKeptJson(queueBody);
  app.get(
    "/v1/players/:id/queue",
    {
      config,
      schema: {
        tags: ["queue"],
        summary: "The queue, with its forecast.",
        params: PlayerParams,
        response: { 200: ref(QueueSchema), ...PROBLEMS },
      },
    },
    // The text is made by the schema as well, but not each time; the types know only of bodies.
    async (request, reply) => keptQueue.send(reply as unknown as FastifyReply, await read(request)) as never,
  );
}

function addSummaries(app: App, read: Read): void {
  app.get(
    "/v1/players/:id/progress",
    {
      config,
      schema: {
        tags: ["queue"],
        summary: "The few bytes that a progress bar needs.",
        params: PlayerParams,
        response: { 200: ref(ProgressSchema), ...PROBLEMS },
      },
    },
    (request) => read(request, MAY_BE_LATE).then(progressBody),
  );

  app.get(
    "/v1/players/:id/stats",
    {
      config,
      schema: {
        tags,
        summary: "Lifetime totals by kind of activity.",
        params: PlayerParams,
        response: { 200: ref(StatsSchema), ...PROBLEMS },
      },
    },
    (request) => read(request, MAY_BE_LATE).then(statsBody),
  );
}

function addEvents(app: App, { engine }: RouteContext, read: Read): void {
  app.get(
    "/v1/players/:id/events",
    {
      config,
      schema: {
        tags,
        summary: "The journal: events after a number, oldest first.",
        params: PlayerParams,
        querystring: EventsQuerySchema,
        response: { 200: EventsPageSchema, ...PROBLEMS },
      },
      preValidation: integersOf("query", ["after", "limit"]),
    },
    async (request, _reply) => {
      const { after, limit } = request.query;
      // To look at one's own journal is to be seen.
      if (isOwn(request)) await read(request);
      const page = await engine.events(request.params.id, {
        ...(after === undefined ? {} : { afterNumber: after }),
        ...(limit === undefined ? {} : { limit }),
      });
      return { events: page.events.map(eventBody), lastNumber: page.lastNumber };
    },
  );
}
