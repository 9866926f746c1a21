/** What `/metrics` of real servers say that had something to do: one with every layer, and one on DynamoDB, both with a failure. */
import { MainspringError } from "@mainspring/core";
import { createEngine, type Engine, type Store } from "@mainspring/engine";
import { createDynamoDbTables, openDynamoDbStore } from "@mainspring/engine/dynamodb";
import { exposedCollector } from "@mainspring/engine/governor";
import { createMemoryStore } from "@mainspring/engine/memory";
import { startDynalite } from "../support/dynalite-process.js";
import { openLayeredEngine } from "../support/layered-engine.js";
import { startServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

/** The labels that each metric has. */
export type MetricLabels = ReadonlyMap<string, ReadonlySet<string>>;

export async function metricsOfLoadedServers(): Promise<MetricLabels> {
  const layered = await startServer({
    engine: await openLayeredEngine(unlucky(createMemoryStore())),
    store: createMemoryStore(),
  });
  await untilCollected(layered.engine);
  const onDatabase = await openOnDatabase();
  try {
    return labelsIn([await played(layered), await played(onDatabase.server)].join("\n"));
  } finally {
    await onDatabase.end();
  }
}

/** What is live is known once everything was collected. */
async function untilCollected(engine: Engine): Promise<void> {
  const collect = exposedCollector();
  if (collect === null) throw new Error("This process can't be told to collect.");
  while (engine.performance().memoryStats.governor?.liveBytes === null) {
    collect();
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** A store that fails for one player. */
function unlucky(store: Store): Store {
  return {
    ...store,
    async commit(writes, options) {
      if (writes.some(({ next }) => next.playerId === "unlucky"))
        throw new MainspringError("STORE_UNAVAILABLE", "It is away.");
      return store.commit(writes, options);
    },
  };
}

async function openOnDatabase(): Promise<{ server: TestServer; end(): Promise<void> }> {
  const dynalite = await startDynalite();
  const { endpoint } = dynalite;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const place = { endpoint, region: "eu-west-1", credentials, tablePrefix: "ops-" };
  await createDynamoDbTables(place);
  const store = unlucky(await openDynamoDbStore(place));
  const engine = await createEngine({ store, catalog: testCatalog() });
  const server = await startServer({ engine, store });
  return {
    server,
    async end() {
      await engine.close();
      await dynalite.kill();
    },
  };
}

async function played({ call, token, asAdmin }: TestServer): Promise<string> {
  for (const playerId of ["ada", "bob", "cyd", "dan", "eve", "unlucky"]) {
    const mine = { token: await token(playerId) };
    const path = `/v1/players/${playerId}`;
    await call("GET", path, mine);
    await call("POST", `${path}/queue/tasks`, { ...mine, body: { activity: "dig" } });
    for (let count = 0; count < 5; count += 1) await call("GET", `${path}/queue`, mine);
  }
  return (await asAdmin("GET", "/metrics")).text;
}

function labelsIn(exposition: string): MetricLabels {
  const found = new Map<string, Set<string>>();
  for (const line of exposition.split("\n").filter((each) => /^[a-z]/.test(each))) {
    const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const names = found.get(name) ?? new Set();
    found.set(name, names);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) names.add(label);
  }
  return found;
}
