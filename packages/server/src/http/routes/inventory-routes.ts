/** Commands on what a player has: equipment, the stash, and adjustments by the game's own servers. */
import { type Command, MainspringError } from "@mainspring/core";
import type { App, RouteContext } from "../app.js";
import { type Apply, createApply } from "../command-options.js";
import { bodyOrNothing } from "../optional-body.js";
import {
  AdjustBodySchema,
  ClaimBodySchema,
  EquipBodySchema,
  PlayerOutcomeSchema,
} from "../schemas/commands.js";
import { CommandHeaders, PlayerParams, PROBLEMS } from "../schemas/common.js";
import { adjustRequest } from "../task-requests.js";
import { playerOutcome } from "../views/command-view.js";

const tags = ["inventory"];

const common = {
  params: PlayerParams,
  headers: CommandHeaders,
  response: { 200: PlayerOutcomeSchema, ...PROBLEMS },
} as const;

export function addInventoryRoutes(app: App, { engine }: RouteContext): void {
  const apply = createApply(engine);
  addAdjust(app, apply);

  app.post(
    "/v1/players/:id/equip",
    {
      config: { access: "player" },
      schema: {
        tags,
        summary: "Put an item into its slot, or empty the slot.",
        ...common,
        body: EquipBodySchema,
      },
    },
    async (request, reply) => {
      const { slot, item } = request.body;
      return playerOutcome(await apply({ request, reply }, { type: "equip", slot, item }));
    },
  );

  app.post(
    "/v1/players/:id/stash/claim",
    {
      config: { access: "player" },
      schema: {
        tags,
        summary: "Move what fits from the stash to the items.",
        ...common,
        body: ClaimBodySchema,
      },
      preValidation: bodyOrNothing,
    },
    async (request, reply) => {
      const { items } = request.body;
      const command: Command = { type: "claim-stash", ...(items === undefined ? {} : { items }) };
      return playerOutcome(await apply({ request, reply }, command));
    },
  );
}

function addAdjust(app: App, apply: Apply): void {
  app.post(
    "/v1/players/:id/adjust",
    {
      config: { access: "admin" },
      schema: {
        tags,
        summary:
          "Put items, xp and timed effects in, or take them out: all or nothing, once per Idempotency-Key.",
        ...common,
        body: AdjustBodySchema,
      },
    },
    async (request, reply) => {
      if (request.headers["idempotency-key"] === undefined) {
        throw new MainspringError(
          "INVALID_REQUEST",
          "adjust needs an Idempotency-Key, so that a repeat can't pay twice.",
        );
      }
      const { reason, ...adjust } = request.body;
      const command: Command = { type: "adjust", adjust: adjustRequest(adjust) };
      return playerOutcome(await apply({ request, reply }, command, reason));
    },
  );
}
