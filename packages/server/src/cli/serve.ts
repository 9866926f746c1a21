/** `mainspring serve`: an engine on a store, HTTP on the engine, and an orderly end. */
import { join } from "node:path";
import { measured, type Telemetry } from "@mainspring/engine";
import { loadServeConfig, serveConfigOrThrow, type ServeSources } from "../config/load-serve-config.js";
import type { ServeConfig } from "../config/serve-schema.js";
import { createServer } from "../create-server.js";
import { DRAIN_TIMEOUT_MS } from "../limits.js";
import { openTracing } from "../tracing/open-tracing.js";
import type { Tracing } from "../tracing/tracing.js";
import { announce } from "./announce.js";
import { createEarlyLog } from "./early-log.js";
import { listen } from "./listen.js";
import { openCache } from "./open-cache.js";
import { openEngine } from "./open-engine.js";
import { openFlags } from "./open-flags.js";
import { openLimits } from "./open-limits.js";
import { openStore, withBatching } from "./open-store.js";
import { readJsonFile } from "./read-json-file.js";
import { reloadOnHangup } from "./reload-on-hangup.js";
import { serverAuthenticate } from "./server-authenticate.js";
import { stopOnSignals } from "./stop-on-signals.js";

/** The engine gets a little longer than the requests, to save what it is at. */
const CLOSE_TIMEOUT_MS = DRAIN_TIMEOUT_MS + 5_000;

/** Starts the server and returns when it is ready; it ends with a signal. */
export async function serve(sources: ServeSources, print: (line: string) => void): Promise<void> {
  // What is wrong is said before anything is touched.
  const loaded = loadServeConfig(sources);
  const config = serveConfigOrThrow(loaded);
  const { dev: isDevelopment, catalog, logLevel } = config.server;
  const document = catalog === undefined ? undefined : readJsonFile(catalog, "catalog");
  const log = createEarlyLog();
  const { telemetry } = log;
  const flags = openFlags(config, telemetry);
  const limits = openLimits(config, { flags, telemetry });
  const auth = { config, secret: loaded.secrets.get("auth.secret"), budget: limits.budget };
  // Only a development server keeps its key in the data folder, which the store makes.
  const known = isDevelopment ? null : serverAuthenticate(auth);
  const plainStore = measured(await openStore(config.store, config, flags));
  const store = await withBatching(plainStore, config, flags.asks("batching"));
  const cache = await openCache({
    config,
    password: loaded.secrets.get("redis.password"),
    telemetry,
    limits,
    flags,
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const parts = await openEngine(
    { plainStore, store, cache, limits, flags },
    { telemetry, document, config },
  );
  const { engine } = parts;
  try {
    const authenticate = known ?? serverAuthenticate(auth);
    const tracing = await tracingOf(config, telemetry);
    const server = createServer({
      engine,
      authenticate,
      isDevelopment,
      logLevel,
      metrics: config.telemetry.metrics,
      ...(tracing !== null && { tracing }),
      ...heapFolderOf(config),
    });
    log.connect(server.log);
    const url = await listen(server, config.server);
    stopOnSignals({
      steps: [() => server.close(), async () => tracing?.close(), () => engine.close()],
      timeoutMs: CLOSE_TIMEOUT_MS,
      print,
    });
    reloadOnHangup({ sources, loaded, flags, telemetry });
    announce({ ...parts, url, config, print });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Its libraries load only where something is to be traced. */
async function tracingOf(config: ServeConfig, telemetry: Telemetry): Promise<Tracing | null> {
  const { traceShare: share, trustTraceParents: trustsTraceParents, maxTracesPerSecond } = config.telemetry;
  if (share === 0 && !trustsTraceParents) return null;
  return openTracing({ share, trustsTraceParents, maxPerSecond: maxTracesPerSecond, telemetry });
}

/** Beside the players where they are kept in a folder; otherwise the server's default. */
function heapFolderOf({ server: { heapFolder }, store }: ServeConfig): { heapFolder?: string } {
  if (heapFolder !== undefined) return { heapFolder };
  return store.kind === "lmdb" ? { heapFolder: join(store.data, "heap") } : {};
}
