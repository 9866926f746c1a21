/** Bad requests each get their code, and change nothing. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendRaw } from "../support/raw-request.js";
import { type Answer, openServer, type TestServer } from "../support/start-server.js";
import { BAD_REQUESTS } from "./bad-requests.js";

const TASKS = "/v1/players/ada/queue/tasks";

/** For bodies that never come: as short as the machine can tell apart. */
const SHORT_TIMEOUT_MS = 300;

let server: TestServer & { end(): Promise<void> };
let authorization: string;

beforeAll(async () => {
  server = await openServer({ requestTimeoutMs: SHORT_TIMEOUT_MS });
  authorization = `Bearer ${await server.token("ada")}`;
  const tasks = [{ activity: "dig", repeat: 5 }, { activity: "fight" }];
  await server.call("POST", TASKS, { body: { tasks }, headers: { "idempotency-key": "used" } });
});

afterAll(() => server.end());

/** All that a request could have changed. */
async function snapshot(): Promise<unknown> {
  const { version, state } = await server.engine.read("ada");
  const { events, lastNumber } = await server.engine.events("ada");
  const timeline = await server.engine.catalogs.timeline();
  const others = await server.store.read(["bob", "nobody", "ops"]);
  return { version, state, events, lastNumber, timeline, others };
}

function expectProblem(answer: Answer | null, { status, code }: { status: number; code: string }): void {
  expect([answer?.status, answer?.body["code"]], answer?.text).toEqual([status, code]);
  expect(answer?.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  expect(answer?.body).toMatchObject({ type: `urn:mainspring:error:${code}`, status, code });
  expect(answer?.body["detail"]).toEqual(expect.stringMatching(/\S/));
  expect(typeof answer?.body["canRetry"]).toBe("boolean");
}

describe("bad requests", () => {
  it("are at least sixty, each of its own name", () => {
    expect(BAD_REQUESTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BAD_REQUESTS.map(({ name }) => name)).size).toBe(BAD_REQUESTS.length);
  });

  it.each(BAD_REQUESTS)("$name: $status $code", async ({ send, status, code }) => {
    const before = await snapshot();
    expectProblem(await send(server), { status, code });
    expect(await snapshot()).toEqual(before);
  });
});

interface RawCase {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly lines: readonly string[];
  readonly body?: string;
  readonly isEnded?: boolean;
}

const close = "Connection: close";
const json = "Content-Type: application/json";
const host = "Host: mainspring.test";

const RAW: readonly RawCase[] = [
  { name: "what isn't HTTP", status: 400, code: "INVALID_REQUEST", lines: ["EHLO mainspring"] },
  {
    name: "a request without Host",
    status: 400,
    code: "INVALID_REQUEST",
    lines: ["GET /healthz HTTP/1.1", close],
  },
  {
    name: "headers of 20 KiB",
    status: 431,
    code: "HEADERS_TOO_LARGE",
    lines: ["GET /healthz HTTP/1.1", host, `X-Filler: ${"x".repeat(20_000)}`],
  },
  {
    name: "an address of 20 KiB",
    status: 431,
    code: "HEADERS_TOO_LARGE",
    lines: [`GET /${"x".repeat(20_000)} HTTP/1.1`, host],
  },
  {
    name: "two lengths",
    status: 400,
    code: "INVALID_REQUEST",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "Content-Length: 18", "Content-Length: 19"],
    body: '{"activity":"dig"}',
  },
  {
    name: "a length and chunks",
    status: 400,
    code: "INVALID_REQUEST",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "Content-Length: 18", "Transfer-Encoding: chunked"],
    body: '{"activity":"dig"}',
  },
  {
    name: "a chunk without a size",
    status: 400,
    code: "INVALID_REQUEST",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "AUTHORIZATION", "Transfer-Encoding: chunked"],
    body: "zz\r\n",
  },
  {
    name: "a body over the limit in chunks",
    status: 413,
    code: "BODY_TOO_LARGE",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "AUTHORIZATION", "Transfer-Encoding: chunked"],
    body: `11170\r\n${"x".repeat(70_000)}\r\n`,
  },
  {
    name: "a body without a type",
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
    lines: [`POST ${TASKS} HTTP/1.1`, host, close, "AUTHORIZATION", "Content-Length: 18"],
    body: '{"activity":"dig"}',
  },
  {
    name: "a body of which only half comes",
    status: 408,
    code: "REQUEST_TIMEOUT",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "AUTHORIZATION", "Content-Length: 18"],
    body: '{"activity',
  },
  {
    name: "headers of which only half come",
    status: 408,
    code: "REQUEST_TIMEOUT",
    lines: ["GET /healthz HTTP/1.1", "Hos"],
  },
  {
    name: "a body that breaks off",
    status: 400,
    code: "INVALID_REQUEST",
    lines: [`POST ${TASKS} HTTP/1.1`, host, json, "AUTHORIZATION", "Content-Length: 18"],
    body: '{"activity',
    isEnded: true,
  },
  {
    name: "another player's token with a body that never comes",
    status: 403,
    code: "FORBIDDEN",
    lines: [
      `POST /v1/players/bob/queue/tasks HTTP/1.1`,
      host,
      json,
      close,
      "AUTHORIZATION",
      "Content-Length: 18",
    ],
  },
];

describe("requests that no client library sends", () => {
  it.each(RAW)("$name: $status $code", async ({ lines, body, isEnded = false, status, code }) => {
    const before = await snapshot();
    const head = lines
      .map((line) => (line === "AUTHORIZATION" ? `Authorization: ${authorization}` : line))
      .join("\r\n");
    const isWhole = !head.endsWith("Hos");
    expectProblem(
      await sendRaw(server.url, `${head}${isWhole ? "\r\n\r\n" : ""}${body ?? ""}`, { isEnded }),
      { status, code },
    );
    expect(await snapshot()).toEqual(before);
  });
});

describe("the answers", () => {
  it("say what helps", async () => {
    const unauthenticated = await server.call("GET", "/v1/players/ada", { token: null });
    expect(unauthenticated.headers.get("www-authenticate")).toBe('Bearer realm="mainspring"');
    const wrongMethod = await server.call("PATCH", "/v1/players/ada/queue", { body: {} });
    expect(wrongMethod.headers.get("allow")).toBe("GET, HEAD");
    const misspelt = await server.call("POST", TASKS, { body: { activity: "dig", reepat: 3 } });
    expect(misspelt.body).toMatchObject({
      didYouMean: "repeat",
      detail: 'body has no "reepat". Did you mean "repeat"?',
    });
    const missing = await server.call("POST", TASKS, { body: { activty: "dig" } });
    expect(missing.body).toMatchObject({
      detail: 'body lacks "activity". It has "activty"; did you mean "activity"?',
    });
    const inList = await server.call("POST", TASKS, {
      body: { tasks: [{ activity: "dig" }, { activity: "dig", repeat: "2" }] },
    });
    expect(inList.body).toMatchObject({
      path: "body.tasks.1.repeat",
      detail: "body.tasks.1.repeat must be integer or null.",
    });
  });
});
