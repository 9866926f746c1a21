/** A game that brings its own way to know who calls, and its own routes. */
import { MainspringError } from "@mainspring/core";
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { type Authenticate, createServer } from "../../src/index.js";
import { startServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";

/** A session cookie's worth: who the header says. */
const bySession: Authenticate = async ({ headers }) => {
  const session = headers["x-session"];
  if (typeof session !== "string") throw new MainspringError("UNAUTHENTICATED", "No session.");
  if (session === "broken") throw new Error("the session store fell over at 10.0.0.7");
  return { playerId: session, isAdmin: session === "boss", actor: `session:${session}` };
};

describe("a game's own authentication", () => {
  it("decides who calls, and under which name commands stand in the journal", async () => {
    const { call } = await startServer({ authenticate: bySession });
    const as = (session: string) => ({ token: null, headers: { "x-session": session } });
    expect(await call("GET", "/v1/players/ada", { token: null })).toMatchObject({
      status: 401,
      body: { detail: "No session." },
    });
    expect((await call("GET", "/v1/players/ada", as("bob"))).status).toBe(403);
    expect(
      (await call("POST", "/v1/players/ada/queue/tasks", { ...as("ada"), body: { activity: "dig" } })).status,
    ).toBe(201);
    expect((await call("GET", "/v1/players/ada/events", as("boss"))).body).toMatchObject({
      events: [{ actor: "session:ada" }, {}],
    });
  });

  it("that fails is our fault, and says nothing of its insides", async () => {
    const { call } = await startServer({ authenticate: bySession });
    const { status, body, text } = await call("GET", "/v1/players/ada", {
      token: null,
      headers: { "x-session": "broken" },
    });
    expect([status, body["code"]]).toEqual([500, "INTERNAL"]);
    expect(text).not.toContain("10.0.0.7");
  });
});

describe("a game's own routes", () => {
  it("stand beside the others, behind the same door", async () => {
    const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
    const server = createServer({ engine, authenticate: bySession, logLevel: "silent" });
    server.fastify.get("/v1/motd", { config: { access: "open" } }, () => ({ text: "The furnace is warm." }));
    server.fastify.get("/v1/quests", { config: { access: "known" } }, (request) => ({
      for: request.caller?.playerId,
    }));
    server.fastify.get("/v1/forgotten", () => ({ text: "Without a word about access it is for admins." }));
    const url = await server.listen({ port: 0 });
    const ask = async (path: string, session?: string) => {
      const response = await fetch(`${url}${path}`, {
        headers: session === undefined ? {} : { "x-session": session },
      });
      return [response.status, ((await response.json()) as { for?: string }).for];
    };
    expect(await ask("/v1/motd")).toEqual([200, undefined]);
    expect(await ask("/v1/quests")).toEqual([401, undefined]);
    expect(await ask("/v1/quests", "ada")).toEqual([200, "ada"]);
    expect((await ask("/v1/forgotten", "ada"))[0]).toBe(403);
    expect((await ask("/v1/forgotten", "boss"))[0]).toBe(200);
    await server.close();
    await engine.close();
  });
});
