/** Settings of every connection: nothing waits without a bound, nothing is sent twice by the client, nothing is kept for later. */
import type { RedisOptions as ClientOptions } from "ioredis";
import type { RedisOptions } from "./redis-options.js";

export const DEFAULT_CONNECT_TIMEOUT_MS = 1_000;

/** The last resort: whoever asks gives up long before. Longer than this process may be late itself: its timers come before its sockets. */
const COMMAND_TIMEOUT_MS = 2_500;

/** A connection on which something was asked, and that has been mute for so long, is opened anew. */
const MUTE_CONNECTION_MS = 3_000;

/** A dead connection with nothing to say is found out by the operating system. */
const KEEP_ALIVE_MS = 10_000;

/** A server that doesn't say goodbye isn't waited for. */
const GOODBYE_MS = 100;

const FIRST_RETRY_MS = 50;

const MAX_RETRY_MS = 1_000;

export type ConnectionSettings = Omit<ClientOptions, "replyMapping">;

export function connectionSettings(options: RedisOptions): ConnectionSettings {
  const { username, password, tls = false, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  return {
    // Which kind of answer means what is the same on every server that we support.
    protocol: 2,
    connectTimeout: connectTimeoutMs,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: MUTE_CONNECTION_MS,
    disconnectTimeout: GOODBYE_MS,
    keepAlive: KEEP_ALIVE_MS,
    enableOfflineQueue: false,
    // Which server it is is asked at once, which tells as much.
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A primary that was demoted: its name may lead to the new one by now.
    reconnectOnError: (error) => error.message.includes("READONLY"),
    disableClientInfo: true,
    lazyConnect: true,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== false && { tls: tls === true ? {} : { ca: tls.ca } }),
  };
}

/** Longer with every try, up to a bound; not all at once when many lost the same server. @param tryCount from 1 */
export function retryDelayMs(tryCount: number): number {
  const longest = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tryCount - 1, 10));
  return Math.round(longest * (0.5 + Math.random() / 2));
}
