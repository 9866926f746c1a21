/** The policy in docs/dynamodb.md allows what the store does, table by table, and nothing else. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { seededRandom } from "../seeded-random.js";
import { type DynaliteServer, startDynalite } from "./dynalite-server.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { INCARNATION, numbersOf, writeOf } from "./writes.js";

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[]; readonly Resource: string }[];
}

const page = readFileSync(new URL("../../../../../docs/dynamodb.md", import.meta.url), "utf8");
const permissions = page.slice(page.indexOf("## Permissions"));
const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(permissions)?.[1] ?? "{}") as Policy;

let server: DynaliteServer;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startDynalite();
  proxy = await startFaultProxy({ port: server.port, random: seededRandom("permissions") });
});
afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

it("is the policy of a server that does all that a server does", async () => {
  const tablePrefix = await server.newTables();
  const store = await server.openStore({ tablePrefix, endpoint: proxy.endpoint });
  await store.commit([
    { ...writeOf(1, { eventCount: 100 }), mark: new Uint8Array(1) },
    writeOf(1, { playerId: "bob" }),
  ]);
  await store.commit([writeOf(9)]);
  await store.read(["ada"]);
  await store.read(["ada", "bob"], { consistency: "eventual" });
  const record = writeOf(1).next;
  await store.putSnapshots([{ record, eventCount: 100, atMs: Date.now() }]);
  await store.flush();
  await numbersOf(store);
  const other = await server.openStore({ tablePrefix, endpoint: proxy.endpoint });
  await other.readMark({ playerId: "ada", incarnation: INCARNATION });
  await store.readSnapshots({ playerId: "ada", limit: 1 });
  await store.putCatalog("small", "{}");
  await store.putCatalog("large", JSON.stringify("x".repeat(500_000)));
  await store.readCatalog("large");
  await store.appendTimeline({ atMs: 1, hash: "small" }, 0);
  await store.readTimeline();
  await store.putSettings("flags", "{}", 0);
  await store.readSettings("flags");
  await store.quarantine(record, "damaged", 1);
  await store.quarantined(1);
  await store.importEvents({ playerId: "bob", incarnation: 1 }, [{ number: 1, bytes: new Uint8Array(1) }]);
  await other.close();
  await store.close();

  const allowed = policy.Statement.flatMap(({ Action: actions, Resource: resource }) =>
    actions.map((action) => `${action.replace("dynamodb:", "")} ${/mainspring-(\w+)$/.exec(resource)?.[1]}`),
  );
  const used = [...proxy.tableCalls].map((call) => call.replace(tablePrefix, ""));
  expect(used.sort()).toEqual(allowed.sort());
});
