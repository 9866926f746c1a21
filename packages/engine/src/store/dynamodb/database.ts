/**
 * Requests to DynamoDB: each with a deadline and counted. `once` sends a request a single time, for writes whose repeat would
 * need a look first; everything else is tried again, with growing pauses, a bounded number of times.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type ConsumedCapacity,
  type DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  type KeysAndAttributes,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { MainspringError } from "@mainspring/core";
import type { Timers } from "../../ports.js";
import type { Backoff } from "./backoff.js";
import { failureOf } from "./errors.js";
import type { Item } from "./item-size.js";

/** An idempotent request is sent so many times at most. */
export const MAX_TRIES = 8;

/** A BatchGetItem carries so many keys at most. */
const MAX_BATCH_KEYS = 100;

export interface DatabaseCounts {
  readonly requests: Record<string, number>;
  readUnits: number;
  writeUnits: number;
  retries: number;
  throttles: number;
}

export interface Call {
  /** What it is for, as the start of a sentence: "The record can't be read". */
  readonly what: string;
}

export interface Database {
  readonly counts: DatabaseCounts;
  get(input: GetItemCommandInput, call: Call): Promise<Item | null>;
  /** Items of one table by their keys, each asked for once. Those that don't exist are missing from the answer. */
  getMany(input: ManyKeys, call: Call): Promise<readonly Item[]>;
  query(input: QueryCommandInput, call: Call): Promise<QueryCommandOutput>;
  scan(input: ScanCommandInput, call: Call): Promise<ScanCommandOutput>;
  /** Puts an item whose repeat changes nothing. */
  put(input: PutItemCommandInput, call: Call): Promise<void>;
  /** @throws what the SDK throws: whoever asks looks at it with `failureOf` */
  updateOnce(input: UpdateItemCommandInput): Promise<void>;
  /** @throws what the SDK throws */
  putOnce(input: PutItemCommandInput): Promise<void>;
  /** Puts items of one table. @returns those that were left unprocessed @throws what the SDK throws */
  putManyOnce(table: string, items: readonly Item[]): Promise<readonly Item[]>;
  /** Any other request: tables and their settings. */
  ask<Answer extends object>(operation: string, send: Send<Answer>, call: Call): Promise<Answer>;
}

export interface ManyKeys {
  readonly table: string;
  readonly keys: readonly Item[];
  readonly isConsistent: boolean;
}

type Send<Answer> = (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>;

interface Capacity {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] | undefined;
}

export interface DatabaseOptions {
  /** What a request of a player is sent with, or one that is no player's (`null`). */
  readonly clientOf: (playerId: string | null) => Pick<DynamoDBClient, "send">;
  /** Tables whose partition keys are players' ids. */
  readonly playerTables: ReadonlySet<string>;
  /** To be counted in. Default: counts of its own */
  readonly counts?: DatabaseCounts;
  readonly timers: Timers;
  readonly backoff: Backoff;
  /** All that a request may take. */
  readonly requestTimeoutMs: number;
}

export function createDatabase(options: DatabaseOptions): Database {
  const clientFor = (table: string | undefined, item: Item | undefined): Pick<DynamoDBClient, "send"> =>
    options.clientOf(playerOf(options, table, item));
  const { counts = { requests: {}, readUnits: 0, writeUnits: 0, retries: 0, throttles: 0 } } = options;
  const sender = createSender(options, counts);
  const { once, tried } = sender;
  const counted = { ReturnConsumedCapacity: "TOTAL" } as const;
  return {
    counts,
    async get(input, call) {
      const command = new GetItemCommand({ ...input, ...counted });
      const client = clientFor(input.TableName, input.Key);
      const { Item: item } = await tried("GetItem", async (more) => client.send(command, more), call);
      return item ?? null;
    },
    getMany: async (input, call) => getMany(options, sender, input, call),
    async query(input, call) {
      const command = new QueryCommand({ ...input, ...counted });
      const client = clientFor(input.TableName, { p: input.ExpressionAttributeValues?.[":p"] ?? NOBODY });
      return tried("Query", async (more) => client.send(command, more), call);
    },
    async scan(input, call) {
      const command = new ScanCommand({ ...input, ...counted });
      const client = options.clientOf(null);
      return tried("Scan", async (more) => client.send(command, more), call);
    },
    async put(input, call) {
      const command = new PutItemCommand({ ...input, ...counted });
      const client = clientFor(input.TableName, input.Item);
      await tried("PutItem", async (more) => client.send(command, more), call);
    },
    async updateOnce(input) {
      const command = new UpdateItemCommand({ ...input, ...counted });
      const client = clientFor(input.TableName, input.Key);
      await once("UpdateItem", async (more) => client.send(command, more));
    },
    async putOnce(input) {
      const command = new PutItemCommand({ ...input, ...counted });
      const client = clientFor(input.TableName, input.Item);
      await once("PutItem", async (more) => client.send(command, more));
    },
    async putManyOnce(table, items) {
      const requests = items.map((item) => ({ PutRequest: { Item: item } }));
      const command = new BatchWriteItemCommand({ RequestItems: { [table]: requests }, ...counted });
      const client = clientFor(table, items[0]);
      const answer = await once("BatchWriteItem", async (more) => client.send(command, more));
      const left = answer.UnprocessedItems?.[table] ?? [];
      return left.flatMap(({ PutRequest }) => (PutRequest?.Item === undefined ? [] : [PutRequest.Item]));
    },
    ask: tried,
  };
}

interface Sender {
  readonly once: <Answer extends object>(operation: string, send: Send<Answer>) => Promise<Answer>;
  readonly tried: <Answer extends object>(
    operation: string,
    send: Send<Answer>,
    call: Call,
  ) => Promise<Answer>;
}

function createSender(
  { timers, backoff, requestTimeoutMs }: DatabaseOptions,
  counts: DatabaseCounts,
): Sender {
  const once: Sender["once"] = async (operation, send) => {
    counts.requests[operation] = (counts.requests[operation] ?? 0) + 1;
    const deadline = new AbortController();
    const cancel = timers.after(requestTimeoutMs, () => deadline.abort());
    try {
      const answer = await send({ abortSignal: deadline.signal });
      countUnits(counts, operation, answer);
      return answer;
    } finally {
      cancel();
    }
  };
  return {
    once,
    async tried(operation, send, call) {
      for (let failureCount = 1; ; failureCount += 1) {
        try {
          return await once(operation, send);
        } catch (cause) {
          const { kind, error, isThrottle } = failureOf(cause, call.what);
          if (isThrottle) counts.throttles += 1;
          if (kind === "final" || kind === "condition" || failureCount >= MAX_TRIES) throw error;
          counts.retries += 1;
          await backoff.wait(failureCount);
        }
      }
    },
  };
}

async function getMany(
  { clientOf, backoff, ...options }: DatabaseOptions,
  { tried }: Sender,
  { table, keys, isConsistent }: ManyKeys,
  call: Call,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let rest: readonly Item[] = keys;
  for (let emptyCount = 0; rest.length > 0; ) {
    const asked: KeysAndAttributes = {
      Keys: rest.slice(0, MAX_BATCH_KEYS),
      ConsistentRead: isConsistent,
    };
    const command = new BatchGetItemCommand({
      RequestItems: { [table]: asked },
      ReturnConsumedCapacity: "TOTAL",
    });
    const client = clientOf(playerOf(options, table, rest[0]));
    const answer = await tried("BatchGetItem", async (more) => client.send(command, more), call);
    const left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    found.push(...(answer.Responses?.[table] ?? []));
    rest = [...left, ...rest.slice(MAX_BATCH_KEYS)];
    // An answer is full at 16 MB; only one without any progress means that less should be asked for.
    emptyCount = left.length === asked.Keys?.length ? emptyCount + 1 : 0;
    if (emptyCount >= MAX_TRIES) {
      throw new MainspringError("OVERLOADED", `${call.what}: DynamoDB leaves all keys unprocessed.`);
    }
    if (left.length > 0) await backoff.wait(emptyCount + 1);
  }
  return found;
}

const NOBODY: AttributeValue = { NULL: true };

/** Whose an item is, by its key; `null`: no player's. */
function playerOf(
  { playerTables }: Pick<DatabaseOptions, "playerTables">,
  table: string | undefined,
  item: Item | undefined,
): string | null {
  return table !== undefined && playerTables.has(table) ? (item?.["p"]?.S ?? null) : null;
}

function countUnits(counts: DatabaseCounts, operation: string, answer: object): void {
  const { ConsumedCapacity: consumed } = answer as Capacity;
  const entries = consumed === undefined ? [] : [consumed].flat();
  const units = entries.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  if (/^(Get|BatchGet|Query|Scan)/.test(operation)) counts.readUnits += units;
  else counts.writeUnits += units;
}
