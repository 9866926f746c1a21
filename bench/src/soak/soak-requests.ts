/** What is asked in a soak, drawn by chance: mostly looks at queues, some commands, and what doesn't get far. Everything is prepared bytes. */
import { randomUUID } from "node:crypto";
import { SHORT_ACTIVITY } from "./soak-catalog.js";

/** How a request meets the server. `kept`: on a connection that stays. `new`: on one of its own. `dropped`: its sender is gone at once. `half`: it never arrives in full. */
export type Manner = "kept" | "new" | "dropped" | "half";

export interface SoakRequest {
  readonly manner: Manner;
  readonly bytes: Buffer;
}

export interface SoakRequestsPlan {
  readonly host: string;
  /** By player; the last is an operator's. */
  readonly tokens: readonly string[];
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Who is asked for and never was: so many ids, so that to know that they are not there has an end, too. */
const STRANGERS = 1_000;

/** Of a hundred requests. */
const MANNERS: readonly (readonly [Manner, number])[] = [
  ["new", 5],
  ["dropped", 3],
  ["half", 1],
  ["kept", 91],
];

/** So many players, the first ones, command, each with a key: the others only look. What a record remembers of keys is full the sooner. */
export const COMMANDING_SHARE = 0.1;

type Make = (draw: Draw) => Buffer;

interface Draw {
  readonly host: string;
  readonly token: string;
  readonly playerId: string;
  readonly operatorToken: string;
  readonly number: number;
  readonly key: string;
}

const read =
  (what: string): Make =>
  ({ host, token, playerId }) =>
    bytesOf({ host, method: "GET", path: `/v1/players/${playerId}${what}`, token });

function command(path: string, body: object = {}): Make {
  const make: Make = ({ host, token, playerId, key }) =>
    bytesOf({ host, method: "POST", path: `/v1/players/${playerId}${path}`, token, key, body });
  COMMANDS.add(make);
  return make;
}

const COMMANDS = new Set<Make>();

/** Of a hundred requests. */
const DEEDS: readonly (readonly [Make, number])[] = [
  [read("/queue"), 45],
  [read("/progress"), 15],
  [read(""), 12],
  [read("/stats"), 10],
  [read("/events?after=0"), 2],
  // It goes first, and has ended when the player is next heard of.
  [command("/queue/tasks", { activity: SHORT_ACTIVITY, position: 0 }), 4],
  [command("/queue/resume"), 1],
  // Refused: there is no such item to put on.
  [command("/equip", { slot: "tool", item: "gear" }), 1],
  [
    ({ host, operatorToken, number }) =>
      bytesOf({
        host,
        method: "GET",
        path: `/v1/players/nobody-${number % STRANGERS}/queue`,
        token: operatorToken,
      }),
    3,
  ],
  [
    ({ host, operatorToken, playerId }) =>
      bytesOf({ host, method: "GET", path: `/v1/players/${playerId}/stats`, token: operatorToken }),
    3,
  ],
  [
    ({ host, playerId, number }) =>
      bytesOf({ host, method: "GET", path: `/v1/players/${playerId}`, token: `forged.${number}` }),
    1,
  ],
  [({ host }) => bytesOf({ host, method: "GET", path: "/healthz", token: "" }), 2],
  [
    ({ host, operatorToken }) =>
      bytesOf({ host, method: "GET", path: "/v1/admin/performance", token: operatorToken }),
    1,
  ],
];

/** Draws a request at each call. */
export function createSoakRequests({ host, tokens, random }: SoakRequestsPlan): () => SoakRequest {
  const operatorToken = tokens.at(-1) ?? "";
  let number = 0;
  return () => {
    number += 1;
    const make = pick(DEEDS, random());
    const player = Math.floor(random() * (tokens.length - 1) * (COMMANDS.has(make) ? COMMANDING_SHARE : 1));
    const bytes = make({
      host,
      token: tokens[player] ?? "",
      playerId: `player-${player}`,
      operatorToken,
      number,
      key: randomUUID(),
    });
    return { manner: pick(MANNERS, random()), bytes };
  };
}

/** What a number from 0 to 1 falls on, of shares that sum up to 100. */
function pick<T>(choices: readonly (readonly [T, number])[], at: number): T {
  let left = at * 100;
  for (const [choice, share] of choices) {
    left -= share;
    if (left < 0) return choice;
  }
  throw new Error("The shares don't sum up to 100.");
}

function bytesOf(request: {
  readonly host: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token: string;
  readonly key?: string;
  readonly body?: object;
}): Buffer {
  const { host, method, path, token, key, body } = request;
  const json = body === undefined ? "" : JSON.stringify(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${token}`,
    ...(key === undefined ? [] : [`idempotency-key: ${key}`]),
    ...(body === undefined
      ? []
      : ["content-type: application/json", `content-length: ${Buffer.byteLength(json)}`]),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${json}`, "utf8");
}
