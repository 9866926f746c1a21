/**
 * The channel on which instances tell each other what changed: a connection of its own, opened anew whenever it is lost or
 * says nothing.
 */
import { Redis } from "ioredis";
import type { RemoteListener } from "../remote.js";
import { systemTimers } from "../../system-timers.js";
import { parseAnnouncement } from "./announcement-codec.js";
import { connectionSettings, retryDelayMs } from "./connection-settings.js";
import type { Connection } from "./connect.js";
import type { RedisOptions } from "./redis-options.js";

/** So often it is asked whether it is still there; mute, it is given up. */
const PING_MS = 1_000;

export interface ChannelOptions {
  readonly options: RedisOptions;
  readonly connection: Connection;
  /** The channel that everybody hears. */
  readonly changes: string;
  /** The channel for this instance alone. */
  readonly echoes: string;
  readonly listener: RemoteListener;
}

/** Returns how to close it. */
export function openChannel({ options, connection, changes, echoes, listener }: ChannelOptions): () => void {
  const settings = connectionSettings(options);
  let isClosed = false;
  let isListening = false;
  let lostCount = 0;
  let redis: Redis | null = null;
  let callOff: () => void = () => undefined;

  const hear = (name: string, message: string) => {
    if (isClosed) return;
    if (name === echoes) {
      listener.onEcho(Number(message));
      return;
    }
    const announcement = parseAnnouncement(message);
    if (announcement !== null) listener.onAnnouncement(announcement);
  };
  const keepAsking = (to: Redis) => {
    callOff = systemTimers.after(PING_MS, () => {
      // A missing answer makes the connection end by itself.
      to.ping().catch(() => undefined);
      keepAsking(to);
    });
  };
  const lost = () => {
    callOff();
    if (isClosed) return;
    lostCount += 1;
    if (isListening) listener.onListening(false);
    isListening = false;
    callOff = systemTimers.after(retryDelayMs(lostCount), open);
  };
  const subscribe = async (to: Redis) => {
    try {
      await to.connect();
      await to.subscribe(changes, echoes);
    } catch (error) {
      connection.outages.failed(error);
      // Its end follows, and then the next try.
      to.disconnect();
      return;
    }
    if (isClosed || redis !== to) return;
    lostCount = 0;
    isListening = true;
    keepAsking(to);
    listener.onListening(true);
  };
  function open(): void {
    const to = new Redis({ ...settings, ...connection.pickAddress(), retryStrategy: null });
    redis = to;
    to.on("error", (error) => connection.outages.failed(error));
    to.on("message", hear);
    to.once("end", lost);
    void subscribe(to);
  }
  open();
  return () => {
    isClosed = true;
    callOff();
    const last = redis as { readonly stream?: Redis["stream"] } | null;
    redis?.disconnect();
    last?.stream?.destroy();
  };
}
