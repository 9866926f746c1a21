/** Players' records: reads of many share requests, commits go one by one, many at once. */
import { isMainspringError, MainspringError } from "@mainspring/core";
import type { Store, StoredRecord, WriteOutcome } from "../../ports.js";
import { assertPlayerId } from "../check-keys.js";
import type { CommitLanes } from "./commit-lanes.js";
import { copyBytes } from "./copy-bytes.js";
import type { Call } from "./database.js";
import type { Item } from "./item-size.js";
import type { Parts } from "./parts.js";
import { playerItemOf } from "./player-item.js";
import { type PreparedWrite, prepareWrite } from "./prepared-write.js";
import { commitOne } from "./record-commits.js";

/** So many writes wait or run at most; a call with more than there is room for is refused as a whole. */
export const MAX_PENDING_WRITES = 20_000;

/** And so many bytes: 64 MiB. */
export const MAX_PENDING_BYTES = 67_108_864;

/** Keys of one BatchGetItem. */
const READ_TOGETHER = 100;

const READ: Call = { what: "Records can't be read" };
const LIST: Call = { what: "Records can't be listed" };

export function createRecords(
  parts: Parts,
  lanes: CommitLanes,
): Pick<Store, "read" | "commit" | "listRecords"> {
  const { names, database, counters, players, clock } = parts;
  return {
    async read(playerIds, { consistency = "strong" } = {}) {
      for (const playerId of playerIds) assertPlayerId(playerId);
      counters.reads += playerIds.length;
      const found = await readItems(parts, [...new Set(playerIds)], consistency !== "eventual");
      const records = new Map<string, StoredRecord>();
      for (const item of found) {
        const known = playerItemOf(item);
        players.learn(known);
        records.set(known.record.playerId, known.record);
      }
      return playerIds.map((playerId) => copyOf(records.get(playerId)));
    },
    async commit(writes, { urgency = "command" } = {}) {
      const prepared = writes.map((write) => prepareWrite(write, clock.nowMs()));
      const sizeBytes = prepared.reduce((sum, write) => sum + write.sizeBytes, 0);
      if (
        counters.pending + writes.length > MAX_PENDING_WRITES ||
        counters.pendingBytes + sizeBytes > MAX_PENDING_BYTES
      ) {
        throw new MainspringError("OVERLOADED", "Too many writes wait for DynamoDB.");
      }
      counters.pending += writes.length;
      counters.pendingBytes += sizeBytes;
      counters.writes += writes.length;
      try {
        const run = async (write: PreparedWrite) =>
          lanes.run(write.playerId, urgency, async () => commitOne(parts, write));
        const settled = await Promise.allSettled(prepared.map(run));
        const outcomes = outcomesOf(settled);
        counters.conflicts += outcomes.filter(({ status }) => status === "conflict").length;
        return outcomes;
      } finally {
        counters.pending -= writes.length;
        counters.pendingBytes -= sizeBytes;
      }
    },
    async listRecords({ after, limit }) {
      if (limit <= 0) return { records: [], next: after };
      const answer = await database.scan(
        {
          TableName: names.players,
          ConsistentRead: true,
          Limit: limit,
          ...(after !== null && { ExclusiveStartKey: { p: { S: after } } }),
        },
        LIST,
      );
      const records = (answer.Items ?? []).map((item) => playerItemOf(item).record);
      return { records, next: answer.LastEvaluatedKey?.["p"]?.S ?? null };
    },
  };
}

async function readItems(
  { names, database }: Parts,
  playerIds: readonly string[],
  isConsistent: boolean,
): Promise<readonly Item[]> {
  const [only] = playerIds;
  if (only !== undefined && playerIds.length === 1) {
    const key = { TableName: names.players, Key: { p: { S: only } }, ConsistentRead: isConsistent };
    const item = await database.get(key, READ);
    return item === null ? [] : [item];
  }
  const calls: Promise<readonly Item[]>[] = [];
  for (let start = 0; start < playerIds.length; start += READ_TOGETHER) {
    const keys = playerIds.slice(start, start + READ_TOGETHER).map((playerId) => ({ p: { S: playerId } }));
    calls.push(database.getMany({ table: names.players, keys, isConsistent }, READ));
  }
  return (await Promise.all(calls)).flat();
}

/**
 * @throws MainspringError the error of the writes that failed; `STORE_UNAVAILABLE` instead of one that says that nothing was
 * written, when others of the call were
 */
function outcomesOf(settled: readonly PromiseSettledResult<WriteOutcome>[]): readonly WriteOutcome[] {
  const errors: unknown[] = settled.flatMap((result) =>
    result.status === "rejected" ? [result.reason] : [],
  );
  const [first] = errors;
  if (errors.length === 0) {
    return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  }
  const codes = new Set(errors.map((error) => (isMainspringError(error) ? error.code : null)));
  if (codes.size === 1 && errors.length === settled.length) throw first;
  const text = first instanceof Error ? first.message : String(first);
  throw new MainspringError(
    "STORE_UNAVAILABLE",
    `Some of the writes of one call failed: ${text}`,
    {},
    { cause: first },
  );
}

/** A record that is asked for twice is two records. */
function copyOf(record: StoredRecord | undefined): StoredRecord | null {
  return record === undefined ? null : { ...record, bytes: copyBytes(record.bytes) };
}
