/**
 * The DynamoDB store keeps the contract of every store, on a server that speaks DynamoDB's protocol: over the connection pool,
 * over the SDK's own connections, under a batcher, and whatever goes wrong at the wire.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batched } from "../../../src/batch/index.js";
import type { Store } from "../../../src/ports.js";
import type { DynamoDbStoreOptions } from "../../../src/store/dynamodb/index.js";
import { createManualClock, storeContract } from "../../../src/testing/index.js";
import { flipping, flipSeed } from "../../support/flipping.js";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { FAULTS, type FaultProxy, startFaultProxy } from "./fault-proxy.js";

const journalRetentionMs = 86_400_000;

/** An item takes 400 KiB, events that are not moved yet among them. */
const largestRecordBytes = 380 * 1_024;

let server: DynaliteServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startDynalite();
  proxy = await startFaultProxy({ port: server.port, random: seededRandom("the contract under faults") });
  proxy.setRates({
    throttle: 0.03,
    failBefore: 0.02,
    failAfter: 0.02,
    resetBefore: 0.02,
    resetAfter: 0.02,
    hangAfter: 0.002,
    late: 0.002,
    duplicate: 0.02,
    partial: 0.2,
  });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

interface Variant {
  readonly name: string;
  readonly options?: () => DynamoDbStoreOptions;
  readonly under?: (store: Store) => Store;
}

const VARIANTS: readonly Variant[] = [
  { name: "the DynamoDB store" },
  { name: "the DynamoDB store over the SDK's own connections", options: () => ({ pool: false }) },
  {
    name: "the DynamoDB store under a batcher",
    under: (store) => batched(store, { maxBatchSize: 25, maxConcurrentBatches: 5, batchTimeoutMs: 2 }),
  },
  {
    name: `the DynamoDB store, its pool switched all the time (seed ${flipSeed})`,
    options: () => ({ isPoolOn: flipping("pool") }),
  },
  {
    name: "the DynamoDB store under faults at the wire",
    options: () => ({ endpoint: proxy.endpoint, pool: { connectionTimeoutMs: 400, maxConnections: 20 } }),
  },
];

describe.each(VARIANTS)("$name", ({ options = () => ({}), under = (store) => store }) => {
  const cases = storeContract({
    async open() {
      const times = { clock: createManualClock(), journalRetentionMs };
      const tablePrefix = await server.newTables();
      const open = async () => under(await server.openStore({ ...options(), tablePrefix, ...times }));
      return {
        store: await open(),
        ...times,
        largestRecordBytes,
        reopen: open,
        cleanup: async () => undefined,
      };
    },
  });
  for (const { name, run } of cases) it(name, run);
});

it("met every fault on the way", () => {
  for (const fault of FAULTS) expect([fault, proxy.met[fault] > 0]).toEqual([fault, true]);
});
