/** A player's life at random: commands of every kind, looks, absences, new content, support's gifts, clocks put ahead. */
import { type Command, isMainspringError } from "@mainspring/core";
import type { Engine } from "../../src/engine.js";
import type { ManualClock } from "../../src/testing/index.js";
import type { SeededRandom } from "../store/seeded-random.js";
import { OWN } from "./open-engine.js";

/** What players do, said in numbers that mean something under any of the game's catalogs. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a command may be refused with; anything else is a mistake of the product's. */
const REFUSALS = new Set([
  "TASK_NOT_FOUND",
  "QUEUE_FULL",
  "INSUFFICIENT_ITEMS",
  "INVENTORY_FULL",
  "TASK_TOO_LONG",
  "UNKNOWN_ACTIVITY",
  "TOO_MANY_EFFECTS",
  "VERSION_CONFLICT",
]);

export interface LifeParts {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly random: SeededRandom;
  readonly playerId: string;
}

/** @returns how many commands were applied */
export async function liveAtRandom(parts: LifeParts, steps: number): Promise<number> {
  const { engine, clock, random, playerId } = parts;
  let applied = 0;
  for (let step = 0; step < steps; step += 1) {
    clock.advance(gapMs(random));
    const dice = random.integer(10);
    const own = random.integer(4) > 0 ? OWN : {};
    if (dice < 4) {
      await engine.read(playerId, own);
      continue;
    }
    try {
      const command = commandAtRandom(parts);
      const key =
        random.integer(2) === 0 || command.type === "adjust" ? `key-${random.integer(2 ** 32)}` : undefined;
      await engine.apply(playerId, command, {
        ...own,
        ...(key === undefined ? {} : { key }),
        ...(random.integer(5) === 0 ? { actor: "support", reason: "a gift ⚙" } : {}),
      });
      applied += 1;
    } catch (error) {
      if (!isMainspringError(error) || !REFUSALS.has(error.code)) throw error;
    }
  }
  return applied;
}

function gapMs(random: SeededRandom): number {
  const units = [0, 1, 400, 1_000, 6_000, 60_000, HOUR_MS, DAY_MS, 3 * DAY_MS];
  return Math.floor((units[random.integer(units.length)] ?? 0) * (0.5 + random.fraction()));
}

function commandAtRandom({ clock, random }: LifeParts): Command {
  const task = 1 + random.integer(30);
  const activity = ["mine", "dig", "smelt"][random.integer(3)] ?? "mine";
  switch (random.integer(11)) {
    case 0:
    case 1:
    case 2:
      return { type: "enqueue", tasks: [{ activity, repeat: 1 + random.integer(200) }] };
    case 3:
      return {
        type: "enqueue",
        tasks: [
          {
            activity,
            until: { items: { ore: 1 + random.integer(90) }, skills: { mining: 1 + random.integer(9) } },
          },
          { activity: "smelt", repeat: null, onBlocked: "skip", position: random.integer(3) },
        ],
      };
    case 4:
      return { type: "cancel", task };
    case 5:
      return { type: "move", task, before: random.integer(2) === 0 ? null : 1 + random.integer(30) };
    case 6:
      return { type: random.integer(2) === 0 ? "pause" : "resume" };
    case 7:
      return random.integer(6) === 0 ? { type: "stop" } : { type: "resume" };
    case 8:
      return random.integer(3) === 0
        ? { type: "fast-forward", byMs: 1 + random.integer(HOUR_MS) }
        : { type: "claim-stash" };
    default:
      return {
        type: "adjust",
        adjust: {
          items: { ore: random.integer(20) - 5, bar: random.integer(3) - 1 },
          xp: { mining: random.integer(50) },
          atMost: true,
          ...(random.integer(3) === 0
            ? {
                effects: [
                  { stat: "speed", add: 0.25, kind: "harvest", untilMs: clock.nowMs() + 20 * DAY_MS },
                ],
              }
            : {}),
        },
      };
  }
}
