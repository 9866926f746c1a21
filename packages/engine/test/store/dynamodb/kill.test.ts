/** Kill -9 in the middle of the load: of the process that uses the store, and of the server behind it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoDbTables, openDynamoDbStore } from "../../../src/store/dynamodb/index.js";
import { seededRandom } from "../seeded-random.js";
import { freePort } from "../../support/free-port.js";
import { type StoreProcess, startProgram } from "../store-process.js";
import { temporaryFolder } from "../temporary-folder.js";
import { TEST_CREDENTIALS, TEST_REGION } from "./dynalite-server.js";
import { rawItems } from "./raw-items.js";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { INCARNATION } from "./writes.js";

const PLAYERS = 20;
const ROUNDS = 4;
const MAX_ACKNOWLEDGED = 400;
const TABLE_PREFIX = "kill-";

const dynalitePath = new URL("../../../../../node_modules/dynalite/cli.js", import.meta.url);
const loadPath = new URL("dynamodb-load.mjs", import.meta.url);
const folder = temporaryFolder();

interface Server {
  readonly process: StoreProcess;
  readonly endpoint: string;
  readonly port: number;
}

let server: Server;
/** By player, the last version that was acknowledged. */
const acknowledged = new Map<string, number>();

async function startServer(port: number): Promise<Server> {
  const args = [`--port=${port}`, "--host=127.0.0.1", `--path=${folder.path}`, "--createTableMs=0"];
  const process = startProgram(dynalitePath, args);
  const line = await process.said((said) => said.includes("listening at"));
  const endpoint = /http:\S+/.exec(line)?.[0] ?? "";
  return { process, endpoint, port: Number(new URL(endpoint).port) };
}

function connection() {
  const { endpoint } = server;
  return { endpoint, region: TEST_REGION, credentials: TEST_CREDENTIALS, tablePrefix: TABLE_PREFIX };
}

beforeAll(async () => {
  server = await startServer(await freePort());
  await createDynamoDbTables(connection());
});
afterAll(async () => {
  await server.process.kill();
  folder.remove();
});

function startLoad(): StoreProcess {
  const { endpoint } = server;
  return startProgram(loadPath, [
    JSON.stringify({ endpoint, tablePrefix: TABLE_PREFIX, playerCount: PLAYERS }),
  ]);
}

async function untilAcknowledged(load: StoreProcess, count: number): Promise<void> {
  const from = load.lines.length;
  await load.said((line) => line.startsWith("ack") && load.lines.length >= from + count);
}

/** By each `ack` the version may only be one more than what was known. */
function learn(lines: readonly string[]): void {
  for (const line of lines) {
    const [word, playerId = "", version] = line.split(" ");
    if (word === "ack") acknowledged.set(playerId, Number(version));
  }
}

async function verify({ commits }: { readonly commits: boolean }): Promise<void> {
  const store = await openDynamoDbStore(connection());
  const client = new DynamoDBClient(connection());
  const raw = rawItems(client, TABLE_PREFIX);
  for (const [playerId, version] of acknowledged) {
    const [found] = await store.read([playerId]);
    const stored = found?.version ?? 0;
    // At most the one commit that was under way is there without its acknowledgement.
    expect(stored - version).toBeGreaterThanOrEqual(0);
    expect(stored - version).toBeLessThanOrEqual(1);
    const query = { playerId, incarnation: INCARNATION, afterNumber: 0, limit: 100_000 };
    const events = await store.readEvents(query);
    expect(events.map(({ number }) => number)).toEqual(
      Array.from({ length: stored }, (_, index) => index + 1),
    );
    expect(events.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
      events.map(({ number }) => `event ${number}`),
    );
    acknowledged.set(playerId, stored);
    if (!commits) continue;
    // Two commits without events of their own: whatever lay in the record is in the history now.
    for (const next of [stored + 1, stored + 2]) {
      const write = {
        expected: { incarnation: INCARNATION, version: next - 1 },
        next: { playerId, incarnation: INCARNATION, version: next, bytes: new Uint8Array(10) },
        events: [],
      };
      expect(await store.commit([write])).toEqual([{ status: "committed" }]);
      await store.flush();
    }
    expect(Object.keys(await raw.player(playerId)).filter((name) => name.startsWith("e"))).toEqual([]);
    expect(await store.readEvents(query)).toEqual(events);
  }
  client.destroy();
  await store.close();
}

it("of the server loses nothing that was acknowledged, and the process goes on when it is back", async () => {
  const random = seededRandom("kill -9 of DynamoDB's server");
  const load = startLoad();
  await load.said((line) => line === "open");
  for (let round = 0; round < ROUNDS; round += 1) {
    await untilAcknowledged(load, 1 + random.integer(MAX_ACKNOWLEDGED));
    await server.process.kill();
    await load.said((line) => line.startsWith("fail") && !line.endsWith("CONFLICT"));
    server = await startServer(server.port);
    await untilAcknowledged(load, 1);
  }
  await load.kill();
  learn(load.lines);
  // Nobody else writes: a conflict would be a commit of its own that it took for a stranger's.
  expect(load.lines.filter((line) => line.endsWith("CONFLICT"))).toEqual([]);
  expect(acknowledged.size).toBe(PLAYERS);
  await verify({ commits: false });
});

it("of the process leaves its events where the next one finds them, and they reach the history", async () => {
  const random = seededRandom("kill -9 of a process on DynamoDB");
  for (let round = 0; round < ROUNDS; round += 1) {
    const load = startLoad();
    await load.said((line) => line === "open");
    await untilAcknowledged(load, 1 + random.integer(MAX_ACKNOWLEDGED));
    await load.kill();
    learn(load.lines);
    expect(load.lines.filter((line) => line.startsWith("fail"))).toEqual([]);
    await verify({ commits: false });
  }
  await verify({ commits: true });
});
