/** Makes the tables that are missing, and looks whether those that are there are the right ones. */
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";
import { createBackoff } from "./backoff.js";
import { connect, type ConnectionOptions } from "./connect.js";
import { type Call, createDatabase, type Database } from "./database.js";
import { holdingTimers } from "../../system-timers.js";
import { DEFAULT_TABLE_PREFIX, isTablePrefix, type TableDefinition, TABLES } from "./tables.js";

/** A table that is not active after so long is waited for no more: 5 minutes. */
const MAX_WAIT_MS = 300_000;
/** A table of AWS takes seconds, one of a local server none: the pauses between looks grow up to this. */
const MAX_PAUSE_MS = 1_000;
const FIRST_PAUSE_MS = 10;

const DEFINITIONS: readonly TableDefinition[] = Object.values(TABLES);

/** `on-demand`: pay for each request. Or capacity that is paid for whether it is used or not. */
export type Billing = "on-demand" | { readonly readUnits: number; readonly writeUnits: number };

export interface CreateTablesOptions extends ConnectionOptions {
  /** Default: `mainspring-` */
  readonly tablePrefix?: string;
  /** Of the tables that are made. Default: `on-demand` */
  readonly billing?: Billing;
  readonly timers?: Timers;
}

export interface CreatedTable {
  readonly name: string;
  readonly outcome: "created" | "existed";
  /** Whether the server clears away what has expired. `unsupported` by some that only speak its protocol; left out where nothing expires. */
  readonly timeToLive?: "enabled" | "unsupported";
}

/**
 * Makes the tables of the store, where they are missing, and waits until they can be used. A repeat changes nothing.
 *
 * @throws MainspringError `CONFIG_INVALID` for a table of the same name with other keys, and for credentials that don't allow
 * it; `STORE_UNAVAILABLE`
 *
 * @example
 * ```ts
 * import { createDynamoDbTables } from "@mainspring/engine/dynamodb";
 *
 * for (const { name, outcome } of await createDynamoDbTables({ region: "eu-west-1" })) console.log(name, outcome);
 * ```
 */
export async function createDynamoDbTables(
  options: CreateTablesOptions = {},
): Promise<readonly CreatedTable[]> {
  const { tablePrefix = DEFAULT_TABLE_PREFIX, billing = "on-demand", timers = holdingTimers } = options;
  assertTablePrefix(tablePrefix);
  const connection = connect(options);
  try {
    const { clientOf, requestTimeoutMs } = connection;
    const client = clientOf(null);
    const backoff = createBackoff({ timers, random: Math.random });
    const database = createDatabase({ clientOf, playerTables: new Set(), timers, backoff, requestTimeoutMs });
    const created: CreatedTable[] = [];
    for (const definition of DEFINITIONS) {
      const name = tablePrefix + definition.name;
      const outcome = await ensureTable({ client, database, timers }, { name, definition, billing });
      const { expiryAttribute } = definition;
      created.push({
        name,
        outcome,
        ...(expiryAttribute !== undefined && {
          timeToLive: await ensureTimeToLive({ client, database }, { name, attribute: expiryAttribute }),
        }),
      });
    }
    return created;
  } finally {
    await connection.close();
  }
}

/**
 * @throws MainspringError `STORE_UNAVAILABLE` for a table that is missing or not active, `CONFIG_INVALID` for one with other
 * keys
 */
export async function assertTables({ client, database }: Tools, tablePrefix: string): Promise<void> {
  assertTablePrefix(tablePrefix);
  await Promise.all(
    DEFINITIONS.map(async (definition) => {
      const name = tablePrefix + definition.name;
      const table = await describe({ client, database }, name);
      if (table === null) {
        throw new MainspringError(
          "STORE_UNAVAILABLE",
          `The table ${name} is missing: run \`mainspring dynamodb create-tables\`, or check region and table prefix.`,
        );
      }
      assertKeys(table, { name, definition });
      const { TableStatus: status = "" } = table;
      if (status === "ACTIVE" || status === "UPDATING") return;
      throw new MainspringError(
        "STORE_UNAVAILABLE",
        `The table ${name} is ${status.toLowerCase()}: wait until it is active.`,
      );
    }),
  );
}

function assertTablePrefix(tablePrefix: string): void {
  if (isTablePrefix(tablePrefix)) return;
  throw new MainspringError("CONFIG_INVALID", "A table prefix is up to 200 of A-Z a-z 0-9 . _ -");
}

interface Tools {
  readonly client: DynamoDBClient;
  readonly database: Database;
}

interface NamedTable {
  readonly name: string;
  readonly definition: TableDefinition;
}

async function ensureTable(
  { client, database, timers }: Tools & { readonly timers: Timers },
  { name, definition, billing }: NamedTable & { readonly billing: Billing },
): Promise<CreatedTable["outcome"]> {
  const isMissing = (await describe({ client, database }, name)) === null;
  if (isMissing) await create({ client, database }, { name, definition, billing });
  const untilMs = timers.nowMs() + MAX_WAIT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2)) {
    const table = await describe({ client, database }, name);
    if (table !== null) {
      assertKeys(table, { name, definition });
      if (table.TableStatus === "ACTIVE") return isMissing ? "created" : "existed";
    }
    if (timers.nowMs() >= untilMs) {
      throw new MainspringError("STORE_UNAVAILABLE", `The table ${name} does not become active.`);
    }
    await new Promise<void>((resolve) => {
      timers.after(pauseMs, resolve);
    });
  }
}

async function create(
  { client, database }: Tools,
  { name, definition, billing }: NamedTable & { readonly billing: Billing },
): Promise<void> {
  const { partitionKey, sortKey } = definition;
  const keys = [partitionKey, ...(sortKey === undefined ? [] : [sortKey])];
  const command = new CreateTableCommand({
    TableName: name,
    AttributeDefinitions: keys.map(({ attribute, type }) => ({
      AttributeName: attribute,
      AttributeType: type,
    })),
    KeySchema: keys.map(({ attribute }, index) => ({
      AttributeName: attribute,
      KeyType: index === 0 ? "HASH" : "RANGE",
    })),
    ...(billing === "on-demand"
      ? { BillingMode: "PAY_PER_REQUEST" }
      : {
          BillingMode: "PROVISIONED",
          ProvisionedThroughput: {
            ReadCapacityUnits: billing.readUnits,
            WriteCapacityUnits: billing.writeUnits,
          },
        }),
  });
  const call: Call = { what: `The table ${name} can't be made` };
  const send = async (options: { readonly abortSignal: AbortSignal }): Promise<object> => {
    try {
      return await client.send(command, options);
    } catch (error) {
      // Someone else makes it at this moment, or a try before did.
      if (error instanceof ResourceInUseException) return {};
      throw error;
    }
  };
  await database.ask("CreateTable", send, call);
}

async function describe({ client, database }: Tools, name: string): Promise<TableDescription | null> {
  const command = new DescribeTableCommand({ TableName: name });
  const send = async (options: {
    readonly abortSignal: AbortSignal;
  }): Promise<{ readonly Table?: TableDescription | undefined }> => {
    try {
      return await client.send(command, options);
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return {};
      throw error;
    }
  };
  const { Table: table } = await database.ask("DescribeTable", send, {
    what: `The table ${name} can't be looked at`,
  });
  return table ?? null;
}

function assertKeys(table: TableDescription, { name, definition }: NamedTable): void {
  const { partitionKey, sortKey } = definition;
  const expected = [`${partitionKey.attribute} HASH`, ...(sortKey ? [`${sortKey.attribute} RANGE`] : [])];
  const found = (table.KeySchema ?? []).map((key) => `${key.AttributeName} ${key.KeyType}`);
  const types = new Map(table.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]));
  const isSame =
    expected.length === found.length &&
    expected.every((key) => found.includes(key)) &&
    [partitionKey, ...(sortKey ? [sortKey] : [])].every(
      ({ attribute, type }) => types.get(attribute) === type,
    );
  if (isSame) return;
  throw new MainspringError(
    "CONFIG_INVALID",
    `The table ${name} has other keys (${found.join(", ")}) than Mainspring's (${expected.join(", ")}): choose another table prefix.`,
  );
}

async function ensureTimeToLive(
  { client, database }: Tools,
  { name, attribute }: { readonly name: string; readonly attribute: string },
): Promise<NonNullable<CreatedTable["timeToLive"]>> {
  const call: Call = { what: `Time to live can't be set on the table ${name}` };
  const look = new DescribeTimeToLiveCommand({ TableName: name });
  const set = new UpdateTimeToLiveCommand({
    TableName: name,
    TimeToLiveSpecification: { AttributeName: attribute, Enabled: true },
  });
  const supported = async <Answer extends object>(
    operation: string,
    send: (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer | { readonly isUnknown: true }> =>
    database.ask(
      operation,
      async (options) => {
        try {
          return await send(options);
        } catch (cause) {
          if (cause instanceof Error && cause.name.startsWith("UnknownOperation")) return { isUnknown: true };
          throw cause;
        }
      },
      call,
    );
  const now = await supported("DescribeTimeToLive", async (options) => client.send(look, options));
  if ("TimeToLiveDescription" in now) {
    const { AttributeName: current, TimeToLiveStatus: status = "" } = now.TimeToLiveDescription ?? {};
    if (current === attribute && status.startsWith("ENABL")) return "enabled";
  }
  const done = await supported("UpdateTimeToLive", async (options) => client.send(set, options));
  return "isUnknown" in done ? "unsupported" : "enabled";
}
