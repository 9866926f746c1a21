/** Where rows about memory have their server: on the embedded store with the cache's first tier, and on DynamoDB with the cache on Redis. */
import { join } from "node:path";
import { startRedis } from "./redis-server.js";
import type { RowContext } from "./row.js";
import type { ServeQuestion } from "./serve-mainspring.js";
import { startSide } from "./sides/side.js";

export interface Place {
  readonly name: string;
  /** For one server. The next one finds an empty store, or the players of the one before. */
  readonly open: () => Pick<ServeQuestion, "store" | "cache">;
}

export function lmdbPlace({ folder }: RowContext): Place {
  let count = 0;
  return {
    name: "LMDB with the cache's first tier",
    open() {
      count += 1;
      const store = { kind: "lmdb", folder: join(folder, `server-${count}`) } as const;
      return { store, cache: { redisPort: null, isBatched: false } };
    },
  };
}

/** Database and Redis are shared by all servers of the place, one after the other. */
export async function dynamoDbPlace(context: RowContext): Promise<Place> {
  const database = startSide<null, string>(context, "dynalite-server");
  const endpoint = await database.ask(null);
  const redis = await startRedis(context, { appendfsync: "off" });
  return {
    name: "DynamoDB (dynalite) with the cache on Redis",
    open: () => ({
      store: { kind: "dynamodb", endpoint },
      cache: { redisPort: redis.port, isBatched: false },
    }),
  };
}
