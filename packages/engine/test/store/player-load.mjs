// A process that puts load on a store and says on its standard output, one line each, what it was told and what it saw,
// at the moment it happens:
//   open                     the store is open
//   ack PLAYER VERSION       a commit of this version was acknowledged
//   saw PLAYER VERSION       a reader met this version for the first time
//   fail PLAYER VERSION CODE a commit failed with this code
//   done                     every player has made all its commits, or given up
// It runs the compiled store, as users do: `tsc -b` comes first.
import { writeSync } from "node:fs";
import { openStore } from "../../dist/store/lmdb/open-store.js";

/** @type {{ folder: string, playerCount: number, commitCount: number, durability?: "flushed" | "never" | "overlapping", hasReader?: boolean }} */
const { folder, playerCount, commitCount, durability, hasReader } = JSON.parse(process.argv[2] ?? "{}");

const incarnation = 1_700_000_000_000;

/** A player gives up when so many commits in a row fail. */
const maxFailures = 3;

/** @param {string} line */
function say(line) {
  writeSync(1, `${line}\n`);
}

const store = await openStore({ folder, ...(durability !== undefined && { durability }) });
say("open");
const ids = Array.from({ length: playerCount }, (_, index) => `player-${index}`);
const progress = { isDone: false };

/** @param {string} playerId */
async function versionOf(playerId) {
  const [found] = await store.read([playerId]);
  return found?.version ?? 0;
}

/** @param {string} playerId */
async function play(playerId) {
  let version = await versionOf(playerId);
  const last = version + commitCount;
  for (let failures = 0; version < last && failures < maxFailures; ) {
    const next = version + 1;
    const bytes = Buffer.alloc(300 + ((next * 37) % 500), next % 256);
    const expected = version === 0 ? null : { incarnation, version };
    try {
      const events = [{ number: next, bytes: Buffer.from(`event ${next}`) }];
      const [outcome] = await store.commit([
        { expected, next: { playerId, incarnation, version: next, bytes }, events },
      ]);
      if (outcome?.status !== "committed") throw Object.assign(new Error("conflict"), { code: "CONFLICT" });
      version = next;
      failures = 0;
      say(`ack ${playerId} ${version}`);
    } catch (error) {
      failures += 1;
      say(`fail ${playerId} ${next} ${error.code ?? error}`);
      // Nobody knows whether it happened: look.
      version = await versionOf(playerId);
    }
  }
}

/** Looks as often as it can, above all while a flush is under way. */
async function watch() {
  const seen = new Map();
  while (!progress.isDone) {
    for (const found of await store.read(ids)) {
      if (found !== null && found.version > (seen.get(found.playerId) ?? 0)) {
        seen.set(found.playerId, found.version);
        say(`saw ${found.playerId} ${found.version}`);
      }
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const watching = hasReader === true ? watch() : undefined;
await Promise.all(ids.map(play));
progress.isDone = true;
await watching;
await store.close();
say("done");
