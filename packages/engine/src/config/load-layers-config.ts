/** The configuration of the layers alone, for programs that bring everything else: a preset, a file over it, the environment over both. */
import { keysOf, type SecretKey } from "./config-key.js";
import { type ConfigSource, fromDefaults, fromObject } from "./config-source.js";
import { type Environment, fromEnvironment } from "./environment-source.js";
import { LAYERS_RULES } from "./layers-rules.js";
import { LAYERS_SCHEMA, type LayersConfig } from "./layers-schema.js";
import { type ConfigPlan, configOrThrow, loadConfig } from "./load-config.js";
import { type Preset, PRESET_PARTS } from "./presets.js";

export interface LayersConfigSources {
  /** Default `development`. */
  readonly preset?: Preset;
  /** Parsed JSON: any part of the configuration. */
  readonly file?: unknown;
  /** Variables such as `MAINSPRING_BATCH_MAX_BATCH_SIZE` and `REDIS_ENDPOINT`. Default: none. */
  readonly env?: Environment;
}

export const LAYERS_SECRETS: readonly SecretKey[] = [
  {
    path: "redis.password",
    env: "REDIS_PASSWORD",
    description: "The password of the user, or of Redis.",
  },
];

export const LAYERS_COMPOUNDS = { REDIS_ENDPOINT: partsOfEndpoint };

const PLAN: ConfigPlan<typeof LAYERS_SCHEMA> = {
  schema: LAYERS_SCHEMA,
  secrets: LAYERS_SECRETS,
  rules: LAYERS_RULES,
};

/** Other variables may be the program's own. */
const OUR_VARIABLES = new RegExp(
  `^MAINSPRING_(?:${Object.keys(LAYERS_SCHEMA.properties).join("|").toUpperCase()})_`,
);

/**
 * The configuration of the layers.
 * @throws MainspringError `CONFIG_INVALID` with every mistake in the message and as `details.mistakes`: `path`, `origin`, `problem`, `remedy`
 */
export function loadLayersConfig({
  preset = "development",
  file = {},
  env = {},
}: LayersConfigSources = {}): LayersConfig {
  const keys = keysOf(LAYERS_SCHEMA);
  const environment = fromEnvironment(env, {
    keys,
    secrets: LAYERS_SECRETS,
    others: [],
    isOurs: (name) => OUR_VARIABLES.test(name),
    compounds: LAYERS_COMPOUNDS,
  });
  const sources: readonly ConfigSource[] = [
    fromDefaults(keys),
    fromObject(PLAN, PRESET_PARTS[preset], { kind: "preset", name: preset }),
    fromObject(PLAN, file, { kind: "file", name: "" }),
    environment,
  ];
  return configOrThrow(loadConfig(PLAN, sources));
}

/** Endpoints are often given with their port. */
function partsOfEndpoint(text: string): Readonly<Record<string, unknown>> {
  const [, literal, name, port] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  if (port === undefined) return { "redis.host": text };
  return { "redis.host": literal ?? name, "redis.port": Number(port) };
}
