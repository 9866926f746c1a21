/** The page for operators, as it is served. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import type { OverloadLimit } from "@mainspring/engine/ports";
import { describe, expect, it, onTestFinished } from "vitest";
import { readPageFiles } from "../../src/http/console/page-files.js";
import { startServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

const OPEN = { token: null } as const;

/** The addresses that the page itself names. */
async function assetsOf({ call }: TestServer): Promise<readonly string[]> {
  const { text } = await call("GET", "/console/", OPEN);
  return [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => `/console/${file}`);
}

describe("the page for operators", () => {
  it("is open, since it holds no secret, and asks nobody else for anything", async () => {
    const { call } = await startServer();
    const { status, headers, text } = await call("GET", "/console/", OPEN);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(text).toContain("<title>Mainspring console</title>");
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=/);
  });

  it("may run, show and ask only what its own server gives, and may not be framed", async () => {
    const server = await startServer();
    for (const path of ["/console/", ...(await assetsOf(server))]) {
      const { headers } = await server.call("GET", path, OPEN);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy.split("; ")).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
        ]),
      );
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
  });

  it("is asked for each time and not sent again, while what never changes is kept", async () => {
    const server = await startServer();
    const page = await server.call("GET", "/console/", OPEN);
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const etag = page.headers.get("etag") ?? "";
    for (const known of [etag, `"other", W/${etag}`, "*"]) {
      const again = await server.call("GET", "/console/", { ...OPEN, headers: { "if-none-match": known } });
      expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", etag]);
    }
    const stale = await server.call("GET", "/console/", { ...OPEN, headers: { "if-none-match": '"older"' } });
    expect([stale.status, stale.text]).toEqual([200, page.text]);

    const assets = await assetsOf(server);
    expect(assets.length).toBeGreaterThanOrEqual(3);
    for (const path of assets) {
      const { status, headers } = await server.call("GET", path, OPEN);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
  });

  it("sends each file as what it is", async () => {
    const server = await startServer();
    const types = new Map<string | undefined, string | null>();
    for (const path of await assetsOf(server)) {
      const { headers } = await server.call("GET", path, OPEN);
      types.set(path.split(".").at(-1), headers.get("content-type"));
    }
    expect(Object.fromEntries(types)).toEqual({
      js: "text/javascript; charset=utf-8",
      css: "text/css; charset=utf-8",
      svg: "image/svg+xml",
    });
  });

  it("is found without the slash at its end, also below a proxy's path", async () => {
    const { url } = await startServer();
    const answer = await fetch(`${url}/console`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "console/"]);
    expect((await fetch(`${url}/console`)).url).toBe(`${url}/console/`);
  });

  it("answers HEAD without a body, and no other method", async () => {
    const { call } = await startServer();
    const head = await call("HEAD", "/console/", OPEN);
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(0);
    expect((await call("POST", "/console/", OPEN)).status).toBe(405);
  });

  it("is a list of files and no folder: no address leads out of it", async () => {
    const { url } = await startServer();
    const outside = [
      "/console/../package.json",
      "/console/%2e%2e/%2e%2e/package.json",
      "/console/..%2f..%2fpackage.json",
      "/console/assets/../../index.js",
      "/console/assets/..%5c..%5cindex.js",
      "/console//etc/passwd",
      "/console/assets/",
      "/console/assets/%00",
      "/console/.tsbuildinfo",
      "/console/index.html.map",
    ];
    for (const path of outside) expect([path, await statusOf(url, path)]).toEqual([path, 404]);
  });

  it("is counted as few routes, whatever a release calls its files", async () => {
    const server = await startServer();
    for (const path of ["/console/", ...(await assetsOf(server))]) await server.call("GET", path, OPEN);
    const { text } = await server.asAdmin("GET", "/v1/admin/performance");
    const { httpStats } = JSON.parse(text) as { httpStats: { byRoute: Record<string, unknown> } };
    const routes = Object.keys(httpStats.byRoute).filter((name) => name.includes("/console"));
    expect(routes.sort()).toEqual(["GET /console/", "GET /console/assets/:name"]);
  });

  it("is in no description of the API", async () => {
    const { call } = await startServer();
    expect((await call("GET", "/openapi.json", OPEN)).text).not.toContain("/console");
  });

  it("comes through the door when everything else is refused", async () => {
    const refusing: OverloadLimit = {
      enter: () => ({ isAdmitted: false, reason: "load", step: 3, retryAfterSeconds: 1 }),
      hasMemoryFor: () => false,
      step: () => 3,
      stats: () => {
        throw new Error("Nobody asks.");
      },
      close: () => undefined,
    };
    const engine = await createEngine({
      store: createMemoryStore(),
      catalog: testCatalog(),
      overload: refusing,
    });
    onTestFinished(() => engine.close());
    const server = await startServer({ engine });
    expect((await server.call("GET", "/v1/catalog")).status).toBe(503);
    for (const path of ["/console/", "/console/?a=b", ...(await assetsOf(server))]) {
      expect([path, (await server.call("GET", path, OPEN)).status]).toEqual([path, 200]);
    }
    expect((await fetch(`${server.url}/console`, { redirect: "manual" })).status).toBe(302);
    // What only begins alike is no page.
    expect((await server.call("GET", "/consoles", OPEN)).status).toBe(503);
  });
});

describe("a working copy that was never built", () => {
  it("has no page, which is no reason not to start", () => {
    expect(readPageFiles(folderWith({}))).toBeNull();
  });

  it("serves no file of a kind that it doesn't know", () => {
    const folder = folderWith({ "index.html": "<!doctype html>", "assets/key.pem": "secret" });
    expect(() => readPageFiles(folder)).toThrow("assets/key.pem");
  });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "mainspring-page-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "assets"));
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content);
  return folder;
}

/** As it is written: fetch would tidy it up. */
async function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
