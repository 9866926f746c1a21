/** Puts a configuration together: sources in order of strength become one value, with the origin of each key and every mistake. */
import { MainspringError } from "@mainspring/core";
import type { Static, TObject } from "typebox";
import { type ConfigKey, keysOf } from "./config-key.js";
import {
  type ConfigMistake,
  type ConfigOrigin,
  type ConfigSource,
  type ConfigVocabulary,
  describeOrigin,
  type Given,
} from "./config-source.js";
import { type Objection, objectionsTo } from "./objections.js";
import { shown } from "./shown.js";

/** What no schema can say: keys that don't go together. */
export interface ConfigRule<Config> {
  /** Keys it looks at. With a mistake in one of them it isn't asked. */
  readonly keys: readonly string[];
  /** What is wrong, if anything. The path must be one of a key. */
  check(config: Config, known: RuleFacts): readonly Objection[];
}

export interface RuleFacts {
  /** Secrets that are set, by path. */
  readonly secrets: ReadonlyMap<string, string>;
  /** `null`: nobody has said anything, and there is no default. */
  readonly originOf: (path: string) => ConfigOrigin | null;
}

export interface ConfigPlan<Schema extends TObject> extends ConfigVocabulary<Schema> {
  readonly rules: readonly ConfigRule<Static<Schema>>[];
}

/** A key with its value. */
export interface ConfigEntry {
  readonly key: ConfigKey;
  /** `undefined`: there is none, and needn't be. */
  readonly value: unknown;
  readonly origin: ConfigOrigin | null;
  /** What it is where nobody says anything: by default, or by the preset. */
  readonly fallback: unknown;
}

export interface LoadedConfig<Config> {
  /** `null` if there is a mistake. */
  readonly config: Config | null;
  readonly entries: readonly ConfigEntry[];
  readonly mistakes: readonly ConfigMistake[];
}

/** @param sources the weakest first */
export function loadConfig<Schema extends TObject>(
  plan: ConfigPlan<Schema>,
  sources: readonly ConfigSource[],
  secrets: ReadonlyMap<string, string> = new Map(),
): LoadedConfig<Static<Schema>> {
  const keys = keysOf(plan.schema);
  const byPath = new Map(keys.map((key) => [key.path, key]));
  const fallbacks = fallbacksOf(sources);
  const strongest = new Map<string, Given>();
  const mistakes: ConfigMistake[] = [];
  const broken = new Set<string>();
  const object = (path: string, mistake: ConfigMistake): void => {
    broken.add(path);
    mistakes.push(mistake);
  };
  for (const source of sources) {
    mistakes.push(...source.mistakes);
    for (const { path, didYouMean = path } of source.mistakes) {
      broken.add(keys.find(({ env }) => env === didYouMean)?.path ?? didYouMean);
    }
    for (const mistake of saidTwice(source, byPath)) object(mistake.path, mistake);
    for (const given of source.given) strongest.set(given.path, given);
  }
  for (const { path, value, origin } of sources.flatMap(({ given }) => given)) {
    const key = byPath.get(path);
    if (key === undefined) continue;
    for (const objection of objectionsTo(key.schema, value, path)) {
      const remedy = objection.remedy ?? leftOut(key, fallbacks, objection.path);
      object(path, { ...objection, remedy, origin });
    }
  }
  const originOf = (path: string): ConfigOrigin | null => {
    const secret = plan.secrets.find((each) => each.path === path && secrets.has(path));
    const ofSecret = secret === undefined ? null : ({ kind: "environment", name: secret.env } as const);
    return strongest.get(path)?.origin ?? ofSecret;
  };
  const config = nested(keys, strongest) as Static<Schema>;
  // What was probably meant is as unknown as what is wrong: a rule that looks at it would object to something else.
  const isBroken = (path: string): boolean =>
    [...broken].some((mistaken) => path === mistaken || path.startsWith(`${mistaken}.`));
  for (const rule of plan.rules.filter((each) => !each.keys.some(isBroken))) {
    for (const objection of rule.check(config, { secrets, originOf })) {
      mistakes.push({ ...objection, origin: originOf(objection.path) });
    }
  }
  const entries = keys.map((key) => {
    const given = strongest.get(key.path);
    return { key, value: given?.value, origin: given?.origin ?? null, fallback: fallbacks.get(key.path) };
  });
  return { config: mistakes.length === 0 ? config : null, entries, mistakes };
}

/** @throws MainspringError `CONFIG_INVALID` with every mistake in the message and as `details.mistakes` */
export function configOrThrow<Config>({ config, mistakes }: LoadedConfig<Config>): Config {
  if (config !== null) return config;
  const lines = mistakes.map((mistake) => `  ${formatConfigMistake(mistake)}`);
  const count = lines.length === 1 ? "a mistake" : `${lines.length} mistakes`;
  throw new MainspringError("CONFIG_INVALID", `The configuration has ${count}:\n${lines.join("\n")}`, {
    mistakes,
  });
}

/** `batch.maxBatchSize (file x.json): must be a whole number from 1 to 10000, not 0. Left out, it is 25.` */
export function formatConfigMistake({ path, origin, problem, remedy }: ConfigMistake): string {
  const who = origin === null || origin.name === path ? "" : describeOrigin(origin);
  const where = path === "" ? who : who === "" ? path : `${path} (${who})`;
  return `${where}: ${problem}.${remedy === null ? "" : ` ${remedy}`}`;
}

/** One source that says two things of one key: neither can be believed. */
function saidTwice({ given }: ConfigSource, keys: ReadonlyMap<string, ConfigKey>): readonly ConfigMistake[] {
  const first = new Map<string, Given>();
  return given.flatMap((each) => {
    const before = first.get(each.path) ?? each;
    first.set(each.path, before);
    if (before === each || JSON.stringify(before.value) === JSON.stringify(each.value)) return [];
    const { path, origin } = each;
    const isDelicate = keys.get(path)?.isDelicate === true;
    const values = isDelicate ? "" : `: ${shown(before.value)} and ${shown(each.value)}`;
    const problem = `${describeOrigin(before.origin)} says something else${values}`;
    return [{ path, origin, problem, remedy: "Leave one of them out." }];
  });
}

/** What keys are where nobody says anything. */
function fallbacksOf(sources: readonly ConfigSource[]): ReadonlyMap<string, unknown> {
  const ready = sources
    .flatMap(({ given }) => given)
    .filter(({ origin: { kind } }) => kind === "default" || kind === "preset");
  return new Map(ready.map(({ path, value }) => [path, value]));
}

/** A way out that always works. */
function leftOut(
  { path, isOptional }: ConfigKey,
  fallbacks: ReadonlyMap<string, unknown>,
  at: string,
): string | null {
  const fallback = fallbacks.get(path);
  if (fallback === undefined) return isOptional ? "It may be left out." : null;
  return `Left out, ${at === path ? "it" : path} is ${JSON.stringify(fallback)}.`;
}

/** Every section is there, also where all of its keys are left out. */
function nested(keys: readonly ConfigKey[], strongest: ReadonlyMap<string, Given>): unknown {
  const whole: Record<string, unknown> = {};
  for (const { path } of keys) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let section = whole;
    for (const name of names) section = (section[name] ??= {}) as Record<string, unknown>;
    const given = strongest.get(path);
    if (given !== undefined) section[last] = given.value;
  }
  return whole;
}
