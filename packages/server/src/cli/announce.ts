/** What a server prints when it is ready: its address and, while it is new to its reader, what to do next. */
import type { Catalog } from "@mainspring/core";
import type { Activation, Engine } from "@mainspring/engine";
import type { ServeConfig } from "../config/serve-schema.js";
import { firstCommand, tokenCommand } from "./first-command.js";
import { describeCache } from "./open-cache.js";
import { describePlace } from "./open-store.js";

export interface Ready {
  readonly url: string;
  readonly engine: Engine;
  readonly catalog: Catalog;
  /** What became of the catalog that was given. */
  readonly activation: Activation | null;
  readonly config: ServeConfig;
  readonly print: (line: string) => void;
}

export function announce({ url, engine, catalog, activation, config, print }: Ready): void {
  const { store, server } = config;
  print(
    `Mainspring is ready at ${url} (catalog ${catalog.name} ${catalog.hash}, ${describePlace(store)}${server.dev ? ", development" : ""})`,
  );
  const cacheLine = describeCache(config);
  if (cacheLine !== null) print(cacheLine);
  const switched = Object.entries(engine.flags?.view().layers ?? {}).filter(
    ([, view]) => view.changedAtMs !== null,
  );
  if (switched.length > 0) {
    const names = switched.map(([layer]) => layer).join(", ");
    print(`Switched at run time, and kept: ${names}. mainspring flags tells more.`);
  }
  if (activation !== null && activation.hash !== catalog.hash) {
    print(
      `The catalog ${activation.name} ${activation.hash} becomes active at ${new Date(activation.atMs).toISOString()}.`,
    );
  }
  if (!server.dev) return;
  print(`  API           ${url}/v1`);
  print(`  its schema    ${url}/openapi.json`);
  print(`  console       ${url}/console/`);
  print(`  its token     ${tokenCommand(store.data)}`);
  const command = firstCommand(catalog, { url, data: store.data });
  if (command === null) return;
  print("Queue a first task for a first player, from another terminal in this folder:");
  print(`  ${command}`);
}
