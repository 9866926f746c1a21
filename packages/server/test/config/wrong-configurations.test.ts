/** Wrong configurations, and what each of them is told: where, what, by whom, and what helps. */
import { describe, expect, it } from "vitest";
import { complaintsAbout, type Told } from "../support/told-config.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";
const PRODUCTION = { MAINSPRING_JWT_SECRET: SECRET };

const A_LIST_TOO_LONG = Array.from({ length: 1_001 }, (_, index) => `player-${index}`);

/** Everything else about them is right. */
const WRONG: readonly (readonly [what: string, told: Told, ...says: string[]])[] = [
  // Keys.
  [
    "a misspelt key",
    { file: { batch: { maxBatchSise: 50 } } },
    "batch.maxBatchSise (file game.json): there is no such key. Did you mean batch.maxBatchSize?",
  ],
  [
    "a misspelt section",
    { file: { overlaod: { minConcurrency: 8 } } },
    "overlaod (file game.json): there is no such key. Did you mean overload?",
  ],
  [
    "a key that is like no other",
    { file: { database: { retries: 3 } } },
    "database.retries (file game.json): there is no such key. There are maxConnections, connectionTimeout and idleTimeout.",
  ],
  [
    "a key in the wrong section",
    { file: { port: 8080 } },
    "port (file game.json): there is no such key. There are preset, server, store, auth, redis, cache, database, batch, memory, overload, layers, guard and telemetry.",
  ],
  [
    "a path instead of a section",
    { file: { "redis.ttl": { activeQueue: 60 } } },
    '"redis.ttl" (file game.json): there is no such key. Sections are objects: { "redis": { "ttl": … } }.',
  ],
  [
    "a key that would clear the terminal",
    { file: { "\u001b[2J": 1 } },
    String.raw`"\u001b[2J" (file game.json): there is no such key. There are preset, server, store, auth, redis, cache, database, batch, memory, overload, layers, guard and telemetry.`,
  ],
  [
    "a misspelt key on the command line",
    { args: ["--set", "layers.prefetch=true"] },
    "layers.prefetch (flag --set): there is no such key. There are cache, batching, pool, prediction, memoryGovernor, overloadLimit, checkpoint and checkpointInterval.",
  ],
  [
    "a section as if it were a key",
    { args: ["--set", 'redis={"tls":true}'] },
    "redis (flag --set): is a section, not a key. It has host, port, username, tls, cluster and ttl.",
  ],
  [
    "a part of what is said as a whole",
    { args: ["--set", "layers.pool.percent=10"] },
    `layers.pool.percent (flag --set): layers.pool has no parts that could be set alone. Give all of it as JSON: layers.pool='…'. It must be true, false or { "percent": 0 to 100, "players": […], "except": […] }.`,
  ],
  [
    "a file that is a list",
    { file: [{ preset: "production" }] },
    "file game.json: must be an object, not a list. It has preset, server, store, auth, redis, cache, database, batch, memory, overload, layers, guard and telemetry.",
  ],
  [
    "a section that is a number",
    { file: { memory: 200 } },
    "memory (file game.json): must be an object, not 200. It has maxCacheSize, gcInterval, memoryThreshold, enableGcOptimization and levelShares.",
  ],
  [
    "an address with a password for a section",
    { file: { redis: "redis://:hunter2@cache.example:6379" } },
    "redis (file game.json): must be an object, not a text. It has host, port, username, tls, cluster and ttl.",
  ],
  [
    "the key that signs tokens for a section",
    { file: { auth: SECRET } },
    "auth (file game.json): must be an object, not a text. It has jwksUrl, issuer and audience.",
  ],

  // Values.
  [
    "a number out of its bounds",
    { file: { batch: { maxBatchSize: 0 } } },
    "batch.maxBatchSize (file game.json): must be a whole number from 1 to 10000, not 0. Left out, it is 50.",
  ],
  [
    "a number as text",
    { file: { server: { port: "8080" } } },
    'server.port (file game.json): must be a whole number from 0 to 65535, not "8080". Left out, it is 8080.',
  ],
  [
    "half a millisecond",
    { file: { cache: { localMaxAge: 0.5 } } },
    "cache.localMaxAge (file game.json): must be a whole number from 1 to 60000 (ms), not 0.5. Left out, it is 2000.",
  ],
  [
    "a time with its unit",
    { env: { MAINSPRING_LAYERS_CHECKPOINT_INTERVAL: "2m" } },
    'layers.checkpointInterval (environment MAINSPRING_LAYERS_CHECKPOINT_INTERVAL): must be a whole number from 1 to 86400000 (ms), not "2m". Left out, it is 120000.',
  ],
  [
    "less memory than a process takes",
    { args: ["--set", "memory.memoryThreshold=200"] },
    "memory.memoryThreshold (flag --set): must be a whole number from 16777216 to 1099511627776 (bytes), not 200. Left out, it is 209715200.",
  ],
  [
    "a word for a truth",
    { env: { MAINSPRING_REDIS_TLS: "yes" } },
    'redis.tls (environment MAINSPRING_REDIS_TLS): must be true or false, not "yes". Left out, it is false.',
  ],
  [
    "nothing where something is needed",
    { file: { server: { host: null } } },
    'server.host (file game.json): must be an address or a name, such as 127.0.0.1, ::1 or localhost, not null. Left out, it is "127.0.0.1".',
  ],
  [
    "a preset that there isn't",
    { file: { preset: "staging" } },
    'preset (file game.json): must be "production" or "development", not "staging". Left out, it is "production".',
  ],
  [
    "a store that there isn't",
    { args: ["--store", "postgres"] },
    'store.kind (flag --store): must be "lmdb", "memory" or "dynamodb", not "postgres". Left out, it is "lmdb".',
  ],
  [
    "a level of the log that there isn't",
    { env: { MAINSPRING_LOG_LEVEL: "verbose" } },
    'server.logLevel (environment MAINSPRING_LOG_LEVEL): must be "silent", "error", "warn", "info" or "debug", not "verbose". Left out, it is "warn".',
  ],
  [
    "a prefix that no table can have",
    { args: ["--table-prefix", "my game"] },
    'store.tablePrefix (flag --table-prefix): must be at most 200 letters, digits and _ . -, not "my game". Left out, it is "mainspring-".',
  ],
  [
    "two levels of memory instead of three",
    { file: { memory: { levelShares: [0.7, 1] } } },
    "memory.levelShares (file game.json): must be a list of three numbers, each above 0.1 and up to 1, not a list of 2. Left out, it is [0.7,0.85,1].",
  ],
  [
    "keys that anybody on the way could change",
    {
      env: {
        MAINSPRING_JWKS_URL: "http://keys.example",
        MAINSPRING_JWT_ISSUER: "i",
        MAINSPRING_JWT_AUDIENCE: "a",
      },
    },
    "auth.jwksUrl (environment MAINSPRING_JWKS_URL): must be an https:// address without a name or password in it. It may be left out.",
  ],

  // Layers for some of the players.
  [
    "more than all players",
    { file: { layers: { cache: { percent: 101 } } } },
    "layers.cache.percent (file game.json): must be a number from 0 to 100, with at most two decimals, not 101. Left out, layers.cache is false.",
  ],
  [
    "a share with three decimals",
    { file: { layers: { batching: { percent: 0.125 } } } },
    "layers.batching.percent (file game.json): must be a number from 0 to 100, with at most two decimals, not 0.125. Left out, layers.batching is false.",
  ],
  [
    "a rollout to nobody knows whom",
    { file: { layers: { pool: { player: ["ada"] } } } },
    "layers.pool.percent (file game.json): is missing; it must be a number from 0 to 100, with at most two decimals. Left out, layers.pool is true.",
    "layers.pool.player (file game.json): there is no such key. Did you mean layers.pool.players?",
  ],
  [
    "a player's id that is none",
    { file: { layers: { overloadLimit: { percent: 0, players: ["ada", "ada lovelace"] } } } },
    "layers.overloadLimit.players.1 (file game.json): must be a player's id: 1 to 64 of A-Z a-z 0-9 . _ : @ | -. Left out, layers.overloadLimit is true.",
  ],
  [
    "more players than a list may hold",
    { file: { layers: { batching: { percent: 0, players: A_LIST_TOO_LONG } } } },
    "layers.batching.players (file game.json): must be a list of at most 1000 players' ids, each once, not a list of 1001. Left out, layers.batching is false.",
  ],
  [
    "players in one text",
    { file: { layers: { batching: { percent: 0, players: "ada,bob" } } } },
    "layers.batching.players (file game.json): must be a list of at most 1000 players' ids, each once, not a text. Left out, layers.batching is false.",
  ],
  [
    "a player twice",
    { file: { layers: { batching: { percent: 0, players: ["ada", "bob", "ada"] } } } },
    "layers.batching.players (file game.json): must be a list of at most 1000 players' ids, each once, not a list of 3. Left out, layers.batching is false.",
  ],
  [
    "a player who is both in and out",
    { file: { layers: { batching: { percent: 5, players: ["ada", "bob"], except: ["bob"] } } } },
    "layers.batching (file game.json): has the player at place 1 of its players among those that are excepted, too. Take the player out of one of the lists.",
  ],
  [
    "a tenth of the process",
    { file: { layers: { memoryGovernor: { percent: 10 } } } },
    "layers.memoryGovernor.percent (file game.json): must be 0 or 100, since the process has one for everybody, not 10. Left out, layers.memoryGovernor is true.",
  ],
  [
    "a checkpoint that there isn't",
    { env: { MAINSPRING_LAYERS_CHECKPOINT: "never" } },
    'layers.checkpoint (environment MAINSPRING_LAYERS_CHECKPOINT): must be "commit", "interval" or { "percent": 0 to 100, "players": […], "except": […] }, not "never". Left out, it is "commit".',
  ],

  // What doesn't go together.
  [
    "prediction without the cache",
    { file: { layers: { prediction: { percent: 5 }, cache: { percent: 0 } } } },
    "layers.prediction (file game.json): fetches ahead into the cache, which is off. Switch layers.cache on as well, or prediction off.",
  ],
  [
    "levels that don't rise",
    { file: { memory: { levelShares: [0.85, 0.85, 1] } } },
    "memory.levelShares (file game.json): must rise from level to level. For example [0.7, 0.85, 1].",
  ],
  [
    "a least above the greatest",
    { args: ["--set", "overload.minConcurrency=2000"] },
    "overload.minConcurrency (flag --set): is 2000, above overload.maxConcurrency, which is 1000. Lower the one, or raise the other.",
  ],
  [
    "caches that may take more than the process",
    { file: { cache: { maxBytes: 268_435_456 } } },
    "cache.maxBytes (file game.json): lets the caches alone take 268435456 bytes, more than memory.memoryThreshold lets the process: 209715200. Lower the one, or raise the other.",
  ],
  [
    "a development server for everybody",
    { args: ["--dev", "--host", "0.0.0.0"] },
    "server.host (flag --host): is 0.0.0.0, but a development server listens on this machine alone, since its tokens are for trying things out. Leave it out, or switch server.dev (--dev) off.",
  ],
  [
    "no way to check tokens",
    { env: { MAINSPRING_JWT_SECRET: "" } },
    "auth: the server must know how to check tokens. Set MAINSPRING_JWT_SECRET (at least 32 bytes) to sign them yourself, or auth.jwksUrl with auth.issuer and auth.audience; or try things out with --dev.",
  ],
  [
    "public keys of nobody in particular",
    { file: { auth: { jwksUrl: "https://keys.example/jwks", issuer: "https://keys.example" } } },
    "auth.audience: is missing, and auth.jwksUrl needs it: other applications' tokens may be signed with the same keys. Say which audience tokens must have, or leave auth.jwksUrl out.",
  ],
  [
    "a key that can be guessed",
    { env: { MAINSPRING_JWT_SECRET: "hunter2" } },
    "auth.secret (environment MAINSPRING_JWT_SECRET): the key that signs tokens must have at least 32 bytes, not 7. Set MAINSPRING_JWT_SECRET to a longer one, from `openssl rand -hex 32` for example.",
  ],
  [
    "a user of Redis without a password",
    {
      file: {
        store: { kind: "dynamodb" },
        layers: { cache: true },
        redis: { host: "cache.example", username: "game" },
      },
    },
    "redis.username (file game.json): is set, but not the user's password. Set REDIS_PASSWORD in the environment, or leave the name out.",
  ],
  [
    "a Redis that nobody named",
    { args: ["--store", "dynamodb", "--set", "layers.cache=true"] },
    "redis.host (default): nobody has said where Redis is, and with layers.cache all instances share it. Set REDIS_ENDPOINT or redis.host, to localhost if it is there; or switch layers.cache off.",
  ],
  [
    "a rollout of connections that there aren't",
    { file: { layers: { pool: { percent: 50 } } } },
    'layers.pool (file game.json): can\'t be rolled out to some players: the lmdb store has no connections. Leave it out, or keep players in DynamoDB: store.kind "dynamodb".',
  ],

  // Who says it.
  [
    "a misspelt variable",
    { env: { MAINSPRING_LOGLEVEL: "info" } },
    "MAINSPRING_LOGLEVEL: there is no such variable. Did you mean MAINSPRING_LOG_LEVEL? If not, unset it.",
  ],
  [
    "a variable that is like no other",
    { env: { MAINSPRING_TEST_STORE: "lmdb" } },
    "MAINSPRING_TEST_STORE: there is no such variable. Unset it; `mainspring config reference` lists all that there are.",
  ],
  [
    "what Kubernetes sets for a service called mainspring",
    {
      env: {
        MAINSPRING_PORT: "tcp://10.0.0.11:8080",
        MAINSPRING_SERVICE_HOST: "10.0.0.11",
        MAINSPRING_PORT_8080_TCP: "tcp://10.0.0.11:8080",
      },
    },
    "MAINSPRING_PORT: Kubernetes sets this variable, and 2 more like it, for a service of that name, and it can be taken for a setting. Set enableServiceLinks: false in the pod's specification, or give the service another name.",
  ],
  [
    "an address of Redis with a password in it",
    { env: { REDIS_ENDPOINT: "redis://game:hunter2@cache.example:6379" } },
    'redis.host (environment REDIS_ENDPOINT): must be a name or an address, not a URL. Left out, it is "localhost".',
  ],
  [
    "a key that is said twice on the command line",
    { args: ["--port", "80", "--set", "server.port=81"] },
    "server.port (flag --set): flag --port says something else: 80 and 81. Leave one of them out.",
  ],
  [
    "a password in the file",
    { file: { redis: { password: "hunter2" } } },
    "redis.password (file game.json): secrets come from the environment alone, where nobody else can read them. Remove it here, replace the secret if others could read it, and set REDIS_PASSWORD.",
  ],
  [
    "a secret in the file, wherever",
    { file: { jwtSecret: "hunter2" } },
    "jwtSecret (file game.json): secrets come from the environment alone, where nobody else can read them. Remove it here, replace the secret if others could read it, and set MAINSPRING_JWT_SECRET or REDIS_PASSWORD.",
  ],
  [
    "a secret on the command line",
    { args: ["--set", "auth.secret=hunter2"] },
    "auth.secret (flag --set): secrets come from the environment alone, where nobody else can read them. Remove it here, replace the secret if others could read it, and set MAINSPRING_JWT_SECRET.",
  ],
];

describe(`${WRONG.length} wrong configurations`, () => {
  it.each(WRONG.map(([what, told, ...says]) => ({ what, told, says })))("$what", ({ told, says }) => {
    expect(complaintsAbout({ ...told, env: { ...PRODUCTION, ...told.env } })).toEqual(says);
    expect(says.join("\n")).not.toContain("hunter2");
  });

  it("are right but for what is told of them: without it nothing is said", () => {
    expect(complaintsAbout({ env: PRODUCTION })).toEqual([]);
    expect(complaintsAbout({ args: ["--dev"] })).toEqual([]);
  });

  it("are told all at once, whoever has made the mistakes", () => {
    const file = { batch: { maxBatchSise: 1 }, memory: { gcInterval: 0, levelShares: [0.9, 0.8, 1] } };
    const env = { MAINSPRING_LOGLEVEL: "info", MAINSPRING_DATABASE_MAX_CONNECTIONS: "0" };
    const args = ["--port", "-1", "--set", "overload.minConcurrency=2000"];
    const paths = complaintsAbout({ args, env, file }).map((line) => /^[\w.]+/.exec(line)?.[0]);
    expect(paths).toEqual([
      "batch.maxBatchSise",
      "MAINSPRING_LOGLEVEL",
      "memory.gcInterval",
      "database.maxConnections",
      "server.port",
      "auth",
      "memory.levelShares",
      "overload.minConcurrency",
    ]);
  });
});
