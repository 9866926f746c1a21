/** `mainspring flags`: shows the switches of a running server's layers, and turns them. */
import { MainspringError } from "@mainspring/core";
import type { FlagsView, LayerSetting, LayerView } from "@mainspring/engine";
import { adminToken, callServer, complaintOf } from "./api-client.js";
import type { Environment } from "./settings.js";

export interface FlagsSettings {
  readonly url: string;
  readonly data: string;
  readonly json?: boolean;
}

export interface SetFlagSettings extends FlagsSettings {
  readonly percent?: number;
  readonly players?: readonly string[];
  readonly except?: readonly string[];
  /** `--no-guarded` makes it false. */
  readonly guarded: boolean;
  readonly reason?: string;
}

export interface ResetFlagSettings extends FlagsSettings {
  readonly reason?: string;
}

interface World {
  readonly env: Environment;
  readonly print: (line: string) => void;
}

/** @throws MainspringError `CONFIG_INVALID` with what a refusal says */
export async function showFlags(settings: FlagsSettings, world: World): Promise<void> {
  await ask({ method: "GET", path: "" }, settings, world);
}

/** What isn't said is none: no share, no players. @throws MainspringError `CONFIG_INVALID` with what a refusal says */
export async function setFlag(layer: string, settings: SetFlagSettings, world: World): Promise<void> {
  const { percent, players = [], except = [], guarded: isGuarded, reason } = settings;
  if (percent === undefined && players.length === 0) {
    throw new MainspringError("CONFIG_INVALID", "Say for whom: --percent 10, --players ada,bob, or both.");
  }
  const body = { percent: percent ?? 0, players, except, isGuarded, ...(reason !== undefined && { reason }) };
  await ask({ method: "PUT", path: `/${encodeURIComponent(layer)}`, body }, settings, world);
}

/** @throws MainspringError `CONFIG_INVALID` with what a refusal says */
export async function resetFlag(layer: string, settings: ResetFlagSettings, world: World): Promise<void> {
  const { reason } = settings;
  const body = reason === undefined ? {} : { reason };
  await ask({ method: "DELETE", path: `/${encodeURIComponent(layer)}`, body }, settings, world);
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

const OK = 200;

async function ask(
  { method, path, body }: Question,
  settings: FlagsSettings,
  { env, print }: World,
): Promise<void> {
  const { url, data, json = false } = settings;
  const answer = await callServer({
    url,
    method,
    path: `/v1/admin/flags${path}`,
    token: await adminToken(env, data),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status !== OK) throw new MainspringError("CONFIG_INVALID", complaintOf(answer));
  const view = answer.body as FlagsView;
  if (json) print(JSON.stringify(view, null, 2));
  else for (const line of tableOf(view)) print(line);
}

const COLUMNS = ["layer", "on for", "since (UTC)", "by", "reason"] as const;

function tableOf({ layers, reverts }: FlagsView): readonly string[] {
  const rows = Object.entries(layers).map(([layer, view]) => [
    layer,
    whom(view),
    since(view),
    view.changedBy ?? "configuration",
    view.reason ?? "",
  ]);
  const widths = COLUMNS.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const body = Object.entries(layers).flatMap(([, view], index) => [
    lineOf(rows[index] ?? []),
    ...remarks(view),
  ]);
  const told = reverts === 0 ? [] : [`The guard of this instance has taken back ${reverts} change(s).`];
  return [lineOf(COLUMNS), ...body, ...told];
}

function whom({ percent, players, except, isBuiltIn }: LayerView): string {
  if (!isBuiltIn) return "not built in";
  const share = percent === 100 ? "everybody" : percent === 0 ? "nobody" : `${percent} %`;
  return [share, listed("and", players), listed("not", except)].filter((part) => part !== "").join(" ");
}

/** So many are told by name. */
const NAMED = 3;

function listed(word: string, ids: LayerSetting["players"]): string {
  if (ids.length === 0) return "";
  return ids.length > NAMED ? `${word} ${ids.length} players` : `${word} ${ids.join(", ")}`;
}

function since({ changedAtMs }: LayerView): string {
  return changedAtMs === null ? "" : new Date(changedAtMs).toISOString().slice(0, 19).replace("T", " ");
}

function remarks({ isBuiltIn, notBuiltInBecause, isGuarded, arms }: LayerView): readonly string[] {
  const why = isBuiltIn ? [] : [`  ${notBuiltInBecause ?? ""}`];
  if (arms === null) return why;
  const told = (["on", "off"] as const).map((side) => {
    const { requests, errors, wrong, p50Ms, p99Ms } = arms[side];
    const times =
      p50Ms === null || p99Ms === null
        ? ""
        : `, p50 ${p50Ms.toPrecision(2)} ms, p99 ${p99Ms.toPrecision(2)} ms`;
    return `  ${side.padEnd(3)} ${requests} requests in 30 s, ${errors} errors, ${wrong} wrong${times}`;
  });
  return [...why, ...told, ...(isGuarded ? [] : ["  not guarded"])];
}
