/** The copy-ready commands that a development server prints: a first task for a first player, and a token for the console. */
import type { Activity, Catalog } from "@mainspring/core";
import { resolve } from "node:path";
import { DEFAULT_PORT } from "../config/serve-schema.js";

/** Enough to see something happen, few enough to see it end. */
const FIRST_REPEATS = 3;

/** The command for a server at this address with this data folder; `null` if a newcomer can start nothing. */
export function firstCommand(catalog: Catalog, { url, data }: { url: string; data: string }): string | null {
  const activity = firstActivity(catalog);
  if (activity === null) return null;
  const body = JSON.stringify({ activity: activity.id, repeat: FIRST_REPEATS });
  const flags = [...(url === `http://127.0.0.1:${DEFAULT_PORT}` ? [] : ["--url", url]), ...dataFlag(data)];
  return ["npx mainspring call POST /v1/players/ada/queue/tasks", `'${body}'`, "--as ada", ...flags].join(
    " ",
  );
}

/** The command that prints a token for the console. */
export function tokenCommand(data: string): string {
  return ["npx mainspring token --player ops --admin", ...dataFlag(data)].join(" ");
}

function dataFlag(data: string): readonly string[] {
  return resolve(data) === resolve("data") ? [] : ["--data", quoted(resolve(data))];
}

/** What a newcomer can start at once: the first such activity of the catalog. */
function firstActivity(catalog: Catalog): Activity | null {
  const { items, equipped } = catalog.newPlayer;
  const hasItems = (wanted: Activity["takes"]): boolean =>
    wanted.every(([id, amount]) => (items.find(([item]) => item === id)?.[1] ?? 0) >= amount);
  const tagsIn = (slot: string): ReadonlySet<string> =>
    catalog.items.get(equipped.find(([at]) => at === slot)?.[1] ?? "")?.tags ?? new Set();
  // In the order in which their author wrote them: the first ones are meant for beginners.
  for (const [id, source] of Object.entries(catalog.source.activities)) {
    const activity = catalog.activities.get(id);
    if (activity === undefined || source.hidden === true || source.available !== undefined) continue;
    const { skills, equipped: tools, items: needed } = activity.requires;
    const canStart =
      skills.every(([, level]) => level <= 1) &&
      tools.every(([slot, tag]) => tagsIn(slot).has(tag)) &&
      hasItems(needed) &&
      activity.takes.length === 0;
    if (canStart) return activity;
  }
  return null;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
