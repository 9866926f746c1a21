/** A configuration as an operator reads it: each key, its value, and who said so. Secrets are set or not, never shown. */
import { type ConfigEntry, describeOrigin } from "@mainspring/engine/config";
import type { LoadedServeConfig } from "./load-serve-config.js";
import { SERVE_SECRETS } from "./serve-schema.js";

export interface ShowOptions {
  /** Only what isn't as the preset has it. */
  readonly isChangedOnly: boolean;
}

/** Longer values are cut off in the table. */
const MAX_VALUE_LENGTH = 60;

const NOT_SET = "not set";

type Row = readonly [key: string, value: string, from: string];

/** In columns. */
export function configTable(loaded: LoadedServeConfig, options: ShowOptions): readonly string[] {
  const { file, secrets } = loaded;
  const rows: readonly Row[] = [
    ["KEY", "VALUE", "FROM"],
    ...(file === null ? [] : [["(file)", file.path, describeOrigin(file.origin)] as const]),
    ...entriesOf(loaded, options).map(({ key, value, origin }): Row => {
      const text = value === undefined ? NOT_SET : valueText(loaded, key, value);
      return [key.path, text, origin === null ? "" : describeOrigin(origin)];
    }),
    ...SERVE_SECRETS.map(({ path, env }): Row => {
      const isSet = secrets.has(path);
      return [path, isSet ? "set" : NOT_SET, isSet ? `environment ${env}` : ""];
    }).filter(([, value]) => !options.isChangedOnly || value !== NOT_SET),
  ];
  const widthOf = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [keyWidth, valueWidth] = [widthOf(0), widthOf(1)];
  return rows.map(([key, value, from]) =>
    `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${from}`.trimEnd(),
  );
}

/** For programs. */
export function configJson(loaded: LoadedServeConfig, options: ShowOptions): unknown {
  const { file, mistakes, preset, secrets } = loaded;
  const values = entriesOf(loaded, options).map(({ key, value, origin }) => [
    key.path,
    { value: isHidden(loaded, key) ? null : (value ?? null), from: origin },
  ]);
  return {
    preset,
    file: file === null ? null : { path: file.path, from: file.origin },
    values: Object.fromEntries(values) as unknown,
    secrets: Object.fromEntries(
      SERVE_SECRETS.map(({ path, env }) => [path, { isSet: secrets.has(path), env }]),
    ),
    mistakes,
  };
}

function entriesOf({ entries }: LoadedServeConfig, { isChangedOnly }: ShowOptions): readonly ConfigEntry[] {
  if (!isChangedOnly) return entries;
  return entries.filter(({ value, fallback }) => JSON.stringify(value) !== JSON.stringify(fallback));
}

function valueText(loaded: LoadedServeConfig, key: ConfigEntry["key"], value: unknown): string {
  if (isHidden(loaded, key)) return "not shown";
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH - 1)}…` : text;
}

/** What was refused there may be a secret in the wrong place. */
function isHidden({ mistakes }: LoadedServeConfig, { path, isDelicate }: ConfigEntry["key"]): boolean {
  return isDelicate === true && mistakes.some((mistake) => mistake.path === path);
}
