/** `@mainspring/engine/redis`: the second tier of the cache, on Redis or Valkey. The client is loaded with it, and nowhere else. */
export { openRedis } from "./open-redis.js";
export type { RedisAddress, RedisOptions } from "./redis-options.js";
