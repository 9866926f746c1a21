/**
 * One player under load: sends commands one after the other, to any of the servers, and remembers what was answered, shown, and left
 * open. No answer may show less than one before.
 */
import type { createRandom } from "./random.js";

export interface Request {
  readonly key: string;
  readonly type: "enqueue" | "cancel" | "pause" | "resume" | "adjust";
  readonly method: string;
  readonly path: string;
  readonly body: object | null;
  /** Of a cancel. */
  readonly taskId?: number;
}

/** What a player was told so far. */
export interface Told {
  /** Commands that were answered with success: each must be there, once. */
  readonly done: Request[];
  /** Numbers of the tasks that were queued. */
  readonly taskIds: number[];
  /** The command whose answer never came. */
  open: Request | null;
  /** The last player that was shown. */
  shown: { readonly version: number; readonly items: object; readonly stash: object } | null;
  /** Of the answers so far the last `Player-Version`: what the session has seen. */
  seen: string | null;
  /** The events that were shown. */
  events: readonly object[];
  sent: number;
}

export interface Load {
  readonly playerId: string;
  readonly told: Told;
  readonly random: ReturnType<typeof createRandom>;
  /** Authorization headers: the player's own, and an operator's. */
  readonly own: string;
  readonly admin: string;
}

export function createTold(): Told {
  return { done: [], taskIds: [], open: null, shown: null, seen: null, events: [], sent: 0 };
}

/** Sends a request; `null` if no answer came. */
async function send(
  url: string,
  load: Load,
  { method, path, body, key }: Request,
): Promise<{ status: number; body: never } | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: path.endsWith("/adjust") ? load.admin : load.own,
        "idempotency-key": key,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as never;
    see(load, response, `${method} ${path}`);
    return { status: response.status, body: answer };
  } catch (error) {
    if (error instanceof ShownLess) throw error;
    return null;
  }
}

export interface Look {
  readonly path: string;
  /** Default: as the player. */
  readonly authorization?: string;
}

/** Reads something at least as new as the session has seen; `null` if no answer came, or the server has nothing to show now. */
export async function look<T>(
  url: string,
  load: Load,
  { path, authorization = load.own }: Look,
): Promise<T | null> {
  const { seen } = load.told;
  try {
    const response = await fetch(url + path, {
      headers: { authorization, ...(seen !== null && { "player-at-least": seen }) },
    });
    const answer = (await response.json()) as T;
    // What was seen isn't there any more.
    if (response.status === 409) throw new ShownLess(`GET ${path}: ${JSON.stringify(answer)}`);
    if (!response.ok) return null;
    see(load, response, `GET ${path}`);
    return answer;
  } catch (error) {
    if (error instanceof ShownLess) throw error;
    return null;
  }
}

class ShownLess extends Error {}

/** Notes which content an answer shows. */
function see({ told, playerId }: Load, { headers }: Response, what: string): void {
  const version = headers.get("player-version");
  if (version === null) return;
  const [shown, seen] = [numbersOf(version), numbersOf(told.seen ?? "0.0")];
  const difference = shown.incarnation - seen.incarnation || shown.version - seen.version;
  if (difference < 0) {
    throw new ShownLess(`${playerId} has seen ${told.seen}, and now ${what} shows ${version}.`);
  }
  told.seen = version;
}

function numbersOf(text: string): { incarnation: number; version: number } {
  const [incarnation = 0, version = 0] = text.split(".").map(Number);
  return { incarnation, version };
}

function nextRequest({ playerId, told, random }: Load): Request {
  told.sent += 1;
  const key = `${playerId}-${told.sent}`;
  const base = `/v1/players/${playerId}`;
  const choice = random(10);
  if (choice < 5) {
    const body = {
      activity: random(2) === 0 ? "mine" : "smelt",
      repeat: 1 + random(4),
      onBlocked: random(3) === 0 ? "wait" : "skip",
      position: random(3),
    };
    return { key, type: "enqueue", method: "POST", path: `${base}/queue/tasks`, body };
  }
  if (choice < 7) {
    const taskId = told.taskIds[told.taskIds.length - 1 - random(3)] ?? 1;
    return {
      key,
      type: "cancel",
      method: "DELETE",
      path: `${base}/queue/tasks/${taskId}`,
      body: null,
      taskId,
    };
  }
  if (choice < 8)
    return {
      key,
      type: "adjust",
      method: "POST",
      path: `${base}/adjust`,
      body: { items: { ore: 1 + random(5) }, reason: key },
    };
  const type = choice === 8 ? "pause" : "resume";
  return { key, type, method: "POST", path: `${base}/queue/${type}`, body: null };
}

/** Nobody knows whether it happened: the store did not answer. A repeat with the same key finds out. */
const UNKNOWN_STATUS = 503;

/** Sends a command, new or left open, and notes the answer. `false` if none came, or none that says what became of it. */
export async function command(url: string, load: Load, request: Request): Promise<boolean> {
  const { told } = load;
  const answer = await send(url, load, request);
  if (answer === null || answer.status === UNKNOWN_STATUS) {
    told.open = request;
    return false;
  }
  told.open = null;
  if (answer.status >= 500)
    throw new Error(`${request.type} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  if (answer.status >= 400) return true;
  told.done.push(request);
  const { task } = answer.body as { task?: { taskId: number } };
  if (request.type === "enqueue" && task !== undefined) told.taskIds.push(task.taskId);
  return true;
}

export interface Playing {
  readonly urls: readonly string[];
  readonly isOver: () => boolean;
}

/**
 * Commands and looks, at any of the servers. One that doesn't answer, or whose store is gone, is left alone; what was left open there is
 * sent again to another. Ends when it is over, or there is no server left.
 */
export async function play(load: Load, { urls, isOver }: Playing): Promise<void> {
  const path = `/v1/players/${load.playerId}`;
  const { told, random } = load;
  const alive = [...urls];
  while (!isOver()) {
    const index = random(alive.length);
    const url = alive[index];
    if (url === undefined) return;
    let isAnswered: boolean;
    if (told.open === null && random(3) === 0) {
      const shown = await look<NonNullable<Told["shown"]>>(url, load, { path });
      isAnswered = shown !== null;
      if (shown !== null) told.shown = shown;
    } else isAnswered = await command(url, load, told.open ?? nextRequest(load));
    if (!isAnswered) alive.splice(index, 1);
  }
}
