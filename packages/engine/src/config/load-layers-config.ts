/** Puts the layers' configuration together: a preset, what a file says over it, and the environment over both. */
import { closest, MainspringError } from "@mainspring/core";
import { Value } from "typebox/value";
import { LAYERS_SCHEMA, type LayersConfig } from "./layers-schema.js";
import { type Preset, presetConfig } from "./presets.js";

export interface LayersConfigSources {
  /** Default `development`. A file may name one too: `{ "preset": "production" }`. */
  readonly preset?: Preset;
  /** Parsed JSON of a `--config` file: any part of the configuration. */
  readonly file?: unknown;
  /** For `REDIS_ENDPOINT`. Default: none. */
  readonly env?: Environment;
}

/** A mistake in a configuration. */
export interface ConfigMistake {
  readonly path: string;
  readonly problem: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The configuration of the layers.
 * @throws MainspringError `CONFIG_INVALID` with every mistake in the message and as `details.mistakes`.
 */
export function loadLayersConfig({
  preset = "development",
  file = {},
  env = {},
}: LayersConfigSources = {}): LayersConfig {
  if (!isObject(file)) throw invalid([{ path: "", problem: "must be an object" }]);
  const { preset: named = preset, $schema: _, ...parts } = file;
  if (named !== "development" && named !== "production") {
    throw invalid([{ path: "preset", problem: 'must be "development" or "production"' }]);
  }
  const base = presetConfig(named);
  const mistakes = unknownKeys(parts, base, "");
  const merged: unknown = mergeKnown(base, parts);
  for (const { instancePath, keyword, message } of Value.Errors(LAYERS_SCHEMA, merged)) {
    if (keyword === "boolean" || keyword === "additionalProperties" || keyword === "const") continue;
    const path = instancePath.slice(1).replaceAll("/", ".");
    mistakes.push({ path, problem: keyword === "anyOf" ? 'must be "commit" or "interval"' : message });
  }
  if (mistakes.length > 0) throw invalid(mistakes);
  const config = withEndpoint(merged as LayersConfig, named, env);
  refuseCombinations(config);
  return config;
}

/** The environment beats the file. Endpoints are often given with their port. */
function withEndpoint(config: LayersConfig, preset: Preset, env: Environment): LayersConfig {
  const endpoint = env["REDIS_ENDPOINT"];
  if (preset !== "production" || endpoint === undefined) return config;
  const [, host = endpoint, port = String(config.redis.port)] = /^([^:]+):([0-9]{1,5})$/.exec(endpoint) ?? [];
  const redis = { ...config.redis, host, port: Number(port) };
  const isPossible = Value.Check(LAYERS_SCHEMA.properties.redis, redis);
  if (isPossible) return { ...config, redis };
  throw invalid([
    { path: "REDIS_ENDPOINT", problem: "must be a host, or a host and a port: cache.example:6379" },
  ]);
}

function refuseCombinations({ layers, memory, overload }: LayersConfig): void {
  const mistakes: ConfigMistake[] = [];
  if (layers.prediction && !layers.cache) {
    mistakes.push({
      path: "layers.prediction",
      problem: "fetches ahead into the cache: switch layers.cache on as well",
    });
  }
  const [short, tight, out] = memory.levelShares;
  if (!(short < tight && tight < out)) {
    mistakes.push({ path: "memory.levelShares", problem: "must rise, as in [0.7, 0.85, 1]" });
  }
  if (overload.minConcurrency > overload.maxConcurrency) {
    mistakes.push({ path: "overload.minConcurrency", problem: "must not be above overload.maxConcurrency" });
  }
  if (mistakes.length > 0) throw invalid(mistakes);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys that the configuration doesn't have, with the one that was probably meant. */
function unknownKeys(value: JsonObject, known: object, path: string): ConfigMistake[] {
  const names = Object.keys(known);
  return Object.entries(value).flatMap(([key, entry]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (!names.includes(key)) {
      const meant = closest(key, names);
      return [{ path: at, problem: `unknown key${meant === null ? "" : `; did you mean "${meant}"?`}` }];
    }
    const inner: unknown = Reflect.get(known, key);
    return isObject(entry) && isObject(inner) ? unknownKeys(entry, inner, at) : [];
  });
}

/** `over` laid over `base`, where `base` has the key. */
function mergeKnown(base: object, over: JsonObject): unknown {
  const merged = Object.entries(base).map(([key, value]: [string, unknown]): [string, unknown] => {
    if (!Object.hasOwn(over, key)) return [key, value];
    const entry = over[key];
    return [key, isObject(value) && isObject(entry) ? mergeKnown(value, entry) : entry];
  });
  return Object.fromEntries(merged);
}

function invalid(mistakes: readonly ConfigMistake[]): MainspringError {
  const lines = mistakes.map(({ path, problem }) => `${path === "" ? "configuration" : path}: ${problem}`);
  return new MainspringError(
    "CONFIG_INVALID",
    `The configuration has ${lines.length} mistake(s):\n${lines.join("\n")}`,
    { mistakes },
  );
}
