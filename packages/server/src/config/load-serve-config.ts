/** Loads the configuration of a server: defaults, preset, file, environment and command line, each stronger than the one before. */
import {
  type ConfigOrigin,
  type ConfigPlan,
  configOrThrow,
  type ConfigSource,
  type Environment,
  fromDefaults,
  fromEnvironment,
  fromObject,
  fromTexts,
  keysOf,
  LAYERS_COMPOUNDS,
  type LoadedConfig,
  loadConfig,
  type Preset,
  PRESET_PARTS,
  PRESETS,
  type SaidText,
} from "@mainspring/engine/config";
import { SERVE_RULES } from "./serve-rules.js";
import { SERVE_SCHEMA, SERVE_SECRETS, type ServeConfig } from "./serve-schema.js";

/** The variable that names the file. */
export const CONFIG_VARIABLE = "MAINSPRING_CONFIG";

/** Read by the commands that talk to a server. */
const OTHER_VARIABLES = [CONFIG_VARIABLE, "MAINSPRING_URL", "MAINSPRING_TOKEN"];

/** Where to look. The same sources can be read again later: files may have changed by then. */
export interface ServeSources {
  readonly env: Environment;
  /** The command line, key by key. */
  readonly said: readonly SaidText[];
  /** Named on the command line; the environment may name one, too. */
  readonly file?: string | undefined;
  /** The JSON in a file. @throws MainspringError `CONFIG_INVALID` */
  readonly readFile: (path: string) => unknown;
}

export interface LoadedServeConfig extends LoadedConfig<ServeConfig> {
  readonly preset: Preset;
  readonly file: { readonly path: string; readonly origin: ConfigOrigin } | null;
  /** Those that are set, by path: `auth.secret`, `redis.password`. */
  readonly secrets: ReadonlyMap<string, string>;
}

const PLAN: ConfigPlan<typeof SERVE_SCHEMA> = {
  schema: SERVE_SCHEMA,
  secrets: SERVE_SECRETS,
  rules: SERVE_RULES,
};

export const SERVE_KEYS = keysOf(SERVE_SCHEMA);

/**
 * Reads all sources, anew each time.
 * @throws MainspringError `CONFIG_INVALID` if there is no reading the file; other mistakes are in what it returns
 */
export function loadServeConfig(sources: ServeSources): LoadedServeConfig {
  const { env, said, readFile } = sources;
  const file = fileOf(sources);
  const over: readonly ConfigSource[] = [
    ...(file === null
      ? []
      : [fromObject(PLAN, withoutSchema(readFile(file.path)), { kind: "file", name: file.path })]),
    fromEnvironment(env, {
      keys: SERVE_KEYS,
      secrets: SERVE_SECRETS,
      others: OTHER_VARIABLES,
      isOurs: (name) => name.startsWith("MAINSPRING_"),
      compounds: LAYERS_COMPOUNDS,
    }),
    fromTexts(PLAN, said),
  ];
  const preset = presetOf(over);
  const secrets = secretsIn(env);
  const loaded = loadConfig(
    PLAN,
    [
      fromDefaults(SERVE_KEYS),
      standing(isDevelopment(over) ? "development" : "production"),
      fromObject(PLAN, PRESET_PARTS[preset], { kind: "preset", name: preset }),
      ...over,
    ],
    secrets,
  );
  return { ...loaded, preset, file, secrets };
}

/** @throws MainspringError `CONFIG_INVALID` with every mistake in the message and as `details.mistakes` */
export function serveConfigOrThrow(loaded: LoadedServeConfig): ServeConfig {
  return configOrThrow(loaded);
}

function fileOf({ file, env }: ServeSources): LoadedServeConfig["file"] {
  if (file !== undefined) return { path: file, origin: { kind: "flag", name: "--config" } };
  const path = env[CONFIG_VARIABLE] ?? "";
  return path === "" ? null : { path, origin: { kind: "environment", name: CONFIG_VARIABLE } };
}

/** Editors know from it what the file may hold. */
function withoutSchema(document: unknown): unknown {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return document;
  const { $schema: _, ...parts } = document as Readonly<Record<string, unknown>>;
  return parts;
}

/** What everything else stands on has to be known first. */
function presetOf(over: readonly ConfigSource[]): Preset {
  const named = lastWord(over, "preset");
  const byDefault = isDevelopment(over) ? "development" : "production";
  return PRESETS.find((name) => name === named) ?? byDefault;
}

function isDevelopment(over: readonly ConfigSource[]): boolean {
  return lastWord(over, "server.dev") === true;
}

function lastWord(over: readonly ConfigSource[], path: string): unknown {
  const words = over.flatMap(({ given }) => given).map((given) => [given.path, given.value] as const);
  return new Map(words).get(path);
}

/** The preset where nobody names one. */
function standing(preset: Preset): ConfigSource {
  return { given: [{ path: "preset", value: preset, origin: { kind: "default", name: "" } }], mistakes: [] };
}

function secretsIn(env: Environment): ReadonlyMap<string, string> {
  const set = SERVE_SECRETS.map(({ path, env: name }): [string, string] => [path, env[name] ?? ""]);
  return new Map(set.filter(([, text]) => text !== ""));
}
