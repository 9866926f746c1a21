/** What a server can't be told together. */
import { type ConfigRule, LAYERS_RULES, layerSetting } from "@mainspring/engine/config";
import { isPartial } from "@mainspring/engine/flags";
import { MIN_SECRET_BYTES } from "../limits.js";
import type { ServeConfig } from "./serve-schema.js";

const LOOPBACK = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1)$/;

type Rule = ConfigRule<ServeConfig>;

const developmentListensHere: Rule = {
  keys: ["server.dev", "server.host"],
  check({ server: { dev, host } }) {
    if (!dev || LOOPBACK.test(host)) return [];
    return [
      {
        path: "server.host",
        problem: `is ${host}, but a development server listens on this machine alone, since its tokens are for trying things out`,
        remedy: "Leave it out, or switch server.dev (--dev) off.",
      },
    ];
  },
};

const tokensCanBeChecked: Rule = {
  keys: ["server.dev", "auth.jwksUrl", "auth.issuer", "auth.audience"],
  check({ server: { dev }, auth }, { secrets }) {
    const { jwksUrl, issuer, audience } = auth;
    if (jwksUrl === undefined) {
      if (dev || secrets.has("auth.secret")) return [];
      return [
        {
          path: "auth",
          problem: "the server must know how to check tokens",
          remedy:
            `Set MAINSPRING_JWT_SECRET (at least ${MIN_SECRET_BYTES} bytes) to sign them yourself, or ` +
            "auth.jwksUrl with auth.issuer and auth.audience; or try things out with --dev.",
        },
      ];
    }
    return Object.entries({ issuer, audience })
      .filter(([, value]) => value === undefined)
      .map(([name]) => ({
        path: `auth.${name}`,
        problem:
          "is missing, and auth.jwksUrl needs it: other applications' tokens may be signed with the same keys",
        remedy: `Say which ${name} tokens must have, or leave auth.jwksUrl out.`,
      }));
  },
};

const keyIsLongEnough: Rule = {
  keys: [],
  check(_, { secrets }) {
    const sizeBytes = new TextEncoder().encode(secrets.get("auth.secret") ?? "").length;
    if (sizeBytes === 0 || sizeBytes >= MIN_SECRET_BYTES) return [];
    return [
      {
        path: "auth.secret",
        problem: `the key that signs tokens must have at least ${MIN_SECRET_BYTES} bytes, not ${sizeBytes}`,
        remedy: "Set MAINSPRING_JWT_SECRET to a longer one, from `openssl rand -hex 32` for example.",
      },
    ];
  },
};

/** Redis is used only where instances share a store. */
function usesRedis({ store, layers }: ServeConfig): boolean {
  return store.kind === "dynamodb" && layers.cache !== false;
}

const redisUserHasPassword: Rule = {
  keys: ["redis.username", "store.kind", "layers.cache"],
  check(config, { secrets }) {
    if (!usesRedis(config) || config.redis.username === "" || secrets.has("redis.password")) return [];
    return [
      {
        path: "redis.username",
        problem: "is set, but not the user's password",
        remedy: "Set REDIS_PASSWORD in the environment, or leave the name out.",
      },
    ];
  },
};

const redisIsNamed: Rule = {
  keys: ["preset", "redis.host", "store.kind", "layers.cache"],
  check(config, { originOf }) {
    const isNamed = originOf("redis.host")?.kind !== "default";
    if (!usesRedis(config) || config.preset !== "production" || isNamed) return [];
    return [
      {
        path: "redis.host",
        problem: "nobody has said where Redis is, and with layers.cache all instances share it",
        remedy: "Set REDIS_ENDPOINT or redis.host, to localhost if it is there; or switch layers.cache off.",
      },
    ];
  },
};

const poolHasConnections: Rule = {
  keys: ["store.kind", "layers.pool"],
  check({ store: { kind }, layers: { pool } }) {
    if (kind === "dynamodb" || !isPartial(layerSetting(pool))) return [];
    return [
      {
        path: "layers.pool",
        problem: `can't be rolled out to some players: the ${kind} store has no connections`,
        remedy: 'Leave it out, or keep players in DynamoDB: store.kind "dynamodb".',
      },
    ];
  },
};

export const SERVE_RULES: readonly Rule[] = [
  developmentListensHere,
  tokensCanBeChecked,
  keyIsLongEnough,
  redisUserHasPassword,
  redisIsNamed,
  poolHasConnections,
  ...LAYERS_RULES,
];
