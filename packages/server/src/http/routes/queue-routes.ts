/** Commands on a player's queue. */
import type { App, RouteContext } from "../app.js";
import { type Apply, createApply } from "../command-options.js";
import {
  EnqueueBodySchema,
  EnqueueOutcomeSchema,
  MoveBodySchema,
  NoBodySchema,
  OrderBodySchema,
  QueueOutcomeSchema,
} from "../schemas/commands.js";
import { CommandHeaders, PlayerParams, PROBLEMS, TaskParams } from "../schemas/common.js";
import { bodyOrNothing } from "../optional-body.js";
import { integersOf } from "../strict-integers.js";
import { taskRequests } from "../task-requests.js";
import { enqueueOutcome, queueOutcome } from "../views/command-view.js";

const config = { access: "player" } as const;
const tags = ["queue"];
const headers = CommandHeaders;

export function addQueueRoutes(app: App, { engine }: RouteContext): void {
  const apply = createApply(engine);
  addEnqueue(app, apply);
  addTaskCommands(app, apply);

  app.put(
    "/v1/players/:id/queue/order",
    {
      config,
      schema: {
        tags,
        summary: "Put the queue in another order. Tasks that have ended meanwhile are ignored.",
        params: PlayerParams,
        headers,
        body: OrderBodySchema,
        response: { 200: QueueOutcomeSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const command = { type: "reorder", tasks: request.body.taskIds } as const;
      return queueOutcome(await apply({ request, reply }, command));
    },
  );

  for (const type of ["pause", "resume", "stop"] as const) {
    app.post(
      `/v1/players/:id/queue/${type}`,
      {
        config,
        schema: {
          tags,
          summary: SUMMARIES[type],
          params: PlayerParams,
          headers,
          body: NoBodySchema,
          response: { 200: QueueOutcomeSchema, ...PROBLEMS },
        },
        preValidation: bodyOrNothing,
      },
      async (request, reply) => queueOutcome(await apply({ request, reply }, { type })),
    );
  }
}

const SUMMARIES = {
  pause: "Pause the queue. The cycle in flight keeps its elapsed time.",
  resume: "Go on after a pause.",
  stop: "End all tasks. The cycle in flight gives its inputs back.",
} as const;

function addEnqueue(app: App, apply: Apply): void {
  app.post(
    "/v1/players/:id/queue/tasks",
    {
      config,
      schema: {
        tags,
        summary: "Queue a task, or several: all or none.",
        params: PlayerParams,
        headers,
        body: EnqueueBodySchema,
        response: { 201: EnqueueOutcomeSchema, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const isBatch = "tasks" in body;
      const tasks = isBatch ? body.tasks : [body];
      const outcome = await apply({ request, reply }, { type: "enqueue", tasks: taskRequests(tasks) });
      reply.code(201);
      return enqueueOutcome(outcome, { tasks, isBatch });
    },
  );
}

function addTaskCommands(app: App, apply: Apply): void {
  app.delete(
    "/v1/players/:id/queue/tasks/:taskId",
    {
      config,
      schema: {
        tags,
        summary: "Cancel a task. The cycle in flight gives its inputs back.",
        params: TaskParams,
        headers,
        body: NoBodySchema,
        response: { 200: QueueOutcomeSchema, ...PROBLEMS },
      },
      preValidation: [integersOf("params", ["taskId"]), bodyOrNothing],
    },
    async (request, reply) =>
      queueOutcome(await apply({ request, reply }, { type: "cancel", task: request.params.taskId })),
  );

  app.post(
    "/v1/players/:id/queue/tasks/:taskId/move",
    {
      config,
      schema: {
        tags,
        summary: "Move a task to just before another, or to the end.",
        params: TaskParams,
        headers,
        body: MoveBodySchema,
        response: { 200: QueueOutcomeSchema, ...PROBLEMS },
      },
      preValidation: integersOf("params", ["taskId"]),
    },
    async (request, reply) => {
      const command = { type: "move", task: request.params.taskId, before: request.body.before } as const;
      return queueOutcome(await apply({ request, reply }, command));
    },
  );
}
