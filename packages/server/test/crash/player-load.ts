/** One player under load: sends commands one after the other, and remembers what was answered, shown, and left open. */
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
  return { done: [], taskIds: [], open: null, shown: null, events: [], sent: 0 };
}

/** Sends a request; `null` if no answer came. */
export async function send(
  url: string,
  authorization: string,
  { method, path, body, key }: Request,
): Promise<{ status: number; body: never } | null> {
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization,
        "idempotency-key": key,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  } catch {
    return null;
  }
}

/** Reads something; `null` if no answer came. */
export async function get<T>(url: string, authorization: string, path: string): Promise<T | null> {
  try {
    const response = await fetch(url + path, { headers: { authorization } });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
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
  const answer = await send(url, request.type === "adjust" ? load.admin : load.own, request);
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

/** Commands and looks until the server, or its store, is gone. */
export async function play(url: string, load: Load): Promise<void> {
  const path = `/v1/players/${load.playerId}`;
  for (;;) {
    if (load.random(3) === 0) {
      const shown = await get<NonNullable<Told["shown"]>>(url, load.own, path);
      if (shown === null) return;
      load.told.shown = shown;
    }
    if (!(await command(url, load, nextRequest(load)))) return;
  }
}
