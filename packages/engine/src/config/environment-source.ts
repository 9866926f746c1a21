/** The environment as a source: one variable for each key, and no other that looks like one. */
import { closest } from "@mainspring/core";
import type { ConfigKey, SecretKey } from "./config-key.js";
import { type ConfigMistake, type ConfigSource, type Given, valueOfText } from "./config-source.js";

/** The environment of the process, or of a test. An empty variable counts as none. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentRules {
  readonly keys: readonly ConfigKey[];
  readonly secrets: readonly SecretKey[];
  /** Variables that are read elsewhere. */
  readonly others: readonly string[];
  /** Whether any further variable is a mistake. */
  readonly isOurs: (name: string) => boolean;
  /** Variables that hold values for several keys, by path. */
  readonly compounds: Readonly<Record<string, (text: string) => Readonly<Record<string, unknown>>>>;
}

/** What Kubernetes sets in every container for a service called `mainspring` (or `mainspring-…`). */
const SERVICE_LINK =
  /^MAINSPRING_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

export function fromEnvironment(env: Environment, rules: EnvironmentRules): ConfigSource {
  const { keys, secrets, others, isOurs, compounds } = rules;
  const given: Given[] = [];
  for (const { path, env: name, schema } of keys) {
    const text = env[name] ?? "";
    const origin = { kind: "environment", name } as const;
    if (text === "") continue;
    const values = compounds[name]?.(text) ?? { [path]: valueOfText(schema, text) };
    given.push(...Object.entries(values).map(([at, value]) => ({ path: at, value, origin })));
  }
  const known = new Set([...[...keys, ...secrets].map(({ env: name }) => name), ...others]);
  const links = Object.keys(env).filter((name) => isServiceLink(name, env[name]));
  const strangers = Object.keys(env).filter(
    (name) => !known.has(name) && !links.includes(name) && isOurs(name),
  );
  return {
    given: given.filter(({ origin: { name } }) => !links.includes(name)),
    mistakes: [...serviceLinks(links), ...strangers.map((name) => unknownVariable(name, known))],
  };
}

function isServiceLink(name: string, text = ""): boolean {
  return SERVICE_LINK.test(name) || (/^MAINSPRING_(?:\w+_)?PORT$/.test(name) && SERVICE_ADDRESS.test(text));
}

function serviceLinks([name, ...others]: readonly string[]): readonly ConfigMistake[] {
  if (name === undefined) return [];
  const more = others.length === 0 ? "" : `, and ${others.length} more like it,`;
  return [
    {
      path: name,
      origin: { kind: "environment", name },
      problem: `Kubernetes sets this variable${more} for a service of that name, and it can be taken for a setting`,
      remedy: "Set enableServiceLinks: false in the pod's specification, or give the service another name.",
    },
  ];
}

function unknownVariable(name: string, known: ReadonlySet<string>): ConfigMistake {
  const meant = closest(name, known);
  return {
    path: name,
    origin: { kind: "environment", name },
    problem: "there is no such variable",
    remedy:
      meant === null
        ? "Unset it; `mainspring config reference` lists all that there are."
        : `Did you mean ${meant}? If not, unset it.`,
    ...(meant !== null && { didYouMean: meant }),
  };
}
