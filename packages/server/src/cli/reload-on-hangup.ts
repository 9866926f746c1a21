/** SIGHUP: the configuration is read again from where it came. Layers follow it at once; everything else needs a restart, and is named. */
import { isDeepStrictEqual } from "node:util";
import { type Flags, layerSettings, type Telemetry } from "@mainspring/engine";
import {
  loadServeConfig,
  type LoadedServeConfig,
  serveConfigOrThrow,
  type ServeSources,
} from "../config/load-serve-config.js";
import type { ServeConfig } from "../config/serve-schema.js";

export interface ReloadOptions {
  readonly sources: ServeSources;
  /** What holds since the start. */
  readonly loaded: LoadedServeConfig;
  readonly flags: Pick<Flags, "configure">;
  readonly telemetry: Telemetry;
}

/** Of the section of layers this one is no switch. */
const NO_SWITCH = "layers.checkpointInterval";

export function reloadOnHangup(options: ReloadOptions): void {
  // There the signal says that the terminal was closed, and the server with it.
  if (process.stdin.isTTY || process.stdout.isTTY) return;
  let running = Promise.resolve();
  process.on("SIGHUP", () => {
    // One after the other: the last one read is the last one to hold.
    running = running.then(async () => reload(options));
  });
}

async function reload({ sources, loaded, flags, telemetry }: ReloadOptions): Promise<void> {
  const again = readAgain({ sources, telemetry });
  if (again === null) return;
  try {
    await flags.configure(layerSettings(again.config.layers));
    telemetry.note("info", "The configuration was read again.", {});
  } catch (error) {
    telemetry.note(
      "error",
      "The configuration was read again, but layers that were switched at run time can't follow it yet; send the signal again.",
      factsOf(error),
    );
  }
  const needRestart = changedKeys(loaded, again.loaded).filter(
    (path) => path === NO_SWITCH || !path.startsWith("layers."),
  );
  if (needRestart.length === 0) return;
  telemetry.note("warn", "These keys were changed, and hold from the next start on.", {
    keys: needRestart.join(", "),
  });
}

/** What can't be read, or can't be, changes nothing: `null`. */
function readAgain({ sources, telemetry }: Pick<ReloadOptions, "sources" | "telemetry">): {
  readonly loaded: LoadedServeConfig;
  readonly config: ServeConfig;
} | null {
  try {
    const loaded = loadServeConfig(sources);
    return { loaded, config: serveConfigOrThrow(loaded) };
  } catch (error) {
    telemetry.note(
      "error",
      "The configuration was read again and can't be; the one before holds.",
      factsOf(error),
    );
    return null;
  }
}

function factsOf(error: unknown): { readonly error: string } {
  return { error: error instanceof Error ? error.message : "unknown" };
}

function changedKeys(before: LoadedServeConfig, after: LoadedServeConfig): readonly string[] {
  const values = new Map(before.entries.map(({ key, value }) => [key.path, value]));
  return after.entries
    .filter(({ key, value }) => !isDeepStrictEqual(values.get(key.path), value))
    .map(({ key }) => key.path);
}
