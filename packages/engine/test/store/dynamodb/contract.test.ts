/** The DynamoDB store keeps the contract of every store, on a server that speaks DynamoDB's protocol. */
import { afterAll, beforeAll, describe, it } from "vitest";
import { createManualClock, storeContract } from "../../../src/testing/index.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";

const journalRetentionMs = 86_400_000;

/** An item takes 400 KiB, events that are not moved yet among them. */
const largestRecordBytes = 380 * 1_024;

describe("the DynamoDB store", () => {
  let server: DynaliteServer;
  beforeAll(async () => {
    server = await startDynalite();
  });
  afterAll(async () => server.stop());

  const cases = storeContract({
    async open() {
      const times = { clock: createManualClock(), journalRetentionMs };
      const tablePrefix = await server.newTables();
      const open = async () => server.openStore({ tablePrefix, ...times });
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
