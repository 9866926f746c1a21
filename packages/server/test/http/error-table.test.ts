/** The table of errors, the statuses and the page for readers say the same. */
import { readFileSync } from "node:fs";
import { ERROR_TABLE, type ErrorCode, MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { asMainspringError, problemOf } from "../../src/http/problem.js";
import { RETRY_AFTER_SECONDS, STATUS_OF_CODE } from "../../src/http/status-of-code.js";

const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");

/** The rows of the page's tables: code, status, retry, meaning. */
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([0-9]{3}) \| (yes|no) \| (.+?) \|$/gm)].map(
  ([, code = "", status = "", retry = "", meaning = ""]) => ({
    code,
    status: Number(status),
    canRetry: retry === "yes",
    meaning,
  }),
);

describe("the codes", () => {
  it("have a status each, and no status has a code that there isn't", () => {
    expect(Object.keys(STATUS_OF_CODE).sort()).toEqual(Object.keys(ERROR_TABLE).sort());
  });

  it("stand on the page as they are, and nothing else does", () => {
    const table = Object.entries(ERROR_TABLE).map(([code, { canRetry, meaning }]) => ({
      code,
      status: STATUS_OF_CODE[code as ErrorCode],
      canRetry,
      meaning,
    }));
    const byCode = (a: { code: string }, b: { code: string }): number => (a.code < b.code ? -1 : 1);
    expect([...rows].sort(byCode)).toEqual([...table].sort(byCode));
  });

  it("come with Retry-After wherever the status is 429 or 503, and nowhere else", () => {
    const waiting = Object.entries(STATUS_OF_CODE).filter(([, status]) => [429, 503].includes(status));
    expect(Object.keys(RETRY_AFTER_SECONDS).sort()).toEqual(waiting.map(([code]) => code).sort());
  });

  it("are a request's fault below 500 and the service's from there on", () => {
    for (const [code, { category }] of Object.entries(ERROR_TABLE)) {
      const status = STATUS_OF_CODE[code as ErrorCode];
      if (code === "RATE_LIMITED" || code === "CONFIG_INVALID") continue;
      expect([code, status >= 500]).toEqual([code, category === "service"]);
    }
  });
});

describe("a problem", () => {
  it("keeps what is the server's own to itself", () => {
    const inside = new MainspringError("STORE_UNAVAILABLE", "/srv/data is full", { folder: "/srv/data" });
    expect(JSON.stringify(problemOf(inside))).not.toContain("/srv");
    const bug = asMainspringError(new TypeError("cannot read properties of undefined (reading 'seed')"));
    expect(problemOf(bug)).toEqual({
      type: "urn:mainspring:error:INTERNAL",
      title: "A mistake in Mainspring itself.",
      status: 500,
      code: "INTERNAL",
      detail: "A mistake in Mainspring itself.",
      canRetry: false,
    });
    expect(asMainspringError("not even an error").code).toBe("INTERNAL");
  });

  it("is not changed by details that have the names of its own fields", () => {
    const error = new MainspringError("QUEUE_FULL", "Full.", { status: 200, code: "FINE", maxTasks: 5 });
    expect(problemOf(error)).toMatchObject({ status: 409, code: "QUEUE_FULL", maxTasks: 5 });
  });
});
