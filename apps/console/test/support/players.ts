/** Players who keep a server busy, now more and now less. */
import type { ConsoleServer } from "./start-server.js";

export interface Crowd {
  /** So many requests at once, each player's after the other. */
  rush(requestCount: number): Promise<void>;
  /** Goes on until it is stopped: waves of reads and commands, and now and then a rush. */
  keepBusy(): { stop(): Promise<void> };
}

const WAVE_MS = 40_000;
const TURN_MS = 100;

/** Requests of a turn: on average, and in a rush. */
const CALM = 20;
const RUSH = 260;

/** One request in so many is a command, and one in so many is wrong. */
const READS_PER_COMMAND = 6;
const REQUESTS_PER_MISTAKE = 240;
const COMMANDS_PER_STOP = 3;

export async function createCrowd(
  server: Pick<ConsoleServer, "url" | "token">,
  playerCount: number,
): Promise<Crowd> {
  const players = await Promise.all(
    Array.from({ length: playerCount }, async (_, index) => {
      const id = `player-${index}`;
      return { id, token: await server.token(id) };
    }),
  );
  let turn = 0;
  const ask = async (): Promise<void> => {
    turn += 1;
    // Commands are of all players, and not of each sixth.
    const player = players[(turn * 7 + Math.floor(turn / READS_PER_COMMAND)) % players.length];
    if (player === undefined) return;
    const response = await fetch(`${server.url}/v1/players/${player.id}/queue${pathOf(turn)}`, {
      ...requestOf(turn),
      headers: { authorization: `Bearer ${player.token}`, "content-type": "application/json" },
    });
    await response.arrayBuffer();
  };
  const rush = async (requestCount: number): Promise<void> => {
    await Promise.all(Array.from({ length: requestCount }, ask));
  };
  return {
    rush,
    keepBusy() {
      const startedAtMs = Date.now();
      const end = new AbortController();
      const turnOver = async (): Promise<void> => {
        const phase = ((Date.now() - startedAtMs) % WAVE_MS) / WAVE_MS;
        const isRush = phase > 0.72 && phase < 0.78;
        await Promise.all([
          rush(isRush ? RUSH : Math.round(CALM * (1 + 0.7 * Math.sin(phase * 2 * Math.PI)))),
          new Promise((resolve) => {
            setTimeout(resolve, TURN_MS);
          }),
        ]);
      };
      const busy = (async () => {
        while (!end.signal.aborted) await turnOver();
      })();
      return {
        async stop() {
          end.abort();
          await busy;
        },
      };
    },
  };
}

function isCommand(turn: number): boolean {
  return turn % READS_PER_COMMAND === 0;
}

/** Now and then a queue is emptied, so that none is ever full. */
function isStop(turn: number): boolean {
  return isCommand(turn) && (turn / READS_PER_COMMAND) % COMMANDS_PER_STOP === 0;
}

function pathOf(turn: number): string {
  if (isStop(turn)) return "/stop";
  return isCommand(turn) ? "/tasks" : "";
}

function requestOf(turn: number): { readonly method: string; readonly body?: string } {
  if (!isCommand(turn)) return { method: "GET" };
  if (isStop(turn)) return { method: "POST", body: "{}" };
  const activity = turn % REQUESTS_PER_MISTAKE === 0 ? "no-such-activity" : "sift-scrapyard";
  return { method: "POST", body: JSON.stringify({ activity, repeat: 2 }) };
}
