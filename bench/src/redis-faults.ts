/** A Redis to which things happen: it is killed, started again, hung, and emptied. */
import { once } from "node:events";
import { Redis } from "ioredis";
import { startRedis } from "./redis-server.js";
import type { RowContext } from "./row.js";

export interface FaultyRedis {
  readonly port: number;
  /** `kill -9` */
  kill(): Promise<void>;
  /** Again on the same port, with nothing in it. */
  start(): Promise<void>;
  /** It accepts connections and requests, and answers nothing. */
  hang(): Promise<void>;
  goOn(): Promise<void>;
  flush(): Promise<void>;
}

export async function startFaultyRedis(context: RowContext): Promise<FaultyRedis> {
  let server = await startRedis(context, { appendfsync: "off" });
  const { port } = server;
  return {
    port,
    async kill() {
      server.signal("SIGKILL");
      await server.closed;
    },
    async start() {
      server = await startRedis(context, { appendfsync: "off", port });
    },
    hang: async () => server.signal("SIGSTOP"),
    goOn: async () => server.signal("SIGCONT"),
    async flush() {
      const redis = new Redis({ port, lazyConnect: true });
      await redis.connect();
      await redis.flushall();
      redis.disconnect();
      await once(redis, "end");
    },
  };
}
