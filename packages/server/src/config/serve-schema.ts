/** The schema of everything that `mainspring serve` can be told: its own sections, and those of the layers. */
import { type KeyNotes, LAYERS_SCHEMA, LAYERS_SECRETS, type SecretKey } from "@mainspring/engine/config";
import { GUARD_THRESHOLDS } from "@mainspring/engine/flags";
import { type Static, Type } from "typebox";

const strict = { additionalProperties: false } as const;

export const DEFAULT_PORT = 8080;

export const STORES = ["lmdb", "memory", "dynamodb"] as const;
export type StoreKind = (typeof STORES)[number];

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const preset = Type.Union([Type.Literal("production"), Type.Literal("development")], {
  description: "Which ready-made numbers everything else stands on.",
  defaultIs: '`"production"`; with `server.dev` `"development"`',
} satisfies KeyNotes);

const path = (notes: KeyNotes) =>
  Type.String({ minLength: 1, maxLength: 4_096, expected: "the path of a file or folder", ...notes });

const server = Type.Object(
  {
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: "The port; 0 picks a free one.",
      default: DEFAULT_PORT,
      env: "MAINSPRING_PORT",
      flag: "--port",
    } satisfies KeyNotes & { minimum: number; maximum: number }),
    host: Type.String({
      pattern: "^[A-Za-z0-9_.:%-]{1,253}$",
      description:
        "The address to listen on: `0.0.0.0` for all, and of a name the first address. 127.0.0.1 is this machine alone.",
      expected: "an address or a name, such as 127.0.0.1, ::1 or localhost",
      default: "127.0.0.1",
      env: "MAINSPRING_HOST",
      flag: "--host",
    } satisfies KeyNotes & { pattern: string }),
    dev: Type.Boolean({
      description:
        "For trying things out: a signing key of its own, clocks that can be put ahead, hints at the start. It listens on this machine alone.",
      default: false,
      flag: "--dev",
    } satisfies KeyNotes),
    catalog: Type.Optional(
      path({
        description: "Propose the catalog in this file at the start.",
        defaultIs: "what the store has",
        env: "MAINSPRING_CATALOG",
        flag: "--catalog",
      }),
    ),
    logLevel: Type.Union(
      [
        Type.Literal("silent"),
        Type.Literal("error"),
        Type.Literal("warn"),
        Type.Literal("info"),
        Type.Literal("debug"),
      ],
      {
        description: "What is logged, as JSON lines on standard error. From `debug` on one for each request.",
        default: "warn",
        env: "MAINSPRING_LOG_LEVEL",
        flag: "--log-level",
      } satisfies KeyNotes,
    ),
    heapFolder: Type.Optional(
      path({
        description: "Where heap snapshots are put. It is for this user alone.",
        defaultIs: "`heap` in the data folder with the embedded store, otherwise a temporary folder",
        env: "MAINSPRING_HEAP_FOLDER",
        flag: "--heap-folder",
      }),
    ),
  },
  { ...strict, description: "The process and its address." },
);

const store = Type.Object(
  {
    kind: Type.Union([Type.Literal("lmdb"), Type.Literal("memory"), Type.Literal("dynamodb")], {
      description:
        "Where players are kept. `lmdb`: embedded, durable, one server for a folder. `dynamodb`: for any number of servers. `memory`: gone with the process.",
      default: "lmdb",
      env: "MAINSPRING_STORE",
      flag: "--store",
    } satisfies KeyNotes),
    data: path({
      description:
        "The data folder, on a local disk: of the embedded store, and of the key that `server.dev` makes. It is made if it is missing, for this user alone.",
      default: "./data",
      env: "MAINSPRING_DATA",
      flag: "--data",
    }),
    tablePrefix: Type.String({
      pattern: "^[A-Za-z0-9_.-]{0,200}$",
      description: "What the names of the DynamoDB tables begin with.",
      expected: "at most 200 letters, digits and _ . -",
      default: "mainspring-",
      env: "MAINSPRING_TABLE_PREFIX",
      flag: "--table-prefix",
    } satisfies KeyNotes & { pattern: string }),
  },
  { ...strict, description: "Where players are kept." },
);

const claim = (notes: KeyNotes) => Type.Optional(Type.String({ minLength: 1, maxLength: 1_024, ...notes }));

const auth = Type.Object(
  {
    jwksUrl: Type.Optional(
      Type.String({
        pattern: String.raw`^(?:https:\/\/[^\s@\/?#]+|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?)(?:[\/?#]\S{0,2000})?$`,
        description: "Where the public keys are that sign tokens (RS256, PS256, ES256, EdDSA).",
        expected: "an https:// address without a name or password in it",
        isDelicate: true,
        env: "MAINSPRING_JWKS_URL",
      } satisfies KeyNotes & { pattern: string }),
    ),
    issuer: claim({
      description: "The `iss` that tokens must have. The public keys need it.",
      env: "MAINSPRING_JWT_ISSUER",
    }),
    audience: claim({
      description: "The `aud` that tokens must have. The public keys need it.",
      env: "MAINSPRING_JWT_AUDIENCE",
    }),
  },
  { ...strict, description: "How tokens are checked: by a shared key, by public keys, or by both." },
);

const guard = Type.Object(
  {
    isOn: Type.Boolean({
      description: "Takes a layer that is partly rolled out back from those who fare worse with it.",
      default: true,
    } satisfies KeyNotes),
    minRequests: Type.Integer({
      minimum: 20,
      maximum: 1_000_000,
      description: "So many requests of each side within 30 s, before errors and latencies are compared.",
      default: GUARD_THRESHOLDS.minRequests,
    } satisfies KeyNotes & { minimum: number; maximum: number }),
    errorShare: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: "By so much may the share of failed requests be larger: 0.02 is two in a hundred.",
      default: GUARD_THRESHOLDS.errorShare,
    } satisfies KeyNotes & { exclusiveMinimum: number; maximum: number }),
    latencyFactor: Type.Number({
      exclusiveMinimum: 1,
      maximum: 1_000,
      description: "So many times as long may the slowest requests take.",
      default: GUARD_THRESHOLDS.latencyFactor,
    } satisfies KeyNotes & { exclusiveMinimum: number; maximum: number }),
    latencyMs: Type.Number({
      minimum: 0,
      maximum: 60_000,
      unit: "ms",
      description: "And by at least so much longer, to matter.",
      default: GUARD_THRESHOLDS.latencyMs,
    } satisfies KeyNotes & { minimum: number; maximum: number }),
  },
  { ...strict, description: "What watches over a rollout." },
);

const telemetry = Type.Object(
  {
    metrics: Type.Union([Type.Literal("open"), Type.Literal("admin"), Type.Literal("off")], {
      description: "Who may read `/metrics`: anybody who reaches the server, administrators, or nobody.",
      default: "open",
    } satisfies KeyNotes),
    traceShare: Type.Number({
      minimum: 0,
      maximum: 1,
      description: "The share of requests that are traced; 0 is none.",
      default: 0,
    } satisfies KeyNotes & { minimum: number; maximum: number }),
    maxTracesPerSecond: Type.Number({
      exclusiveMinimum: 0,
      description: "No more requests are traced in a second, whatever the share.",
      default: 5,
    } satisfies KeyNotes & { exclusiveMinimum: number }),
    trustTraceParents: Type.Boolean({
      description:
        "Trace a request as its caller's `traceparent` says, where it has one. Only behind proxies of your own: anybody could have each request traced.",
      default: false,
    } satisfies KeyNotes),
  },
  { ...strict, description: "What the server tells of itself." },
);

export const SERVE_SCHEMA = Type.Object(
  { preset, server, store, auth, ...LAYERS_SCHEMA.properties, guard, telemetry },
  strict,
);

/** A complete configuration of a server. Secrets are no part of it. */
export type ServeConfig = Static<typeof SERVE_SCHEMA>;

/** What comes from the environment alone. */
export const SERVE_SECRETS: readonly SecretKey[] = [
  {
    path: "auth.secret",
    env: "MAINSPRING_JWT_SECRET",
    description: "A shared key that signs tokens (HS256), of at least 32 bytes.",
  },
  ...LAYERS_SECRETS,
];
