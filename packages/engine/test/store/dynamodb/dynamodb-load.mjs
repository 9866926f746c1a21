// A process that puts load on a DynamoDB store and says on its standard output, one line each, what it was told, at the moment
// it happens:
//   open                     the store is open
//   ack PLAYER VERSION       a commit of this version was acknowledged
//   fail PLAYER VERSION CODE a commit failed with this code
// It runs the compiled store, as users do: `tsc -b` comes first. It ends when it is killed.
import { writeSync } from "node:fs";
import { openDynamoDbStore } from "../../../dist/store/dynamodb/index.js";

/** @type {{ endpoint: string, tablePrefix: string, playerCount: number }} */
const { endpoint, tablePrefix, playerCount } = JSON.parse(process.argv[2] ?? "{}");

const incarnation = 1_700_000_000_000;

/** @param {string} line */
function say(line) {
  writeSync(1, `${line}\n`);
}

const store = await openDynamoDbStore({
  endpoint,
  tablePrefix,
  region: "eu-west-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  journalDelayMs: 50,
  batch: { batchTimeoutMs: 20 },
});
say("open");

/** @param {string} playerId @returns {Promise<number>} */
async function versionOf(playerId) {
  for (;;) {
    try {
      const [found] = await store.read([playerId]);
      return found?.version ?? 0;
    } catch {
      // The server is gone for the moment.
    }
  }
}

/** Each commit brings one event, so that version and number are the same. @param {string} playerId */
async function play(playerId) {
  let version = await versionOf(playerId);
  for (;;) {
    const next = version + 1;
    const expected = version === 0 ? null : { incarnation, version };
    try {
      const [outcome] = await store.commit([
        {
          expected,
          next: { playerId, incarnation, version: next, bytes: Buffer.alloc(300, next % 256) },
          events: [{ number: next, bytes: Buffer.from(`event ${next}`) }],
        },
      ]);
      if (outcome?.status !== "committed") throw Object.assign(new Error("conflict"), { code: "CONFLICT" });
      version = next;
      say(`ack ${playerId} ${version}`);
    } catch (error) {
      say(`fail ${playerId} ${next} ${error.code ?? error}`);
      version = await versionOf(playerId);
    }
  }
}

await Promise.all(Array.from({ length: playerCount }, async (_, index) => play(`player-${index}`)));
