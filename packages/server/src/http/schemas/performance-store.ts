/** The numbers of the store, and of what its operations travel in. */
import { Type } from "typebox";
import { integer, mapOf, nullable, strict, text } from "./common.js";
import { latencyParts } from "./performance-latency.js";

const ms = (description: string) => Type.Number({ minimum: 0, description: `${description} ms.` });

const batchParts = {
  batches: integer("Counter: batches sent."),
  operations: integer("Counter: operations in them."),
  meanBatchSize: Type.Number({ minimum: 0, description: "Operations in a batch, since the start." }),
  pending: integer("Operations given and not answered yet."),
} as const;

const batcherParts = {
  ...batchParts,
  pendingBytes: integer("What they hold. Bytes."),
  inFlightBatches: integer("Batches under way."),
  waiting: Type.Array(Type.Integer({ minimum: 0 }), {
    minItems: 3,
    maxItems: 3,
    description: "Operations that wait to be sent, by priority, the highest first.",
  }),
  refused: integer("Counter: operations refused since too many waited already."),
  retried: integer("Counter: operations that were sent again."),
  coalesced: integer("Counter: operations that travelled as part of another."),
  longestWaitMs: ms("The longest time from being given to being sent first, since the start."),
} as const;

/** Without a batcher the store's own batches, of which less is known. */
export const batchStats = strict(
  {
    ...batchParts,
    pendingBytes: Type.Optional(batcherParts.pendingBytes),
    inFlightBatches: Type.Optional(batcherParts.inFlightBatches),
    waiting: Type.Optional(batcherParts.waiting),
    refused: Type.Optional(batcherParts.refused),
    retried: Type.Optional(batcherParts.retried),
    coalesced: Type.Optional(batcherParts.coalesced),
    longestWaitMs: Type.Optional(batcherParts.longestWaitMs),
  },
  { description: "Operations that travelled together. From pendingBytes on: where the batcher is on." },
);

const counters = (names: readonly string[]) =>
  strict(Object.fromEntries(names.map((name) => [name, integer("Counter.")])));

const pool = nullable(
  strict(
    {
      minConnections: integer("Kept open."),
      maxConnections: integer("database.maxConnections."),
      connections: strict({
        open: integer("Busy, idle and being checked."),
        busy: integer("With a request."),
        idle: integer("Without one."),
        checking: integer("Asked whether they still live."),
        connecting: integer("Being opened."),
      }),
      maxWaiting: integer("Requests that may wait for a connection."),
      waiting: integer("Requests without a connection now."),
      mostWaiting: integer("The most that ever waited."),
      waits: strict({
        meanMs: ms("How long requests waited for a connection in this period: mean."),
        maxMs: ms("And the longest."),
        requests: integer("Requests that got a connection in this period."),
      }),
      requests: integer("Counter: requests accepted, answered or not."),
      answers: integer("Counter: requests that got an answer, whatever its status."),
      failures: counters([
        "overloaded",
        "shutting-down",
        "waiting-timeout",
        "connecting-timeout",
        "answering-timeout",
        "unreachable",
        "broken-off",
        "aborted",
        "unsupported",
      ]),
      refused: integer("Counter: because too many waited; also in failures."),
      timeouts: integer("Counter: ran out of time; also in failures."),
      moved: integer(
        "Counter: given to another connection because the first was gone before a byte was sent.",
      ),
      opened: integer("Counter."),
      openingFailures: integer("Counter."),
      closed: counters(["idle", "dead", "shrunk", "frozen", "abandoned", "shutdown"]),
      checks: integer("Counter: checks of connections that had been silent for long."),
      freezes: integer("Counter: how often this process was found to have stood still."),
      periodMs: integer("How long a period is. ms."),
      usage: Type.Array(
        strict({
          number: integer("Counts the connections that this pool has opened."),
          uses: integer("Requests in this period."),
          inFlight: integer("0 or 1."),
          ageMs: ms("Since it was opened."),
          idleMs: ms("Since its last answer; 0 while one is awaited."),
        }),
        { description: "The open connections, oldest first." },
      ),
    },
    { description: "Connections to the store; null for stores without any, or where the pool is off." },
  ),
);

export const poolStats = pool;

const calls = strict({ count: integer("Counter."), ...latencyParts });

export const storeStats = strict({
  kind: text("Which store it is."),
  reads: integer("Counter: records read."),
  writes: integer("Counter: records written."),
  conflicts: integer("Counter: writes that found another version."),
  batches: integer("Counter: transactions or requests that carried the writes."),
  pending: integer("Writes waiting or under way."),
  database: Type.Optional(
    strict(
      {
        requests: mapOf(integer("Counter."), "Requests sent, by operation: UpdateItem, for example."),
        readUnits: Type.Number({
          minimum: 0,
          description: "Counter: capacity units, as the database tells.",
        }),
        writeUnits: Type.Number({
          minimum: 0,
          description: "Counter: capacity units, as the database tells.",
        }),
        retries: integer("Counter: requests that were sent again."),
        throttles: integer("Counter: answers that asked for less."),
        unsavedEvents: integer("Events that only records hold so far, of players this process wrote."),
        pool,
      },
      { description: "Of stores that talk to a database server." },
    ),
  ),
  batcher: Type.Optional(strict(batcherParts, { description: "Where the batcher is on." })),
  calls: Type.Optional(
    strict(
      {
        read: calls,
        commit: calls,
        errors: mapOf(integer("Counter."), "Of both, those that failed, by code."),
      },
      { description: "What calls of the bare store took, below all layers." },
    ),
  ),
});
