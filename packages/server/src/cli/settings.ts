/** What the command line is told: flags beat the environment, the environment beats the defaults. */
import { InvalidArgumentError, Option } from "commander";
import { MAX_DRAIN_MS } from "../heap/heap-limits.js";
import { LOG_LEVELS, type LogLevel } from "../http/log.js";

export const STORES = ["lmdb", "memory", "dynamodb"] as const;
export type StoreKind = (typeof STORES)[number];

export const DEFAULT_PORT = 8080;

const MAX_PORT = 65_535;

function parsePort(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= MAX_PORT) return port;
  throw new InvalidArgumentError(`It must be a number from 0 to ${MAX_PORT}; 0 picks a free one.`);
}

function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("It must be an address such as http://127.0.0.1:8080.");
}

function parseTablePrefix(text: string): string {
  if (/^[A-Za-z0-9_.-]{0,200}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be letters, digits and _ . - alone.");
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

export const dataOption = (): Option =>
  new Option("--data <folder>", "the data folder").env("MAINSPRING_DATA").default("./data");

export const urlOption = (): Option =>
  new Option("--url <address>", "where the server is")
    .env("MAINSPRING_URL")
    .argParser(parseUrl)
    .default(`http://127.0.0.1:${DEFAULT_PORT}`);

export const portOption = (): Option =>
  new Option("--port <number>", "the port; 0 picks a free one")
    .env("MAINSPRING_PORT")
    .argParser(parsePort)
    .default(DEFAULT_PORT);

export const hostOption = (): Option =>
  new Option("--host <address>", "the address to listen on").env("MAINSPRING_HOST").default("127.0.0.1");

export const storeOption = (): Option =>
  new Option("--store <kind>", "where players are kept")
    .env("MAINSPRING_STORE")
    .choices([...STORES])
    .default("lmdb");

export const tablePrefixOption = (): Option =>
  new Option("--table-prefix <text>", "what the names of the DynamoDB tables begin with")
    .env("MAINSPRING_TABLE_PREFIX")
    .argParser(parseTablePrefix)
    .default("mainspring-");

export const logLevelOption = (): Option =>
  new Option("--log-level <level>", "what is logged, to standard error")
    .env("MAINSPRING_LOG_LEVEL")
    .choices([...LOG_LEVELS])
    .default("warn");

export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  readonly store: StoreKind;
  readonly data: string;
  readonly tablePrefix: string;
  readonly catalog?: string;
  readonly config?: string;
  readonly dev?: boolean;
  readonly logLevel: LogLevel;
  readonly heapFolder?: string;
}

/** The environment of the process, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>;
