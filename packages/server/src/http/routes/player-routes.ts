/** Reading a player: the player, the queue, progress, totals, events. */
import type { PlayerView, ReadOptions } from "@mainspring/engine";
import type { FastifyReply } from "fastify";
import type { App, RouteContext } from "../app.js";
import { isOwn } from "../access.js";
import { tracedBy } from "../close-looks.js";
import { headOf, JSON_TYPE, type KeptJson, sendJson, serializerOf } from "../kept-json.js";
import { demandOf, tellVersion } from "../player-version.js";
import { PlayerParams, PROBLEMS, ReadHeaders, ref } from "../schemas/common.js";
import { EventsPageSchema, EventsQuerySchema } from "../schemas/events.js";
import { PlayerSchema, StatsSchema } from "../schemas/player.js";
import { ProgressSchema, QueueSchema } from "../schemas/queue.js";
import { integersOf } from "../strict-integers.js";
import { eventBody } from "../views/event-view.js";
import { statsBody } from "../views/stats-view.js";

const config = { access: "player" } as const;
const tags = ["player"];

/** Reads the player of the address; as the player, if it is the player who asks. */
type Read = (request: ReadRequest, options?: Pick<ReadOptions, "consistency">) => Promise<PlayerView>;

type ReadRequest = Parameters<typeof isOwn>[0] &
  Parameters<typeof demandOf>[0] &
  Parameters<typeof tracedBy>[0];

/** For what is asked for again and again, and what nobody bases an edit on. */
const MAY_BE_LATE = { consistency: "eventual" } as const;

function readOptionsOf(request: ReadRequest, options: Pick<ReadOptions, "consistency">): ReadOptions {
  return { asPlayer: isOwn(request), ...demandOf(request), ...tracedBy(request), ...options };
}

export function addPlayerRoutes(app: App, context: RouteContext): void {
  const read: Read = (request, options = {}) =>
    context.engine.read(request.params.id, readOptionsOf(request, options));
  const { keptBodies } = context;
  addSummaries(app, context);
  addEvents(app, context, read);

  app.get(
    "/v1/players/:id",
    {
      config,
      schema: {
        tags,
        summary: "The player. The first request with the player's own token makes the player.",
        params: PlayerParams,
        headers: ReadHeaders,
        response: { 200: ref(PlayerSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => kept(keptBodies.player, reply, await read(request)),
  );

  app.get(
    "/v1/players/:id/queue",
    {
      config,
      schema: {
        tags: ["queue"],
        summary: "The queue, with its forecast.",
        params: PlayerParams,
        headers: ReadHeaders,
        response: { 200: ref(QueueSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => kept(keptBodies.queue, reply, await read(request)),
  );
}

/** The text is made by the schema as well, but not each time; the types know only of bodies. */
function kept(body: KeptJson, reply: unknown, view: PlayerView): never {
  return body.send(reply as FastifyReply, view) as never;
}

function addSummaries(app: App, { engine, keptBodies }: RouteContext): void {
  app.get(
    "/v1/players/:id/progress",
    {
      config,
      schema: {
        tags: ["queue"],
        summary: "The few bytes that a progress bar needs.",
        params: PlayerParams,
        headers: ReadHeaders,
        response: { 200: ref(ProgressSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const make = (view: PlayerView): string => keptBodies.progress.make(reply, view).head;
      const of = { namespace: "taskProgress", name: "GET progress", make } as const;
      const shown = await engine.summary(request.params.id, of, readOptionsOf(request, MAY_BE_LATE));
      return sendJson(reply, shown, `${shown.value}${shown.nowMs}}`);
    },
  );

  app.get(
    "/v1/players/:id/stats",
    {
      config,
      schema: {
        tags,
        summary: "Lifetime totals by kind of activity.",
        params: PlayerParams,
        headers: ReadHeaders,
        response: { 200: ref(StatsSchema), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const make = (view: PlayerView): string =>
        headOf(serializerOf(reply), statsBody(view), ["asOfMs", "serverTimeMs"]);
      const of = { namespace: "playerStats", name: "GET stats", make } as const;
      const shown = await engine.summary(request.params.id, of, readOptionsOf(request, MAY_BE_LATE));
      const { value, asOfMs, nowMs } = shown;
      const json = `${value}${asOfMs},"serverTimeMs":${nowMs}}`;
      tellVersion(reply, shown);
      return (reply as FastifyReply).type(JSON_TYPE).send(json);
    },
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
        headers: ReadHeaders,
        querystring: EventsQuerySchema,
        response: { 200: EventsPageSchema, ...PROBLEMS },
      },
      preValidation: integersOf("query", ["after", "limit"]),
    },
    async (request, reply) => {
      const { after, limit } = request.query;
      // To look at one's own journal is to be seen.
      if (isOwn(request)) await read(request);
      const page = await engine.events(request.params.id, {
        ...(after === undefined ? {} : { afterNumber: after }),
        ...(limit === undefined ? {} : { limit }),
      });
      tellVersion(reply, page);
      return { events: page.events.map(eventBody), lastNumber: page.lastNumber };
    },
  );
}
