/** `mainspring player`: a player and the queue, for people to read. */
import { MainspringError } from "@mainspring/core";
import type { PlayerBody } from "../http/schemas/player.js";
import type { QueueBody, QueuedTaskBody } from "../http/schemas/queue.js";
import { adminToken, callServer, complaintOf } from "./api-client.js";
import type { Environment } from "./settings.js";

const OK = 200;

export async function showPlayer(
  id: string,
  { url, data }: { readonly url: string; readonly data: string },
  { env, print }: { env: Environment; print: (line: string) => void },
): Promise<void> {
  const token = await adminToken(env, data);
  const get = async (path: string): Promise<unknown> => {
    const answer = await callServer({ url, path, token });
    if (answer.status !== OK) throw new MainspringError("CONFIG_INVALID", complaintOf(answer));
    return answer.body;
  };
  const path = `/v1/players/${encodeURIComponent(id)}`;
  const player = (await get(path)) as PlayerBody;
  const queue = (await get(`${path}/queue`)) as QueueBody;
  for (const line of [...playerLines(player), ...queueLines(queue)]) print(line);
}

function playerLines(player: PlayerBody): string[] {
  const skills = Object.entries(player.skills).filter(([, { xp }]) => xp > 0);
  return [
    `${player.playerId}, revision ${player.revision}, ${new Date(player.serverTimeMs).toISOString()}`,
    row(
      "skills",
      skills.map(([id, { level, xp }]) => `${id} ${level} (${xp} xp)`),
    ),
    row(
      "items",
      Object.entries(player.items).map(([id, amount]) => `${amount} ${id}`),
    ),
    row(
      "stash",
      Object.entries(player.stash).map(([id, amount]) => `${amount} ${id}`),
    ),
    row(
      "equipped",
      Object.entries(player.equipped).map(([slot, item]) => `${slot}: ${item}`),
    ),
  ];
}

function queueLines(queue: QueueBody): string[] {
  const { current, serverTimeMs: nowMs } = queue;
  const reason =
    queue.reason === null ? "" : ` (${queue.reason}${queue.block === null ? "" : ` ${queue.block.subject}`})`;
  return [
    `queue ${queue.status}${reason}${timed(", empty", queue.finishesAtMs, queue.finishesExact, nowMs)}`,
    ...(current === null
      ? []
      : [taskLine(current, timed(", next cycle", current.cycleEndsAtMs, true, nowMs), nowMs)]),
    ...queue.upcoming.map((task) =>
      taskLine(task, timed(", starts", task.startsAtMs, task.startsExact, nowMs), nowMs),
    ),
    ...queue.shortfalls.map(
      ({ taskId, code, subject }) => `  task ${taskId} will miss something: ${code} ${subject}`,
    ),
    ...queue.warnings.map(({ detail, atMs }) => `  ${detail} (${new Date(atMs).toISOString()})`),
  ];
}

type AnyTask = Pick<
  QueuedTaskBody,
  "taskId" | "activity" | "cyclesDone" | "cyclesTotal" | "endsAtMs" | "endsExact"
>;

function taskLine(task: AnyTask, start: string, nowMs: number): string {
  const cycles = `${task.cyclesDone ?? 0} of ${task.cyclesTotal ?? "∞"}`;
  return `  ${task.taskId}  ${task.activity}, ${cycles}${start}${timed(", ends", task.endsAtMs, task.endsExact, nowMs)}`;
}

function timed(word: string, atMs: number | null, isExact: boolean, nowMs: number): string {
  if (atMs === null) return "";
  return `${word} ${isExact ? "" : "about "}${duration(atMs - nowMs)}`;
}

/** In the unit that says most. */
function duration(inMs: number): string {
  if (inMs <= 0) return "now";
  const seconds = inMs / 1_000;
  if (seconds < 120) return `in ${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `in ${minutes} min` : `in ${(minutes / 60).toFixed(1)} h`;
}

function row(name: string, entries: readonly string[]): string {
  return `  ${name.padEnd(9)} ${entries.length === 0 ? "-" : entries.join(", ")}`;
}
