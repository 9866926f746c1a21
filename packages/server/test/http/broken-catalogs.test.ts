/** Catalogs with mistakes, sent to a server: every mistake comes back, and nothing changes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROKEN_CATALOGS } from "../../../core/test/catalog/broken-catalogs.js";
import { openServer, type TestServer } from "../support/start-server.js";

let server: TestServer & { end(): Promise<void> };

beforeAll(async () => {
  server = await openServer();
});

afterAll(() => server.end());

describe("a broken catalog", () => {
  it("comes in at least twenty-five kinds", () => {
    expect(BROKEN_CATALOGS.length).toBeGreaterThanOrEqual(25);
  });

  it.each(BROKEN_CATALOGS)("$name is refused with every mistake", async ({ json, mistakes }) => {
    const before = await server.engine.catalogs.timeline();
    const { status, body, headers } = await server.asAdmin("POST", "/v1/admin/catalogs", {
      body: `{"catalog":${json}}`,
    });
    expect([status, body["code"], headers.get("content-type")]).toEqual([
      422,
      "CATALOG_INVALID",
      "application/problem+json; charset=utf-8",
    ]);
    const expected = mistakes.map(([path, problem, didYouMean = null]) => ({ path, problem, didYouMean }));
    expect(body["mistakes"]).toEqual(expected);
    expect(await server.engine.catalogs.timeline()).toEqual(before);
  });
});
