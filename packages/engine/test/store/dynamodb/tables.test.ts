/** Tables: made once, looked at before they are used, and never taken for what they are not. */
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoDbTables, openDynamoDbStore } from "../../../src/store/dynamodb/index.js";
import { tableNames, TABLES } from "../../../src/store/dynamodb/tables.js";
import { type DynaliteServer, startDynalite, TEST_CREDENTIALS, TEST_REGION } from "./dynalite-server.js";

let server: DynaliteServer;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(async () => server.stop());

describe("the tables", () => {
  it("are made where they are missing, and left alone where they are there", async () => {
    const options = { ...server.connection, tablePrefix: "made-" };
    const made = await createDynamoDbTables(options);
    expect(made).toEqual([
      { name: "made-players", outcome: "created" },
      { name: "made-history", outcome: "created", timeToLive: "unsupported" },
      { name: "made-content", outcome: "created" },
    ]);
    const again = await createDynamoDbTables({ ...options, billing: { readUnits: 1, writeUnits: 1 } });
    expect(again.map(({ outcome }) => outcome)).toEqual(["existed", "existed", "existed"]);
  });

  it("can be made by several at once", async () => {
    const options = { ...server.connection, tablePrefix: "at-once-" };
    const made = await Promise.all([1, 2, 3].map(async () => createDynamoDbTables(options)));
    expect(made.map((tables) => tables.length)).toEqual([3, 3, 3]);
  });

  it("that have other keys are refused, by what makes them and by what opens them", async () => {
    await server.client().send(
      new CreateTableCommand({
        TableName: "other-players",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    const options = { ...server.connection, tablePrefix: "other-" };
    await expect(createDynamoDbTables(options)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/other-players has other keys \(id HASH\)/) as string,
    });
    await expect(openDynamoDbStore(options)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("that are missing keep the store from opening, with what to do", async () => {
    await expect(openDynamoDbStore({ ...server.connection, tablePrefix: "nowhere-" })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("mainspring dynamodb create-tables") as string,
    });
  });

  it("have a prefix that makes a name of a table", async () => {
    for (const tablePrefix of ["a b", "ü", "x".repeat(201)]) {
      await expect(createDynamoDbTables({ ...server.connection, tablePrefix })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
      await expect(openDynamoDbStore({ ...server.connection, tablePrefix })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
    }
  });

  it("are described as plain data, by one attribute or two each", () => {
    expect(tableNames("my-")).toEqual({
      players: "my-players",
      history: "my-history",
      content: "my-content",
    });
    expect(tableNames().players).toBe("mainspring-players");
    expect(JSON.parse(JSON.stringify(TABLES))).toEqual(TABLES);
  });
});

describe("a server that can't be reached, or doesn't let us in,", () => {
  it("keeps the store from opening, with what to look at", async () => {
    const options = { region: TEST_REGION, credentials: TEST_CREDENTIALS, random: () => 0 };
    await expect(openDynamoDbStore({ ...options, endpoint: "http://127.0.0.1:1" })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("Check the endpoint") as string,
    });
    await expect(
      openDynamoDbStore({
        ...server.connection,
        credentials: () => {
          throw Object.assign(new Error("profile top-secret"), { name: "CredentialsProviderError" });
        },
        random: () => 0,
      }),
    ).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.not.stringContaining("top-secret") as string,
    });
  });
});

interface Asked {
  readonly operation: string;
  readonly body: Record<string, unknown>;
}

/** A server that has what dynalite lacks: it says what it was asked, and that all is well. */
async function startStub(): Promise<{
  readonly endpoint: string;
  readonly asked: Asked[];
  stop(): Promise<void>;
}> {
  const asked: Asked[] = [];
  const made = new Map<string, Record<string, unknown>>();
  const stub = createServer((incoming, outgoing) => {
    let text = "";
    incoming.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    incoming.on("end", () => {
      const operation = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
      const body = JSON.parse(text) as Record<string, unknown>;
      asked.push({ operation, body });
      const name = String(body["TableName"]);
      if (operation === "CreateTable") made.set(name, body);
      const isMissing = operation === "DescribeTable" && !made.has(name);
      outgoing.writeHead(isMissing ? 400 : 200, { "content-type": "application/x-amz-json-1.0" });
      const table = { ...made.get(name), TableStatus: "ACTIVE" };
      const answers: Record<string, object> = {
        DescribeTable: { Table: table },
        DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } },
      };
      const missing = { __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" };
      outgoing.end(JSON.stringify(isMissing ? missing : (answers[operation] ?? {})));
    });
  });
  await new Promise<void>((resolve) => {
    stub.listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(stub.address() as AddressInfo).port}`,
    asked,
    async stop() {
      stub.closeAllConnections();
      await new Promise<void>((resolve) => {
        stub.close(() => resolve());
      });
    },
  };
}

describe("on a server that clears away what has expired, the tables", () => {
  it("are made with capacity as asked for, and time to live on the history alone", async () => {
    const stub = await startStub();
    const made = await createDynamoDbTables({
      endpoint: stub.endpoint,
      region: TEST_REGION,
      credentials: TEST_CREDENTIALS,
      billing: { readUnits: 7, writeUnits: 9 },
    });
    await stub.stop();
    expect(made.map(({ timeToLive }) => timeToLive)).toEqual([undefined, "enabled", undefined]);
    const of = (operation: string) => stub.asked.filter((one) => one.operation === operation);
    expect(of("UpdateTimeToLive").map(({ body }) => body)).toEqual([
      { TableName: "mainspring-history", TimeToLiveSpecification: { AttributeName: "x", Enabled: true } },
    ]);
    const created = of("CreateTable").map(({ body }) => body);
    expect(created.map((body) => body["ProvisionedThroughput"])).toEqual(
      Array.from({ length: 3 }, () => ({ ReadCapacityUnits: 7, WriteCapacityUnits: 9 })),
    );
    expect(created.some((body) => "GlobalSecondaryIndexes" in body)).toBe(false);
  });
});
