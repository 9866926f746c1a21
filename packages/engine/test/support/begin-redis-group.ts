/** A Redis that caches trust at once. */
import { openRedis, type RedisOptions } from "../../src/cache/redis/index.js";
import { beginGroup } from "../../src/testing/index.js";

/** Says to a Redis that has just been started that no instance was there before. */
export async function beginRedisGroup(options: RedisOptions): Promise<void> {
  const remote = await openRedis(options);
  await beginGroup(remote);
  await remote.close();
}
