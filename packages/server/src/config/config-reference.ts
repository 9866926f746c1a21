/** The reference page of the configuration, made from the schema. */
import { type ConfigKey, expectationOf, PRESET_PARTS, PRESETS } from "@mainspring/engine/config";
import { CONFIG_VARIABLE, SERVE_KEYS } from "./load-serve-config.js";
import { SERVE_SCHEMA, SERVE_SECRETS } from "./serve-schema.js";

const INTRODUCTION = `# The configuration: reference

Every key that \`mainspring serve\` understands. This page is made from the schema with \`npm run docs:config\`; \`mainspring config reference\` prints that of the version you have. How to use it is told in [Configuration](configuration.md).

- **Key**: in the file, sections are objects: \`{ "batch": { "maxBatchSize": 50 } }\`. On the command line any key can be set with \`--set batch.maxBatchSize=50\`; some have a flag of their own.
- **Default**: what it is where nobody says anything. Where a preset has another value, it stands beside it.
- **Variable**: of the environment. Lists and objects are given as JSON; an empty variable counts as none. The file itself is named with \`--config\` or \`${CONFIG_VARIABLE}\`.
`;

const SECRETS = `## Secrets

These come from the environment alone: a file, or a command line, that holds one is refused.

| key | variable | |
| --- | --- | --- |
`;

const HEAD = `| key | value | default | variable | flag | what it does |
| --- | --- | --- | --- | --- | --- |
`;

/** Markdown. */
export function configReference(): string {
  const sections = Object.entries(SERVE_SCHEMA.properties).map(([name, section]) => {
    const keys = SERVE_KEYS.filter(({ path }) => path === name || path.startsWith(`${name}.`));
    const { description = "" } = section as { readonly description?: string };
    const intro = keys[0]?.path === name ? "" : `${description}\n\n`;
    return `## ${name}\n\n${intro}${HEAD}${keys.map(rowOf).join("\n")}\n`;
  });
  const secrets = SERVE_SECRETS.map(({ path, env, description }) => row(code(path), code(env), description));
  return [INTRODUCTION, ...sections, `${SECRETS}${secrets.join("\n")}\n`].join("\n");
}

function rowOf(key: ConfigKey): string {
  const { path, schema, env, flag, description } = key;
  const flagCell = flag === undefined ? "" : code(flag);
  return row(code(path), expectationOf(schema), defaultOf(key), code(env), flagCell, description);
}

/** `25`; in the preset `development` 10. */
function defaultOf({ path, default: value, defaultIs = "none" }: ConfigKey): string {
  if (value === undefined) return defaultIs;
  const [section = "", name = ""] = path.split(".");
  const others = PRESETS.flatMap((preset) => {
    const part: unknown = Reflect.get(Reflect.get(PRESET_PARTS[preset], section) ?? {}, name);
    return part === undefined ? [] : [`${preset}: ${code(JSON.stringify(part))}`];
  });
  return [code(JSON.stringify(value)), ...others].join("; ");
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
