/** The connection pool, for the DynamoDB store and for whoever uses the AWS SDK beside it. */
export { type ConnectionPool, createConnectionPool, type WarmOptions } from "./connection-pool.js";
export { createPlainHandler, type PlainHandlerOptions } from "./plain-handler.js";
export { failureCauseOf, mayHaveHappened } from "./pool-errors.js";
export type { ConnectionPoolOptions } from "./pool-options.js";
export type { CloseCause, ConnectionUsage, FailureCause, PoolStats, WaitStats } from "./pool-stats.js";
