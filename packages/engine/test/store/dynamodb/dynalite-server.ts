/** A server that speaks DynamoDB's protocol, for tests: one for each file, a prefix of its own for each fixture. */
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import {
  createDynamoDbTables,
  type DynamoDbStoreOptions,
  openDynamoDbStore,
} from "../../../src/store/dynamodb/index.js";
import type { Store } from "../../../src/ports.js";

export const TEST_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
export const TEST_REGION = "eu-west-1";

export interface DynaliteServer {
  readonly endpoint: string;
  readonly port: number;
  /** How to reach it, for whatever takes the options of a connection. */
  readonly connection: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: typeof TEST_CREDENTIALS;
  };
  /** Makes tables under a prefix that nobody else has. */
  newTables(): Promise<string>;
  /** Opens a store on tables of its own, or on those of a prefix. */
  openStore(options?: DynamoDbStoreOptions): Promise<Store>;
  /** A bare client, for what the store does not do. */
  client(): DynamoDBClient;
  stop(): Promise<void>;
}

let prefixCount = 0;

export async function startDynalite(): Promise<DynaliteServer> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const connection = { endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS };
  const clients: DynamoDBClient[] = [];
  const newTables = async (): Promise<string> => {
    prefixCount += 1;
    const tablePrefix = `test${prefixCount}-`;
    await createDynamoDbTables({ ...connection, tablePrefix });
    return tablePrefix;
  };
  return {
    endpoint,
    port,
    connection,
    newTables,
    async openStore(options = {}) {
      const tablePrefix = options.tablePrefix ?? (await newTables());
      return openDynamoDbStore({ ...connection, ...options, tablePrefix });
    },
    client() {
      const client = new DynamoDBClient(connection);
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
