// A process that opens the store of a folder, and says on its standard output, one line each:
//   open              it owns the folder
//   refused CODE      it doesn't, for this reason; and ends
//   committed         a commit was acknowledged
//   failed CODE       a commit failed with this code
//   closed            it has closed the store; and ends
// On its standard input it takes `commit` and `close`. It runs the compiled store, as users do: `tsc -b` comes first.
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openStore } from "../../dist/store/lmdb/open-store.js";

/** @type {{ folder: string }} */
const { folder } = JSON.parse(process.argv[2] ?? "{}");

/** @param {string} line */
function say(line) {
  writeSync(1, `${line}\n`);
}

const store = await openStore({ folder }).catch((error) => {
  say(`refused ${error.code} ${error.message}`);
  process.exit(0);
});
say("open");

async function commit() {
  const [found] = await store.read(["ada"]);
  const expected = found === null ? null : { incarnation: found.incarnation, version: found.version };
  const next = {
    playerId: "ada",
    incarnation: 1,
    version: (found?.version ?? 0) + 1,
    bytes: new Uint8Array(100),
  };
  await store.commit([{ expected, next, events: [] }]).then(
    () => say("committed"),
    (error) => say(`failed ${error.code} ${error.message}`),
  );
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "commit") await commit();
  if (line === "close") {
    await store.close();
    say("closed");
    process.exit(0);
  }
}
