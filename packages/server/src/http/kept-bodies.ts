/** The answers that are kept: what is asked for again and again, by the end of its address. */
import { createKeptJson, type KeptJson } from "./kept-json.js";
import { playerBody } from "./views/player-view.js";
import { progressBody, queueBody } from "./views/queue-view.js";

export interface KeptBodies {
  readonly player: KeptJson;
  readonly queue: KeptJson;
  readonly progress: KeptJson;
}

export function createKeptBodies(): KeptBodies {
  return {
    player: createKeptJson(playerBody),
    queue: createKeptJson(queueBody),
    progress: createKeptJson(progressBody),
  };
}
