/** The store that all instances of a round share: in memory, or DynamoDB over dynalite in a process of its own. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { createDynamoDbTables, openDynamoDbStore } from "../../../src/store/dynamodb/index.js";
import { createMemoryStore } from "../../../src/store/memory/index.js";
import type { RecordWrite, Store, StoredRecord } from "../../../src/ports.js";
import { freePort } from "../../support/free-port.js";
import { startProgram } from "../../store/store-process.js";
import { TEST_CREDENTIALS, TEST_REGION } from "../../store/dynamodb/dynalite-server.js";
import { contentOf } from "../histories/ledger.js";

export interface SharedStores {
  readonly kind: string;
  /** An empty one. `onDurable` is told of a write before anybody sees it, and perhaps again. */
  open(onDurable: (write: RecordWrite) => void): Promise<Store>;
  stop(): Promise<void>;
}

export const memoryStores: SharedStores = {
  kind: "memory",
  open: async () => createMemoryStore(),
  stop: async () => undefined,
};

export async function startDynamoDbStores(): Promise<SharedStores> {
  const program = pathToFileURL(createRequire(import.meta.url).resolve("dynalite/cli.js"));
  // It takes 0 for its usual port.
  const dynalite = startProgram(program, [
    `--port=${await freePort()}`,
    "--host=127.0.0.1",
    "--createTableMs=0",
  ]);
  const line = await dynalite.said((said) => said.includes("listening at"));
  const endpoint = /http:\S+/u.exec(line)?.[0] ?? "";
  let opened = 0;
  return {
    kind: "DynamoDB",
    async open(onDurable) {
      opened += 1;
      const tablePrefix = `round${opened}-`;
      const connection = { endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS, tablePrefix };
      await createDynamoDbTables(connection);
      return watched(await openDynamoDbStore(connection), onDurable);
    },
    stop: async () => dynalite.kill(),
  };
}

/** A commit may be seen by a reader before whoever committed hears of it, or never does. */
function watched(store: Store, onDurable: (write: RecordWrite) => void): Store {
  const pending = new Map<string, RecordWrite>();
  const seen = (record: StoredRecord | null): void => {
    const write = record === null ? undefined : pending.get(contentOf(record));
    if (write !== undefined) onDurable(write);
  };
  return {
    ...store,
    async read(playerIds, options) {
      const records = await store.read(playerIds, options);
      for (const record of records) seen(record);
      return records;
    },
    async commit(writes, options) {
      for (const write of writes) pending.set(contentOf(write.next), write);
      const outcomes = await store.commit(writes, options);
      for (const { next } of writes) pending.delete(contentOf(next));
      return outcomes;
    },
  };
}
