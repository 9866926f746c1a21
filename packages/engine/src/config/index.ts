/** `@mainspring/engine/config`: what a strict configuration is made of, and the layers' part of it. */
export {
  type ConfigKey,
  type KeyNotes,
  keysOf,
  type SecretKey,
} from "./config-key.js";
export {
  type ConfigMistake,
  type ConfigOrigin,
  type ConfigSource,
  type ConfigVocabulary,
  describeOrigin,
  fromDefaults,
  fromObject,
  fromTexts,
  type Given,
  type SaidText,
  valueOfText,
} from "./config-source.js";
export { type Environment, type EnvironmentRules, fromEnvironment } from "./environment-source.js";
export { expectationOf } from "./expectation.js";
export { shown } from "./shown.js";
export { layerSetting, layerSettings, type LayerWish } from "./layer-settings.js";
export { LAYERS_RULES } from "./layers-rules.js";
export { LAYERS_SCHEMA, type LayersConfig } from "./layers-schema.js";
export {
  type ConfigEntry,
  type ConfigPlan,
  type ConfigRule,
  configOrThrow,
  formatConfigMistake,
  type LoadedConfig,
  loadConfig,
  type RuleFacts,
} from "./load-config.js";
export {
  LAYERS_COMPOUNDS,
  LAYERS_SECRETS,
  loadLayersConfig,
  type LayersConfigSources,
} from "./load-layers-config.js";
export { type Objection, objectionsTo } from "./objections.js";
export { type Preset, PRESET_PARTS, PRESETS } from "./presets.js";
