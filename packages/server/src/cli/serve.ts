/** `mainspring serve`: an engine on a store, HTTP on the engine, and an orderly end. */
import { join } from "node:path";
import { type Catalog, isMainspringError, MainspringError } from "@mainspring/core";
import {
  type Activation,
  createEngine,
  type Engine,
  type LayersConfig,
  loadLayersConfig,
  type Store,
  type Telemetry,
} from "@mainspring/engine";
import { createServer, type Server } from "../create-server.js";
import { DRAIN_TIMEOUT_MS } from "../limits.js";
import { firstCommand } from "./first-command.js";
import { describeCache, openCache, type OpenedCache } from "./open-cache.js";
import { type Limits, openLimits } from "./open-limits.js";
import { describePlace, openStore, type StorePlace } from "./open-store.js";
import { readJsonFile } from "./read-json-file.js";
import { serverAuthenticate } from "./server-authenticate.js";
import type { Environment, ServeSettings } from "./settings.js";
import { stopOnSignals } from "./stop-on-signals.js";

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1)$/;

/** The engine gets a little longer than the requests, to save what it is at. */
const CLOSE_TIMEOUT_MS = DRAIN_TIMEOUT_MS + 5_000;

/** Facts that are noted before there is a log. */
const MAX_EARLY_NOTES = 100;

type Print = (line: string) => void;

/** Starts the server and returns when it is ready; it ends with a signal. */
export async function serve(settings: ServeSettings, env: Environment, print: Print): Promise<void> {
  const isDevelopment = settings.dev === true;
  if (isDevelopment && !LOOPBACK.test(settings.host)) {
    throw new MainspringError(
      "CONFIG_INVALID",
      `--dev listens on this machine alone, not on ${settings.host}: its tokens are for trying things out. Leave --dev or --host out.`,
    );
  }
  const document = settings.catalog === undefined ? undefined : readJsonFile(settings.catalog, "catalog");
  const config = configOf(settings, env);
  const log = createEarlyLog();
  const { telemetry } = log;
  const limits = openLimits(config, telemetry);
  const auth = { isDevelopment, folder: settings.data, budget: limits.budget };
  // What is missing is said before anything is touched; only a development server keeps its key in the data folder.
  const known = isDevelopment ? null : serverAuthenticate(env, auth);
  const store = await openStore(placeOf(settings), config);
  const cache = await openCache({ kind: settings.store, config, env, telemetry, limits }).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );
  const parts = await openEngine({ store, cache, limits }, { isDevelopment, telemetry, document, config });
  const { engine } = parts;
  try {
    const authenticate = known ?? serverAuthenticate(env, auth);
    const server = createServer({
      engine,
      authenticate,
      isDevelopment,
      logLevel: settings.logLevel,
      ...heapFolderOf(settings),
    });
    log.connect(server.log);
    const url = await listen(server, settings);
    stopOnSignals({
      steps: [() => server.close(), () => engine.close()],
      timeoutMs: CLOSE_TIMEOUT_MS,
      print,
    });
    announce({ ...parts, url, settings, config, print });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function configOf({ config, dev }: ServeSettings, env: Environment): LayersConfig {
  const preset = dev === true ? "development" : "production";
  const file = config === undefined ? {} : { file: readJsonFile(config, "configuration") };
  return loadLayersConfig({ preset, env, ...file });
}

/** Beside the players where they are kept in a folder; otherwise the server's default. */
function heapFolderOf({ heapFolder, store, data }: ServeSettings): { heapFolder?: string } {
  if (heapFolder !== undefined) return { heapFolder };
  return store === "lmdb" ? { heapFolder: join(data, "heap") } : {};
}

function placeOf({ store: kind, data, tablePrefix }: ServeSettings): StorePlace {
  return { kind, data, tablePrefix };
}

interface Opened {
  readonly engine: Engine;
  /** What became of the catalog that was given. */
  readonly activation: Activation | null;
  readonly catalog: Catalog;
}

interface EngineSettings {
  readonly isDevelopment: boolean;
  readonly telemetry: Telemetry;
  readonly document: unknown;
  readonly config: LayersConfig;
}

interface Layered {
  readonly store: Store;
  readonly cache: OpenedCache | null;
  readonly limits: Limits;
}

async function openEngine(
  { store, cache, limits }: Layered,
  { isDevelopment, telemetry, document, config }: EngineSettings,
): Promise<Opened> {
  const { checkpoint: mode, checkpointInterval } = config.layers;
  const checkpoint = mode === "interval" ? { everyMs: checkpointInterval } : mode;
  let engine: Engine | undefined;
  try {
    engine = await createEngine({
      store,
      ...(cache !== null && { cache }),
      budget: limits.budget,
      ...(limits.governor !== null && { governor: limits.governor }),
      ...(limits.overload !== null && { overload: limits.overload }),
      isDevelopment,
      telemetry,
      checkpoint,
    });
    const activation = document === undefined ? null : await engine.catalogs.propose(document);
    return { engine, activation, catalog: await activeCatalog(engine) };
  } catch (error) {
    await (engine ?? store).close();
    await cache?.close();
    throw error;
  }
}

async function activeCatalog(engine: Engine): Promise<Catalog> {
  try {
    return await engine.catalogs.active();
  } catch (error) {
    if (!isMainspringError(error) || error.code !== "NO_CATALOG") throw error;
    throw new MainspringError(
      "CONFIG_INVALID",
      "The store has no catalog yet. Give the server one: --catalog file.json.",
    );
  }
}

async function listen(server: Server, { host, port }: ServeSettings): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice: Readonly<Record<string, string>> = {
      EADDRINUSE: `Port ${port} on ${host} is taken. Choose another with --port, or a free one with --port 0.`,
      EACCES: `This user may not listen on port ${port}. Choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `This machine has no address ${host}. Choose another with --host.`,
      ENOTFOUND: `There is no host ${host}. Choose another with --host.`,
    };
    throw new MainspringError(
      "CONFIG_INVALID",
      advice[code ?? ""] ?? `The server can't listen on ${host}:${port}: ${message}`,
    );
  }
}

interface Ready extends Opened {
  readonly url: string;
  readonly settings: ServeSettings;
  readonly config: LayersConfig;
  readonly print: Print;
}

function announce({ catalog, activation, url, settings, config, print }: Ready): void {
  const { data, dev, store } = settings;
  print(
    `Mainspring is ready at ${url} (catalog ${catalog.name} ${catalog.hash}, ${describePlace(placeOf(settings))}${dev === true ? ", development" : ""})`,
  );
  const cacheLine = describeCache(store, config);
  if (cacheLine !== null) print(cacheLine);
  if (activation !== null && activation.hash !== catalog.hash) {
    print(
      `The catalog ${activation.name} ${activation.hash} becomes active at ${new Date(activation.atMs).toISOString()}.`,
    );
  }
  if (dev !== true) return;
  print(`  API           ${url}/v1`);
  print(`  its schema    ${url}/openapi.json`);
  const command = firstCommand(catalog, { url, data });
  if (command === null) return;
  print("Queue a first task for a first player, from another terminal in this folder:");
  print(`  ${command}`);
}

interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Keeps what the engine notes until the server's log is there. */
function createEarlyLog(): { telemetry: Telemetry; connect(log: Log): void } {
  let log: Log | null = null;
  const early: Parameters<Telemetry["note"]>[] = [];
  const write = (to: Log, [level, message, facts]: Parameters<Telemetry["note"]>): void =>
    to[level](facts, message);
  return {
    telemetry: {
      note(...note) {
        if (log !== null) write(log, note);
        else if (early.length < MAX_EARLY_NOTES) early.push(note);
      },
    },
    connect(to) {
      log = to;
      for (const note of early) write(to, note);
      early.length = 0;
    },
  };
}
