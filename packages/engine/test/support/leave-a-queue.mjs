// A server process that is given a queue for a player, and then ends without a goodbye.
// Arguments: data folder, catalog file, instant of its clock.
import { readFileSync } from "node:fs";
import { createEngine } from "@mainspring/engine";
import { openLmdbStore } from "@mainspring/engine/lmdb";

const [folder, catalogFile, nowMs, tasks] = process.argv.slice(2);
const engine = await createEngine({
  store: await openLmdbStore({ folder }),
  catalog: JSON.parse(readFileSync(catalogFile, "utf8")),
  clock: { nowMs: () => Number(nowMs) },
  randomBytes: (count) => new Uint8Array(count).fill(42),
});
await engine.apply("ada", { type: "enqueue", tasks: JSON.parse(tasks) }, { asPlayer: true });
process.kill(process.pid, "SIGKILL");
