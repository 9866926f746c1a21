/** Requests that must be refused: each with what it must be answered. A table without test code. */
import type { Answer, CallOptions, TestServer } from "../support/start-server.js";
import { forgedToken, unsignedToken } from "../support/odd-tokens.js";

export interface BadRequest {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly send: (server: TestServer) => Promise<Answer | null>;
}

const TASKS = "/v1/players/ada/queue/tasks";
const QUEUE = "/v1/players/ada/queue";
const ADJUST = "/v1/players/ada/adjust";

type Expected = readonly [status: number, code: string];

const INVALID: Expected = [400, "INVALID_REQUEST"];
const NO_TOKEN: Expected = [401, "UNAUTHENTICATED"];
const FORBIDDEN: Expected = [403, "FORBIDDEN"];

function bad(name: string, [status, code]: Expected, send: BadRequest["send"]): BadRequest {
  return { name, status, code, send };
}

/** A request with the player's own token. */
function own(
  name: string,
  expected: Expected,
  request: readonly [method: string, path: string, options?: CallOptions],
): BadRequest {
  return bad(name, expected, (server) => server.call(...request));
}

/** An administrator's request. */
function admin(
  name: string,
  expected: Expected,
  request: readonly [method: string, path: string, options?: CallOptions],
): BadRequest {
  return bad(name, expected, (server) => server.asAdmin(...request));
}

/** Queues something that can't be queued. */
function task(name: string, body: unknown, expected: Expected = INVALID): BadRequest {
  return own(name, expected, ["POST", TASKS, { body }]);
}

/** An adjustment that can't be made. */
function adjust(name: string, body: unknown, expected: Expected = INVALID): BadRequest {
  return admin(name, expected, [
    "POST",
    ADJUST,
    { body, headers: { "idempotency-key": name.replaceAll(" ", "-") } },
  ]);
}

/** A body that is read as text. */
function typed(
  name: string,
  contentType: string,
  expected: Expected = [415, "UNSUPPORTED_MEDIA_TYPE"],
): BadRequest {
  return own(name, expected, [
    "POST",
    TASKS,
    { body: '{"activity":"dig"}', headers: { "content-type": contentType } },
  ]);
}

function withToken(
  name: string,
  token: (server: TestServer) => Promise<string> | string,
  expected: Expected = NO_TOKEN,
): BadRequest {
  return bad(name, expected, async (server) =>
    server.call("POST", TASKS, { body: { activity: "dig" }, token: await token(server) }),
  );
}

const tokens: readonly BadRequest[] = [
  own("no token", NO_TOKEN, ["GET", QUEUE, { token: null }]),
  own("another scheme", NO_TOKEN, [
    "GET",
    QUEUE,
    { token: null, headers: { authorization: "Basic YWRhOmFkYQ==" } },
  ]),
  own("a scheme without a token", NO_TOKEN, [
    "GET",
    QUEUE,
    { token: null, headers: { authorization: "Bearer" } },
  ]),
  bad("a token in the address", NO_TOKEN, async (server) =>
    server.call("GET", `${QUEUE}?access_token=${await server.token("ada")}`, { token: null }),
  ),
  withToken("a token that is none", () => "abc"),
  withToken("a token of dots", () => "a.b.c"),
  withToken("an expired token", (server) => server.token("ada", { expiresInMs: -6_000 })),
  withToken("an unsigned token", (server) =>
    unsignedToken({ sub: "ada", exp: server.clock.nowMs() / 1_000 + 60 }),
  ),
  withToken("a token signed with another key", (server) =>
    server.token("ada", { secret: "another secret of more than thirty-two bytes" }),
  ),
  withToken("a token of another algorithm", (server) => forgedToken(server, { alg: "HS512" })),
  withToken("a token without an expiry", (server) => forgedToken(server, { claims: { exp: undefined } })),
  withToken("a token without a subject", (server) => forgedToken(server, { claims: { sub: undefined } })),
  withToken("a token whose subject is no player's id", (server) =>
    forgedToken(server, { claims: { sub: "ada lovelace" } }),
  ),
  withToken("a token that isn't valid yet", (server) =>
    forgedToken(server, { claims: { nbf: server.clock.nowMs() / 1_000 + 60 } }),
  ),
  withToken("a token whose claims were changed", async (server) => {
    const [head = "", , signature = ""] = (await server.token("ada")).split(".");
    const [, claims = ""] = (await server.token("ada", { isAdmin: true })).split(".");
    return [head, claims, signature].join(".");
  }),
  withToken("another player's token", (server) => server.token("bob"), FORBIDDEN),
  bad("another player's token for a read", FORBIDDEN, async (server) =>
    server.call("GET", QUEUE, { token: await server.token("bob") }),
  ),
  withToken(
    "a scope that only begins like admin",
    (server) => forgedToken(server, { claims: { sub: "bob", scope: "administrator" } }),
    FORBIDDEN,
  ),
  own("a player who adjusts", FORBIDDEN, [
    "POST",
    ADJUST,
    { body: { items: { ore: 1 } }, headers: { "idempotency-key": "own" } },
  ]),
  own("a player who puts the clock ahead", FORBIDDEN, [
    "POST",
    "/v1/admin/players/ada/fast-forward",
    { body: { byMs: 1_000 } },
  ]),
  own("a player who activates a catalog", FORBIDDEN, [
    "POST",
    "/v1/admin/catalogs",
    { body: { catalog: {} } },
  ]),
  own("a player who looks at the numbers", FORBIDDEN, ["GET", "/v1/admin/performance"]),
];

const badUtf8 = Buffer.concat([
  Buffer.from('{"activity":"dig'),
  Buffer.from([0xff, 0xc3]),
  Buffer.from('"}'),
]);
const nested = `{"activity":"dig","until":${'{"skills":'.repeat(40)}1${"}".repeat(40)}}`;

const bodies: readonly BadRequest[] = [
  task("a body that isn't JSON", "activity=dig"),
  task("a body that ends too early", '{"activity":"dig"'),
  task("an empty body", ""),
  task("NaN", '{"activity":"dig","repeat":NaN}'),
  task("Infinity", '{"activity":"dig","repeat":Infinity}'),
  task("a number too large for a double", '{"activity":"dig","repeat":1e400}'),
  task("bad UTF-8", badUtf8),
  task("a list", [{ activity: "dig" }]),
  task("null", "null"),
  task("a text", '"dig"'),
  task("JSON that is too deep", nested),
  task("__proto__", '{"activity":"dig","__proto__":{"repeat":5}}'),
  task("__proto__ in disguise", String.raw`{"activity":"dig","\u005f_proto__":{"repeat":5}}`),
  task("__proto__ deeper down", '{"activity":"dig","until":{"items":{"__proto__":1}}}'),
  task("constructor and prototype", '{"activity":"dig","constructor":{"prototype":{"repeat":5}}}'),
  task("a body over the limit", { activity: "dig", filler: "x".repeat(70_000) }, [413, "BODY_TOO_LARGE"]),
  admin(
    "a catalog over the limit",
    [413, "BODY_TOO_LARGE"],
    ["POST", "/v1/admin/catalogs", { body: { catalog: "x".repeat(4_200_000) } }],
  ),
  typed("plain text", "text/plain"),
  typed("a form", "application/x-www-form-urlencoded"),
  typed("another kind of JSON", "application/merge-patch+json"),
  typed("JSON that isn't in UTF-8", "application/json; charset=latin1"),
  typed("a content type that is none", "json"),
  own(
    "a compressed body",
    [415, "UNSUPPORTED_MEDIA_TYPE"],
    ["POST", TASKS, { body: { activity: "dig" }, headers: { "content-encoding": "gzip" } }],
  ),
];

const enqueues: readonly BadRequest[] = [
  task("no activity", {}),
  task("a misspelt key", { activty: "dig" }),
  task("an activity that is a number", { activity: 7 }),
  task("an activity without letters", { activity: "" }),
  task("an activity of a thousand letters", { activity: "x".repeat(1_000) }),
  task("an unknown activity", { activity: "dive" }, [422, "UNKNOWN_ACTIVITY"]),
  task("an activity that every object has", { activity: "constructor" }, [422, "UNKNOWN_ACTIVITY"]),
  task("a number as text", { activity: "dig", repeat: "3" }),
  task("no repeats", { activity: "dig", repeat: 0 }),
  task("fewer than no repeats", { activity: "dig", repeat: -1 }),
  task("half a repeat", { activity: "dig", repeat: 1.5 }),
  task("a huge number", { activity: "dig", repeat: 1e21 }),
  task("a number that can't be exact", '{"activity":"dig","position":9007199254740993}'),
  task("true repeats", { activity: "dig", repeat: true }),
  task("a position before the first", { activity: "dig", position: -1 }),
  task("another way of being blocked", { activity: "dig", onBlocked: "maybe" }),
  task("an unknown key", { activity: "dig", priority: 1 }),
  task("an empty until", { activity: "dig", until: {} }),
  task("an until with an unknown item", { activity: "dig", until: { items: { gold: 1 } } }, [
    422,
    "UNKNOWN_ITEM",
  ]),
  task("an until with an unknown skill", { activity: "dig", until: { skills: { toString: 1 } } }, [
    422,
    "UNKNOWN_SKILL",
  ]),
  task("an until with a level that there isn't", { activity: "dig", until: { skills: { mining: 99 } } }),
  task("an until with half an item", { activity: "dig", until: { items: { ore: 0.5 } } }),
  task("no tasks", { tasks: [] }),
  task("tasks and a task", { activity: "dig", tasks: [{ activity: "dig" }] }),
  task("a thousand and one tasks", { tasks: Array.from({ length: 1_001 }, () => ({ activity: "dig" })) }),
  task("one bad task among good ones", { tasks: [{ activity: "dig" }, { activity: "dig", repeat: 0 }] }),
  task("more tasks than fit", { tasks: Array.from({ length: 4 }, () => ({ activity: "dig" })) }, [
    409,
    "QUEUE_FULL",
  ]),
  task("a task of more than an hour", { activity: "dig", repeat: 3_601 }, [422, "TASK_TOO_LONG"]),
];

const commands: readonly BadRequest[] = [
  own("a pause with something in it", INVALID, ["POST", `${QUEUE}/pause`, { body: { untilMs: 5 } }]),
  own("a task's number that is none", INVALID, ["DELETE", `${TASKS}/first`]),
  own("task 0", INVALID, ["DELETE", `${TASKS}/0`]),
  own("a task's number in another notation", INVALID, ["DELETE", `${TASKS}/1e0`]),
  own("a task's number with a leading zero", INVALID, ["DELETE", `${TASKS}/01`]),
  own("a task's number that can't be exact", INVALID, ["DELETE", `${TASKS}/99999999999999999999`]),
  own("a task that isn't there", [404, "TASK_NOT_FOUND"], ["DELETE", `${TASKS}/99`]),
  own("a move to nowhere", INVALID, ["POST", `${TASKS}/1/move`, { body: {} }]),
  own("a move before a text", INVALID, ["POST", `${TASKS}/1/move`, { body: { before: "2" } }]),
  own(
    "a move before a task that isn't there",
    [404, "TASK_NOT_FOUND"],
    ["POST", `${TASKS}/1/move`, { body: { before: 99 } }],
  ),
  own("an order with a task twice", INVALID, ["PUT", `${QUEUE}/order`, { body: { taskIds: [1, 2, 1] } }]),
  own(
    "an order that lacks a task",
    [409, "VERSION_CONFLICT"],
    ["PUT", `${QUEUE}/order`, { body: { taskIds: [2] } }],
  ),
  own("an order of texts", INVALID, ["PUT", `${QUEUE}/order`, { body: { taskIds: ["2", "1"] } }]),
  own(
    "an unknown slot",
    [422, "UNKNOWN_SLOT"],
    ["POST", "/v1/players/ada/equip", { body: { slot: "hat", item: "pick" } }],
  ),
  own(
    "an unknown item",
    [422, "UNKNOWN_ITEM"],
    ["POST", "/v1/players/ada/equip", { body: { slot: "tool", item: "axe" } }],
  ),
  own("an equipment without an item", INVALID, ["POST", "/v1/players/ada/equip", { body: { slot: "tool" } }]),
  own("a claim of nothing", INVALID, [
    "POST",
    "/v1/players/ada/stash/claim",
    { body: { items: { ore: 0 } } },
  ]),
  own(
    "a claim of more than there is",
    [409, "INSUFFICIENT_ITEMS"],
    ["POST", "/v1/players/ada/stash/claim", { body: { items: { ore: 1 } } }],
  ),
  admin("an adjustment without a key", INVALID, ["POST", ADJUST, { body: { items: { ore: 1 } } }]),
  adjust("an empty adjustment", {}),
  adjust("an adjustment of an unknown item", { items: { gold: 1 } }, [422, "UNKNOWN_ITEM"]),
  adjust("an adjustment of what every object has", { items: { hasOwnProperty: 1 } }, [422, "UNKNOWN_ITEM"]),
  adjust("an adjustment of __proto__", '{"items":{"__proto__":1}}'),
  adjust("an adjustment past what is exact", { items: { ore: 2 ** 53 } }),
  adjust("an adjustment of half an item", { items: { ore: 0.5 } }),
  adjust("an adjustment of more than there is", { items: { ore: -1 } }, [409, "INSUFFICIENT_ITEMS"]),
  adjust("an effect on nothing", { effects: [{ stat: "luck", add: 1, untilMs: 9e15 }] }),
  adjust("an effect of the past", { effects: [{ stat: "speed", add: 1, untilMs: 1 }] }),
  adjust("an effect of seven decimals", { effects: [{ stat: "speed", add: 0.0000001, untilMs: 8e15 }] }),
  adjust("a reason that is a novel", { items: { ore: 1 }, reason: "x".repeat(513) }),
  admin("a clock that is put back", INVALID, [
    "POST",
    "/v1/admin/players/ada/fast-forward",
    { body: { byMs: -1 } },
  ]),
  admin("a clock that is put ahead by ages", INVALID, [
    "POST",
    "/v1/admin/players/ada/fast-forward",
    { body: { byMs: 1e15 } },
  ]),
  admin("a catalog that is activated in words", INVALID, [
    "POST",
    "/v1/admin/catalogs",
    { body: { catalog: {}, activateAtMs: "now" } },
  ]),
  admin("no catalog", INVALID, ["POST", "/v1/admin/catalogs", { body: {} }]),
];

function withHeaders(
  name: string,
  headers: Readonly<Record<string, string>>,
  expected: Expected = INVALID,
): BadRequest {
  return own(name, expected, ["POST", TASKS, { body: { activity: "dig" }, headers }]);
}

const headers: readonly BadRequest[] = [
  withHeaders("an If-Match without quotes", { "if-match": "1" }),
  withHeaders("an If-Match of two", { "if-match": '"1", "2"' }),
  withHeaders("an If-Match below zero", { "if-match": '"-1"' }),
  withHeaders("an If-Match of the past", { "if-match": '"0"' }, [409, "VERSION_CONFLICT"]),
  withHeaders("an If-Match of the future", { "if-match": '"999"' }, [409, "VERSION_CONFLICT"]),
  withHeaders("an empty Idempotency-Key", { "idempotency-key": "" }),
  withHeaders("an Idempotency-Key of 129 characters", { "idempotency-key": "k".repeat(129) }),
  withHeaders("an Idempotency-Key with a blank", { "idempotency-key": "a b" }),
  withHeaders("an Idempotency-Key beyond ASCII", { "idempotency-key": "clé" }),
  withHeaders("a key that was used for something else", { "idempotency-key": "used" }, [
    422,
    "IDEMPOTENCY_KEY_REUSED",
  ]),
];

const addresses: readonly BadRequest[] = [
  own("an address that there isn't", [404, "NOT_FOUND"], ["GET", "/v1/players/ada/quests"]),
  own("an address with a slash too many", [404, "NOT_FOUND"], ["GET", `${QUEUE}/`]),
  own("a method that the address doesn't have", [405, "METHOD_NOT_ALLOWED"], ["PATCH", QUEUE, { body: {} }]),
  own("a read of what can only be done", [405, "METHOD_NOT_ALLOWED"], ["GET", `${QUEUE}/pause`]),
  own("a method of another world", [405, "METHOD_NOT_ALLOWED"], ["PROPFIND", QUEUE]),
  own("bad percent-encoding", INVALID, ["GET", "/v1/players/%zz/queue"]),
  own("percent-encoding that isn't UTF-8", INVALID, ["GET", "/v1/players/%ff/queue"]),
  admin("an id with a blank", INVALID, ["GET", "/v1/players/ada%20lovelace"]),
  admin("an id with a slash", INVALID, ["GET", "/v1/players/ada%2fqueue"]),
  admin("an id of 65 characters", INVALID, ["GET", `/v1/players/${"a".repeat(65)}`]),
  admin("an id of 2,000 characters", INVALID, ["GET", `/v1/players/${"a".repeat(2_000)}`]),
  admin("a player who isn't there", [404, "PLAYER_NOT_FOUND"], ["GET", "/v1/players/nobody"]),
  admin(
    "a command for a player who isn't there",
    [404, "PLAYER_NOT_FOUND"],
    ["POST", "/v1/players/nobody/queue/tasks", { body: { activity: "dig" } }],
  ),
  own("events after nothing", INVALID, ["GET", "/v1/players/ada/events?after="]),
  own("events before the first", INVALID, ["GET", "/v1/players/ada/events?after=-1"]),
  own("events after half a number", INVALID, ["GET", "/v1/players/ada/events?after=1.5"]),
  own("events after two numbers", INVALID, ["GET", "/v1/players/ada/events?after=1&after=2"]),
  own("no events", INVALID, ["GET", "/v1/players/ada/events?limit=0"]),
  own("too many events", INVALID, ["GET", "/v1/players/ada/events?limit=1001"]),
  own("an unknown parameter", INVALID, ["GET", "/v1/players/ada/events?since=1"]),
];

export const BAD_REQUESTS: readonly BadRequest[] = [
  ...tokens,
  ...bodies,
  ...enqueues,
  ...commands,
  ...headers,
  ...addresses,
];
