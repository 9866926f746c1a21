/** Reads of many players in one request; of one player, those that wait share an answer. */
import type { Store, StoredRecord, Trace } from "../ports.js";
import type { Batcher, BatcherOptions, Sent } from "./batcher.js";
import { createBatcher } from "./create-batcher.js";
import { sendOrSplit } from "./send-or-split.js";

/** Only so many callers wait for one answer: the next one asks anew, and counts as an operation. */
const MAX_SHARING = 1_000;

/** An id, and what is kept about it. */
const READ_BYTES = 128;

interface WaitingRead {
  readonly answer: Promise<StoredRecord | null>;
  sharing: number;
}

interface ReadOperation {
  readonly playerId: string;
  /** It is sent: whoever comes now has to ask again, since the answer may be older than they are. */
  readonly begin: () => void;
  readonly trace: Trace | undefined;
}

/** There is no cache here: `cached` is `strong`. */
type Consistency = "strong" | "eventual";

export interface BatchedReads extends Pick<Batcher<ReadOperation, StoredRecord | null>, "close" | "stats"> {
  read: Store["read"];
}

export function createBatchedReads(
  store: Store,
  options: Omit<BatcherOptions<ReadOperation, StoredRecord | null>, "send">,
): BatchedReads {
  const waiting = { strong: new Map<string, WaitingRead>(), eventual: new Map<string, WaitingRead>() };
  const batcher = createBatcher<ReadOperation, StoredRecord | null>({
    ...options,
    async send(group, operations): Promise<readonly Sent<StoredRecord | null>[]> {
      for (const { begin } of operations) begin();
      const consistency: Consistency = group === "eventual" ? "eventual" : "strong";
      const ids = operations.map(({ playerId }) => playerId);
      // They are steps of the first of them that is looked at.
      const trace = operations.find((operation) => operation.trace !== undefined)?.trace;
      const readOptions = { consistency, ...(trace !== undefined && { trace }) };
      return sendOrSplit(ids, async (playerIds) => store.read(playerIds, readOptions));
    },
  });
  const ask = async (
    playerId: string,
    consistency: Consistency,
    trace: Trace | undefined,
  ): Promise<StoredRecord | null> => {
    const joinable = waiting[consistency];
    const found = joinable.get(playerId);
    if (found !== undefined && found.sharing < MAX_SHARING) {
      found.sharing += 1;
      return copyOf(await found.answer);
    }
    const begin = (): void => {
      if (joinable.get(playerId) === read) joinable.delete(playerId);
    };
    const answer = batcher.submit({
      group: consistency,
      priority: 0,
      sizeBytes: READ_BYTES,
      value: { playerId, begin, trace },
    });
    const read: WaitingRead = { answer, sharing: 1 };
    joinable.set(playerId, read);
    try {
      return await answer;
    } finally {
      // One that was refused was never sent.
      begin();
    }
  };
  return {
    read: async (playerIds, { consistency = "strong", trace } = {}) =>
      Promise.all(
        playerIds.map(async (playerId) =>
          ask(playerId, consistency === "eventual" ? consistency : "strong", trace),
        ),
      ),
    close: async () => batcher.close(),
    stats: () => batcher.stats(),
  };
}

/** Each caller may do with its bytes what it likes. */
function copyOf(record: StoredRecord | null): StoredRecord | null {
  return record && { ...record, bytes: new Uint8Array(record.bytes) };
}
