/** Says settings and changes of them in sentences, so that what a confirmation promises is what is sent. */
import type { Layer, LayerSetting, SettingOutline } from "../api/flags.js";
import { wordsOf } from "./layers.js";

const ALL = 100;

/** "on for 10 % of players; always on for ada". Lists of which only the length is known are counted. */
export function settingInWords(
  setting: LayerSetting | SettingOutline,
  { isOfWholeProcess = false }: { readonly isOfWholeProcess?: boolean } = {},
): string {
  const { percent } = setting;
  if (isOfWholeProcess) return percent === 0 ? "off" : "on";
  const [always, never] =
    "players" in setting
      ? [named(setting.players), named(setting.except)]
      : [counted(setting.playerCount), counted(setting.exceptCount)];
  const lists = [
    ...(always === null || percent === ALL ? [] : [`always on for ${always}`]),
    ...(never === null || percent === 0 ? [] : [`always off for ${never}`]),
  ];
  return [shareInWords(percent), ...lists].join("; ");
}

function shareInWords(percent: number): string {
  if (percent === 0) return "off";
  return percent === ALL ? "on for everybody" : `on for ${percentOf(percent)} of players`;
}

export function percentOf(percent: number): string {
  return `${percent.toLocaleString("en-US", { maximumFractionDigits: 2 })} %`;
}

/** Whether some players have it and some don't. */
export function isPartial({ percent, players, except }: LayerSetting): boolean {
  if (percent === 0) return players.length > 0;
  return percent < ALL || except.length > 0;
}

export function isSame(a: LayerSetting, b: LayerSetting): boolean {
  return a.percent === b.percent && isSameList(a.players, b.players) && isSameList(a.except, b.except);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join(" ") === [...b].sort().join(" ");
}

export interface Wish extends LayerSetting {
  readonly isGuarded: boolean;
}

/** What a change does, and to whom. */
export function consequences(name: string, layer: Layer, wish: Wish): readonly string[] {
  const { on, off } = wordsOf(name);
  if (layer.isOfWholeProcess)
    return [`For the whole process, on every instance: ${wish.percent === 0 ? off : on}`, SOON];
  const said = [...shareConsequences(layer, wish, { on, off }), ...listConsequences(wish)];
  if (isPartial(wish)) said.push(wish.isGuarded ? GUARDED : UNGUARDED);
  return [...said, SOON];
}

const SOON = "All instances follow within 2 seconds, and it stays so after a restart.";
const GUARDED =
  "The guard compares players with it to those without. If they fare worse, it takes all of them back within 30 seconds and says why.";
const UNGUARDED = "Nobody watches: if players with it fare worse, it stays as it is until you change it.";

function shareConsequences(
  { percent: before }: LayerSetting,
  { percent }: LayerSetting,
  { on, off }: { readonly on: string; readonly off: string },
): string[] {
  if (percent === ALL) return [`Everybody gets it: ${on}`];
  if (percent === 0) return [`Nobody has it${before === 0 ? "" : " any more"}: ${off}`];
  const share = `${percentOf(percent)} of players get it, always the same ones: ${on}`;
  if (before === 0 || before === ALL) return [share, `All others: ${off}`];
  if (percent > before) return [share, `The ${percentOf(before)} who have it keep it.`];
  if (percent < before)
    return [share, `They are among the ${percentOf(before)} who have it now; the others lose it.`];
  return [share];
}

/** So many are named; of more only the number is told. */
const NAMED = 5;

function listConsequences({ percent, players, except }: LayerSetting): string[] {
  const [always, never] = [named(players), named(except)];
  return [
    ...(always === null || percent === ALL ? [] : [`Always on for ${always}.`]),
    ...(never === null || percent === 0 ? [] : [`Always off for ${never}.`]),
  ];
}

/** `null`: nobody. */
function named(players: readonly string[]): string | null {
  return players.length > NAMED || players.length === 0 ? counted(players.length) : players.join(", ");
}

function counted(count: number): string | null {
  return count === 0 ? null : `${count.toLocaleString("en-US")} player${count === 1 ? "" : "s"}`;
}
