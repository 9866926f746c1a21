/** The pool in its place: under the AWS SDK, before a server that speaks DynamoDB's protocol. */
import { once } from "node:events";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPlainHandler } from "../../src/pool/plain-handler.js";
import { createManualTimers } from "./manual-timers.js";
import { createConnectionPool } from "../../src/pool/connection-pool.js";

const TableName = "players";

/** It has no types of its own. */
const dynalite = createRequire(import.meta.url)("dynalite") as (options: { createTableMs: number }) => Server;

async function openDynalite(): Promise<URL> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function clientWith(
  requestHandler: NonNullable<ConstructorParameters<typeof DynamoDBClient>[0]>["requestHandler"],
  endpoint: URL,
) {
  return new DynamoDBClient({
    endpoint: endpoint.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    ...(requestHandler === undefined ? {} : { requestHandler }),
  });
}

async function createTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.01 }, { TableName });
}

async function putAndGet(client: DynamoDBClient): Promise<unknown> {
  const Item = { id: { S: "player-1" }, bytes: { B: Uint8Array.from([0, 1, 255]) } };
  await client.send(new PutItemCommand({ TableName, Item }));
  const { Item: found } = await client.send(
    new GetItemCommand({ TableName, Key: { id: { S: "player-1" } } }),
  );
  return found;
}

describe("Under the AWS SDK", () => {
  it("the pool carries commands and the errors of the database, and its checks are understood", async () => {
    const endpoint = await openDynalite();
    const timers = createManualTimers();
    const pool = createConnectionPool({ timers });
    await pool.warm({ endpoint });
    const client = clientWith(pool, endpoint);
    await createTable(client);
    expect(await putAndGet(client)).toEqual({
      id: { S: "player-1" },
      bytes: { B: Uint8Array.from([0, 1, 255]) },
    });
    await expect(
      client.send(new GetItemCommand({ TableName: "no-such-table", Key: { id: { S: "a" } } })),
    ).rejects.toThrow(/not found/i);
    timers.advance(10_000);
    await putAndGet(client);
    expect(pool.stats().checks).toBeGreaterThan(0);
    expect(pool.stats().closed.dead).toBe(0);
    await pool.close();
    await expect(putAndGet(client)).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
  });

  it("the plain handler does the same with the SDK's own means", async () => {
    const endpoint = await openDynalite();
    const client = clientWith(createPlainHandler(), endpoint);
    await createTable(client);
    expect(await putAndGet(client)).toMatchObject({ id: { S: "player-1" } });
    client.destroy();
  });
});
