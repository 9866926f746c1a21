/** Checks of what a layer is to be set to. */
import { MainspringError } from "@mainspring/core";
import type { SetFlag } from "./flags.js";
import {
  isLayer,
  type Layer,
  LAYERS,
  type LayerSetting,
  MAX_LISTED_PLAYERS,
  WHOLE_PROCESS_LAYERS,
} from "./layers.js";
import { PLAYER_ID } from "../player-ids.js";
import { servesAnybody } from "./reach.js";

const MAX_BY_LENGTH = 128;
const MAX_REASON_LENGTH = 512;

/** @throws MainspringError `INVALID_REQUEST` */
export function checkLayer(name: string): asserts name is Layer {
  if (!isLayer(name))
    throw invalid(
      `There is no layer ${JSON.stringify(name.slice(0, 64))}: it is one of ${LAYERS.join(", ")}.`,
    );
}

/** @throws MainspringError `INVALID_REQUEST` */
export function checkChange({ by, reason = "" }: Pick<SetFlag, "by" | "reason">): void {
  if (by.length === 0 || by.length > MAX_BY_LENGTH)
    throw invalid(`"by" has 1 to ${MAX_BY_LENGTH} characters.`);
  if (reason.length > MAX_REASON_LENGTH)
    throw invalid(`"reason" has at most ${MAX_REASON_LENGTH} characters.`);
}

/** @throws MainspringError `INVALID_REQUEST` */
export function checkSetting(layer: Layer, setting: LayerSetting): void {
  const { percent, players, except } = setting;
  const hundredths = percent * 100;
  if (!(percent >= 0 && percent <= 100) || Math.abs(hundredths - Math.round(hundredths)) > 1e-6) {
    throw invalid(`"percent" is a number from 0 to 100 with two decimals at most, not ${percent}.`);
  }
  checkList("players", players);
  checkList("except", except);
  const listed = new Set(players);
  const both = except.find((playerId) => listed.has(playerId));
  if (both !== undefined) throw invalid(`${both} is in "players" and in "except": choose one.`);
  if (!WHOLE_PROCESS_LAYERS.has(layer)) return;
  if ((percent !== 0 && percent !== 100) || players.length + except.length > 0) {
    throw invalid(
      `There is one ${layer} for the whole process: "percent" is 0 or 100, without lists. To try it with a share of the players, start some instances with it.`,
    );
  }
}

/** @throws MainspringError `LAYER_NOT_BUILT_IN` */
export function checkBuiltIn(layer: Layer, setting: LayerSetting, because: string | undefined): void {
  if (because === undefined || !servesAnybody(setting)) return;
  throw new MainspringError("LAYER_NOT_BUILT_IN", `${layer} can't be switched on here. ${because}`, {
    layer,
  });
}

function checkList(name: string, ids: readonly string[]): void {
  if (ids.length > MAX_LISTED_PLAYERS) throw invalid(`"${name}" has ${MAX_LISTED_PLAYERS} players at most.`);
  const wrong = ids.find((id) => !PLAYER_ID.test(id));
  if (wrong !== undefined) {
    throw invalid(
      `"${name}": ${JSON.stringify(wrong.slice(0, 80))} is no player id: 1 to 64 of A-Z a-z 0-9 . _ : @ | -`,
    );
  }
  if (new Set(ids).size !== ids.length) throw invalid(`"${name}" has a player twice.`);
}

function invalid(message: string): MainspringError {
  return new MainspringError("INVALID_REQUEST", message);
}
