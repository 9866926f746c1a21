// A program with nothing to keep it alive but its own work: commits that linger, and an engine that closes. It runs the
// compiled engine, as users do: `tsc -b` comes first.
import { createEngine } from "@mainspring/engine";
import { batched } from "@mainspring/engine/batch";
import { createMemoryStore } from "@mainspring/engine/memory";

const store = batched(createMemoryStore(), { batchTimeoutMs: 50 });
const bytes = new Uint8Array(8);
for (const playerId of ["ada", "bob"]) {
  const next = { playerId, incarnation: 1, version: 1, bytes };
  // The first leaves at once, the second waits for others.
  await store.commit([{ expected: null, next, events: [] }], { urgency: "bulk" });
  console.log(`committed ${playerId}`);
}
const catalog = {
  name: "one",
  kinds: ["harvest"],
  activities: { dig: { kind: "harvest", durationMs: 1_000 } },
};
const engine = await createEngine({ store, catalog });
await engine.read("cleo", { asPlayer: true });
await engine.close();
console.log("closed");
