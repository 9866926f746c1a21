/** The second tier on Redis or Valkey: each call of the port is one script, on one key. */
import { performance } from "node:perf_hooks";
import {
  FLOOR_LIFE_MS,
  GROUP_LIFE_MS,
  MAX_RECENT,
  type Remote,
  type RemoteValue,
  type Subject,
} from "../remote.js";
import { createServerTime, type ServerTime } from "../server-time.js";
import { announcementTail } from "./announcement-codec.js";
import { beatAnswerFrom, lookFrom, stampFrom } from "./answers.js";
import { openChannel } from "./channel.js";
import { checkRedisOptions } from "./check-redis-options.js";
import { type Connection, createConnection } from "./connect.js";
import { reasonOf, unavailable } from "./redis-errors.js";
import type { RedisOptions } from "./redis-options.js";
import { BEAT, LEAVE } from "./scripts/beat.js";
import { DROP } from "./scripts/drop.js";
import { FILL } from "./scripts/fill.js";
import { LOOK } from "./scripts/look.js";
import { PUT } from "./scripts/put.js";
import { PUT_NEXT } from "./scripts/put-next.js";
import type { Script } from "./scripts/script.js";

const DEFAULT_KEY_PREFIX = "mainspring:";

/** A list of who was active that nobody adds to ends after so long. 7 days. */
const RECENT_LIFE_MS = 604_800_000;

/** Players that are remembered with one command. */
const MAX_NOTED_AT_ONCE = 1_000;

type Argument = string | number | Buffer;

/**
 * Opens Redis or Valkey, 6.2 or newer. Also resolves when it is away: calls fail until it is there.
 * @throws MainspringError `CONFIG_INVALID` for options that can't be meant
 */
export async function openRedis(options: RedisOptions = {}): Promise<Remote> {
  checkRedisOptions(options);
  const connection = createConnection(options, [LOOK, PUT, PUT_NEXT, FILL, DROP, BEAT, LEAVE]);
  await connection.connect();
  const tier = tierOver(connection, options.keyPrefix ?? DEFAULT_KEY_PREFIX);
  return { ...valueCalls(tier), ...memberCalls(tier, options), ...recentCalls(tier) };
}

/** What all calls need. */
interface Tier {
  readonly connection: Connection;
  readonly serverTime: ServerTime;
  /** The servers that the last beat's answer came from: of others its word doesn't count. */
  readonly trusted: { topology: string | null };
  readonly keyPrefix: string;
  /** The channel that everybody hears. */
  readonly changes: string;
  readonly keyOf: (subject: Subject) => string;
  /** Asks, with the names of the servers that will answer. */
  readonly call: <T>(ask: (topology: string) => Promise<T>) => Promise<T>;
  readonly run: (script: Script, key: string, args: readonly Argument[]) => Promise<unknown>;
}

function tierOver(connection: Connection, keyPrefix: string): Tier {
  const serverTime = createServerTime(() => performance.now());
  let lastTopology = "";
  return {
    connection,
    serverTime,
    trusted: { topology: null },
    keyPrefix,
    changes: `${keyPrefix}changes`,
    keyOf: ({ group, key }) => `${keyPrefix}${group}:${key}`,
    async call(ask) {
      const topology = connection.topology();
      if (topology === null) throw unavailable("NOT_CONNECTED");
      // What another server said of the time counts no more.
      if (topology !== lastTopology) serverTime.forget();
      lastTopology = topology;
      try {
        return await ask(topology);
      } catch (error) {
        throw unavailable(reasonOf(error));
      }
    },
    async run({ name }, key, args) {
      // Commands made of scripts are known to the client by name only.
      const commands = connection.client as unknown as Record<
        string,
        (...given: Argument[]) => Promise<unknown>
      >;
      return commands[`${name}Buffer`]?.(key, ...args);
    },
  };
}

function valueCalls(tier: Tier): Pick<Remote, "look" | "put" | "putNext" | "fill" | "drop"> {
  const { call, run, keyOf, changes, serverTime } = tier;
  return {
    look: (requests) =>
      call((topology) =>
        tier.connection.together(() =>
          Promise.all(
            requests.map(async ({ subject, namespace, atLeast, trustedSinceMs, maxAgeMs, lease }) => {
              // A lease is good for the servers that gave it, and for no others.
              const token = lease === null ? "" : `${lease.token}@${topology}`;
              const isTrusted = trustedSinceMs !== null && topology === tier.trusted.topology;
              const asked = [isTrusted ? trustedSinceMs : -1, maxAgeMs, token, lease?.forMs ?? 0];
              const answer = await run(LOOK, keyOf(subject), [namespace, ...numbersOf(atLeast), ...asked]);
              return lookFrom(answer);
            }),
          ),
        ),
      ),
    put: ({ subject, namespace, value, ageMs, sender, note }) =>
      call(async () => {
        const currentAtMs = Math.max(0, serverTime.atLeastMs() - ageMs);
        const told = [changes, announcementTail(sender, subject, note)];
        const stored = [
          ...numbersOf(value.stamp),
          currentAtMs,
          value.ttlMs,
          FLOOR_LIFE_MS,
          ...bytesOf(value),
        ];
        return (await run(PUT, keyOf(subject), [namespace, ...stored, ...told])) === 1;
      }),
    putNext: ({ subject, namespace, bytes, ttlMs, newerThan, withinMs, sender }) =>
      call(async () => {
        const atLeastMs = serverTime.atLeastMs();
        const untilMs = atLeastMs === 0 ? 0 : atLeastMs + withinMs;
        const told = [untilMs, changes, announcementTail(sender, subject, "")];
        const stored = [...numbersOf(newerThan), ttlMs, FLOOR_LIFE_MS, ...bytesOf({ bytes })];
        return stampFrom(await run(PUT_NEXT, keyOf(subject), [namespace, ...stored, ...told]));
      }),
    fill: ({ subject, namespace, value, ageMs, token }) =>
      call(async (topology) => {
        const currentAtMs = ageMs === null ? -1 : Math.max(0, serverTime.atLeastMs() - ageMs);
        const stored = [
          ...numbersOf(value.stamp),
          currentAtMs,
          value.ttlMs,
          FLOOR_LIFE_MS,
          ...bytesOf(value),
        ];
        return (await run(FILL, keyOf(subject), [namespace, `${token}@${topology}`, ...stored])) === 1;
      }),
    drop: ({ subject, upTo, floor, sender }) =>
      call(async () => {
        const stamps = [upTo, floor].flatMap<Argument>((stamp) =>
          stamp === null ? ["", ""] : numbersOf(stamp),
        );
        const told = [changes, announcementTail(sender, subject, "")];
        await run(DROP, keyOf(subject), [...stamps, FLOOR_LIFE_MS, ...told]);
      }),
  };
}

function memberCalls(
  { connection, call, run, keyPrefix, changes, serverTime, trusted }: Tier,
  options: RedisOptions,
): Pick<Remote, "beat" | "leave" | "listen" | "close"> {
  const members = `${keyPrefix}members`;
  const echoesOf = (member: string) => `${keyPrefix}echo:${member}`;
  /** The server that answered the last beat. */
  let lastRunId = "";
  let closeChannel: () => void = () => undefined;
  return {
    beat: ({ member, sequence, beat, isDistrusting, silentAfterMs, forgetAfterMs }) =>
      call(async (topology) => {
        const sentAtMs = serverTime.atLeastMs();
        const limits = [silentAfterMs, forgetAfterMs];
        const lifeMs = Math.max(forgetAfterMs, GROUP_LIFE_MS);
        const told = [topology, echoesOf(member), isDistrusting ? 1 : 0, lifeMs, sentAtMs, lastRunId];
        const said = [member, sequence, beat, ...limits, ...told];
        const { answer, runId } = beatAnswerFrom(await run(BEAT, members, said));
        lastRunId = runId;
        // A clock of another server says nothing about this one's.
        if (connection.topology() === topology) {
          serverTime.heard(answer.nowMs);
          trusted.topology = topology;
        }
        return answer;
      }),
    leave: ({ member, sequence }) =>
      call(async () => {
        await run(LEAVE, members, [member, sequence]);
      }),
    listen(member, listener) {
      closeChannel = openChannel({ options, connection, changes, echoes: echoesOf(member), listener });
    },
    async close() {
      closeChannel();
      connection.close();
    },
  };
}

function recentCalls({
  connection: { client },
  call,
  keyPrefix,
}: Tier): Pick<Remote, "noteRecent" | "readRecent"> {
  const recent = `${keyPrefix}recent`;
  return {
    noteRecent: (players) =>
      call(async () => {
        for (let from = 0; from < players.length; from += MAX_NOTED_AT_ONCE) {
          const noted = players.slice(from, from + MAX_NOTED_AT_ONCE);
          const scored = noted.flatMap(({ key, atMs }) => [atMs, key]);
          await client.zadd(recent, "GT", ...scored);
          await client.pexpire(recent, RECENT_LIFE_MS);
          await client.zremrangebyrank(recent, 0, -(MAX_RECENT + 1));
        }
      }),
    readRecent: (limit) => call(async () => (limit < 1 ? [] : client.zrevrange(recent, 0, limit - 1))),
  };
}

function numbersOf({ incarnation, version }: RemoteValue["stamp"]): [incarnation: number, version: number] {
  return [incarnation, version];
}

/** Whether there is none, and the bytes. */
function bytesOf({ bytes }: Pick<RemoteValue, "bytes">): [isAbsent: number, bytes: Buffer] {
  if (bytes === null) return [1, Buffer.alloc(0)];
  return [0, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
}
