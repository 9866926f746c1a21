/** For operators: catalogs, numbers, a look at a player, and a player's clock on a development server. */
import type { App, RouteContext } from "../app.js";
import { MAX_CATALOG_BYTES } from "../../limits.js";
import { callerOf } from "../access.js";
import { tracedBy } from "../close-looks.js";
import { createApply } from "../command-options.js";
import {
  ActivationSchema,
  InspectSchema,
  ProposeBodySchema,
  RestorationSchema,
  RestoreBodySchema,
  TimelineSchema,
} from "../schemas/admin.js";
import { FastForwardBodySchema, FastForwardOutcomeSchema } from "../schemas/commands.js";
import { CommandHeaders, PlayerParams, PROBLEMS, ReadHeaders, ref } from "../schemas/common.js";
import { PerformanceSchema } from "../schemas/performance.js";
import { demandOf, etagOf, tellVersion } from "../player-version.js";
import { inspectBody } from "../views/inspect-view.js";
import { bodyOrNothing } from "../optional-body.js";
import { queueBody } from "../views/queue-view.js";

const config = { access: "admin" } as const;
const tags = ["admin"];

export function addAdminRoutes(app: App, context: RouteContext): void {
  const { engine, look } = context;
  addCatalogAdministration(app, context);

  app.get(
    "/v1/admin/performance",
    {
      config,
      schema: {
        tags,
        summary: "The numbers of this process.",
        response: { 200: ref(PerformanceSchema), ...PROBLEMS },
      },
    },
    async () => look(),
  );

  app.get(
    "/v1/admin/players/:id",
    {
      config,
      schema: {
        tags,
        summary: "All there is to see of a player, for support.",
        params: PlayerParams,
        headers: ReadHeaders,
        response: { 200: InspectSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      // Support looking at a player doesn't mean that the player was there.
      const view = await engine.read(request.params.id, {
        consistency: "eventual",
        ...demandOf(request),
        ...tracedBy(request),
      });
      tellVersion(reply, view);
      reply.header("etag", etagOf(view.state.revision));
      return inspectBody(view);
    },
  );

  addRestore(app, context);
  if (context.isDevelopment) addFastForward(app, context);
}

function addRestore(app: App, { engine }: RouteContext): void {
  app.post(
    "/v1/admin/players/:id/restore",
    {
      config,
      preValidation: bodyOrNothing,
      schema: {
        tags,
        summary: "Put back a record that is damaged or gone, from a snapshot and the journal after it.",
        params: PlayerParams,
        body: RestoreBodySchema,
        response: { 200: RestorationSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { reason } = request.body;
      const because = reason === undefined ? {} : { reason };
      const { actor } = callerOf(request);
      const { incarnation, ...restoration } = await engine.restore(request.params.id, {
        actor,
        requestId: request.id,
        ...because,
      });
      tellVersion(reply, { incarnation, version: restoration.version });
      return restoration;
    },
  );
}

function addCatalogAdministration(app: App, { engine }: RouteContext): void {
  app.post(
    "/v1/admin/catalogs",
    {
      config: { ...config, brings: "catalog" },
      bodyLimit: MAX_CATALOG_BYTES,
      schema: {
        tags,
        summary: "Check and store a catalog, and activate it at an instant.",
        body: ProposeBodySchema,
        response: { 201: ActivationSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { catalog, activateAtMs } = request.body;
      const options = activateAtMs === undefined ? {} : { activateAtMs };
      const { hash, name, atMs, isUnchanged } = await engine.catalogs.propose(catalog, options);
      reply.code(201);
      return { hash, name, activeAtMs: atMs, isUnchanged };
    },
  );

  app.get(
    "/v1/admin/catalogs",
    {
      config,
      schema: {
        tags,
        summary: "Which catalog is active when.",
        response: { 200: TimelineSchema, ...PROBLEMS },
      },
    },
    async () => {
      const [{ hash, name }, timeline] = await Promise.all([
        engine.catalogs.active(),
        engine.catalogs.timeline(),
      ]);
      return { active: { hash, name }, timeline: [...timeline] };
    },
  );
}

function addFastForward(app: App, { engine }: RouteContext): void {
  const apply = createApply(engine);
  app.post(
    "/v1/admin/players/:id/fast-forward",
    {
      config,
      schema: {
        tags,
        summary: "Give a player a clock of its own, ahead of the server's (development servers only).",
        params: PlayerParams,
        headers: CommandHeaders,
        body: FastForwardBodySchema,
        response: { 200: FastForwardOutcomeSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const command = { type: "fast-forward", byMs: request.body.byMs } as const;
      const { view, isReplayed } = await apply({ request, reply }, command);
      return { clockOffsetMs: view.state.clockOffsetMs, replayed: isReplayed, queue: queueBody(view) };
    },
  );
}
