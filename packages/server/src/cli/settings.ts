/** What the commands are told, as options of the command line. Those of a server come from its schema, so that they are everywhere the same. */
import {
  type ConfigKey,
  type Environment,
  expectationOf,
  objectionsTo,
  shown,
  type SaidText,
  valueOfText,
} from "@mainspring/engine/config";
import { InvalidArgumentError, Option } from "commander";
import { CONFIG_VARIABLE, SERVE_KEYS, type ServeSources } from "../config/load-serve-config.js";
import { DEFAULT_PORT } from "../config/serve-schema.js";
import { MAX_DRAIN_MS } from "../heap/heap-limits.js";
import { readJsonFile } from "./read-json-file.js";

export type { Environment };

function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:8080.");
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Tokens live ten years at most. */
const MAX_EXPIRY_MS = 3_650 * 86_400_000;

/** `90s`, `15m`, `24h`, `7d`. */
export function parseDuration(text: string): number {
  const [, amount, unit = ""] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
  const durationMs = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
  if (durationMs <= MAX_EXPIRY_MS) return durationMs;
  throw new InvalidArgumentError("It must be a time such as 90s, 15m, 24h or 7d.");
}

/** As long a time, from `0s` on, as a heap snapshot may wait. */
export function parseDrain(text: string): number {
  const drainMs = /^0s?$/.test(text) ? 0 : parseDuration(text);
  if (drainMs <= MAX_DRAIN_MS) return drainMs;
  throw new InvalidArgumentError(`It must be a time from 0s to ${MAX_DRAIN_MS / 1_000}s.`);
}

/** A number of rows. */
export function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 1 to 9999.");
}

/** A share of the players. */
export function parsePercent(text: string): number {
  if (/^(?:100|[0-9]{1,2}(?:\.[0-9]{1,2})?)$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number from 0 to 100, with two decimals at most.");
}

/** Players, with commas between. */
export function parseIds(text: string): readonly string[] {
  return text.split(",").map((id) => id.trim());
}

export const urlOption = (): Option =>
  new Option("--url <address>", "where the server is")
    .env("MAINSPRING_URL")
    .argParser(parseUrl)
    .default(`http://127.0.0.1:${DEFAULT_PORT}`);

/** Keys of a server that other commands look at as well. */
export const dataOption = (): Option => optionOfKey("store.data");
export const storeOption = (): Option => optionOfKey("store.kind");
export const tablePrefixOption = (): Option => optionOfKey("store.tablePrefix");

/** An option that looks into the environment by itself, and has the key's default. */
function optionOfKey(path: string): Option {
  const key = SERVE_KEYS.find((known) => known.path === path);
  if (key?.flag === undefined) throw new RangeError(`No key ${path} has a flag.`);
  return new Option(`${key.flag} <${valueName(key)}>`, inPlainText(key.description))
    .env(key.env)
    .default(key.default)
    .argParser((text) => {
      const value = valueOfText(key.schema, text);
      const [objection] = objectionsTo(key.schema, value, path);
      if (objection !== undefined) throw new InvalidArgumentError(`It ${objection.problem}.`);
      return value;
    });
}

/** What `serve` and `config` understand. Nothing is looked at here: the configuration finds all mistakes at once. */
export function serveOptions(): readonly Option[] {
  const own = SERVE_KEYS.filter(({ flag }) => flag !== undefined).map((key) => {
    const name = valueName(key);
    return new Option(`${key.flag ?? ""}${name === null ? "" : ` <${name}>`}`, describe(key));
  });
  return [
    ...own,
    new Option("--config <path>", `the configuration in a file of JSON (${CONFIG_VARIABLE})`),
    new Option("--set <key=value>", "any key of the configuration; may be given again and again").argParser(
      (text: string, before: readonly string[] | undefined): readonly string[] | undefined => {
        if (!/^[^=]+=/.test(text)) {
          throw new InvalidArgumentError("It must be a key and its value: --set batch.maxBatchSize=50.");
        }
        return [...(before ?? []), text];
      },
    ),
  ];
}

/** What commander makes of the options above. */
export type ServeSettings = Readonly<Record<string, unknown>> & {
  readonly config?: string;
  readonly set?: readonly string[];
};

/** Where a server's configuration is to be looked for. */
export function serveSources(settings: ServeSettings, env: Environment): ServeSources {
  const own = SERVE_KEYS.flatMap(({ path, flag = "" }): SaidText[] => {
    const said = settings[attributeOf(flag)];
    if (flag === "" || (typeof said !== "string" && said !== true)) return [];
    return [{ path, text: `${said}`, origin: { kind: "flag", name: flag } }];
  });
  // As with flags of their own, the last word on a key counts: whoever wraps a command may go on to add to it.
  const set = new Map((settings.set ?? []).map((text) => [text.slice(0, text.indexOf("=")), text]));
  const others = [...set].map(([path, text]): SaidText => {
    return { path, text: text.slice(path.length + 1), origin: { kind: "flag", name: "--set" } };
  });
  return {
    env,
    said: [...own, ...others],
    file: settings.config,
    readFile: (path) => readJsonFile(path, "configuration"),
  };
}

/** `tablePrefix` for `--table-prefix`. */
function attributeOf(flag: string): string {
  return flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** How a value is called in the help; `null`: the flag alone says it. */
function valueName({ schema, expected = "" }: ConfigKey): string | null {
  const { type } = schema as { readonly type?: string };
  if (type === "boolean") return null;
  if (type === "integer") return "number";
  if (type !== "string") return "word";
  return expected.startsWith("the path") ? "path" : "text";
}

function describe(key: ConfigKey): string {
  const { description, defaultIs, schema, env } = key;
  const isWord = valueName(key) === "word";
  const facts = [
    ...(isWord ? [expectationOf(schema)] : []),
    ...(key.default === undefined || key.default === false ? [] : [`default: ${shown(key.default)}`]),
    ...(defaultIs === undefined ? [] : [`default: ${defaultIs}`]),
    env,
  ];
  return inPlainText(`${description} (${facts.join("; ")})`);
}

function inPlainText(markdown: string): string {
  return markdown.replaceAll(/[`"]/g, "");
}
