/**
 * The store on Amazon DynamoDB, for any number of servers and players. Loads the AWS SDK, so import it only where the
 * configuration asks for it.
 */
import type { Store } from "../../ports.js";
import { type DynamoDbStoreOptions, openStore } from "./open-store.js";

export type { ConnectionOptions } from "./connect.js";
export {
  type Billing,
  type CreatedTable,
  createDynamoDbTables,
  type CreateTablesOptions,
} from "./create-tables.js";
export type { BatchSettings } from "./history-writes.js";
export type { DynamoDbStoreOptions } from "./open-store.js";
export { MAX_UNSAVED_BYTES, MAX_UNSAVED_EVENTS } from "./prepared-write.js";
export { MAX_PENDING_BYTES, MAX_PENDING_WRITES } from "./records.js";

/**
 * Opens the store on tables that are there already (`createDynamoDbTables` makes them).
 *
 * A commit is one conditional write of one item, sent once and resolved when it is durable. Where its answer is lost, a
 * strong read says whether it happened. Its events lie in the record's item first and go to the history in bulk later;
 * `readEvents` shows both. At most `MAX_UNSAVED_EVENTS` events (or `MAX_UNSAVED_BYTES`) of a player may be on their way;
 * with more a commit waits for them. At most `MAX_PENDING_WRITES` writes (or `MAX_PENDING_BYTES`) wait; more fail with
 * `OVERLOADED`.
 *
 * @throws MainspringError `STORE_UNAVAILABLE` when a table is missing or DynamoDB can't be reached, `CONFIG_INVALID` when
 * the credentials don't allow it, when there is no region, or when a table has other keys
 *
 * @example
 * ```ts
 * import { openDynamoDbStore } from "@mainspring/engine/dynamodb";
 *
 * const store = await openDynamoDbStore({ region: "eu-west-1", pool: { maxConnections: 20 } });
 * const [record] = await store.read(["ada"]);
 * await store.close();
 * ```
 */
export async function openDynamoDbStore(options: DynamoDbStoreOptions = {}): Promise<Store> {
  return openStore(options);
}
