/** A server that closes: nothing under way is lost, nothing lingers. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Engine } from "@mainspring/engine";
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { createServer } from "../../src/index.js";
import { testCatalog } from "../support/test-catalog.js";

const caller = { playerId: "ada", isAdmin: false, actor: "ada" };

/** An engine whose reads wait until they are let go. */
async function slowEngine(): Promise<{ engine: Engine; begun: Promise<void>; letGo: () => void }> {
  const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    engine: {
      ...engine,
      async read(...args) {
        begin();
        await gate;
        return engine.read(...args);
      },
    },
    begun,
    letGo: () => letGo(),
  };
}

describe("closing", () => {
  it("finishes what is under way, refuses the rest, and closes connections that are kept alive", async () => {
    const { engine, begun, letGo } = await slowEngine();
    const server = createServer({ engine, authenticate: () => caller, logLevel: "silent" });
    const url = await server.listen({ port: 0 });
    await (await fetch(`${url}/healthz`)).text();
    const underWay = fetch(`${url}/v1/players/ada/queue`);
    await begun;
    const closed = server.close();
    letGo();
    const answer = await underWay;
    expect([answer.status, ((await answer.json()) as { status: string }).status]).toEqual([200, "idle"]);
    await closed;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await engine.close();
  });

  it("is not ready from its first moment on", async () => {
    const { engine, begun, letGo } = await slowEngine();
    const server = createServer({ engine, authenticate: () => caller, logLevel: "silent" });
    const { hostname, port } = new URL(await server.listen({ port: 0 }));
    // Two requests on one connection: the second is read when the first has been answered.
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.write("GET /v1/players/ada HTTP/1.1\r\nHost: x\r\n\r\n");
    await begun;
    const closed = server.close();
    socket.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    letGo();
    await once(socket, "close");
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    // It may also be too late for an answer; but never an answer that it is ready.
    if (text.includes("HTTP/1.1 503")) expect(text).toContain('"code":"SHUTTING_DOWN"');
    expect(text).not.toContain('"status":"ready"');
    await engine.close();
  });

  it("cuts off after a while who never ends", async () => {
    const { engine, begun, letGo } = await slowEngine();
    const server = createServer({
      engine,
      authenticate: () => caller,
      logLevel: "silent",
      drainTimeoutMs: 50,
    });
    const url = await server.listen({ port: 0 });
    const underWay = fetch(`${url}/v1/players/ada/queue`).catch(() => "cut off");
    await begun;
    await server.close();
    expect(await underWay).toBe("cut off");
    letGo();
    await engine.close();
  });

  it("loses no answer under load", async () => {
    const engine = await createEngine({ store: createMemoryStore(), catalog: testCatalog() });
    const server = createServer({ engine, authenticate: () => caller, logLevel: "silent" });
    const url = await server.listen({ port: 0 });
    const answers = { good: 0, other: 0 };
    const phase = { isClosing: false };
    let enough = (): void => undefined;
    const loaded = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const worker = async (): Promise<void> => {
      while (!phase.isClosing) {
        try {
          const response = await fetch(`${url}/v1/players/ada/queue`);
          await response.json();
          if (response.status === 200) answers.good += 1;
          else answers.other += 1;
          if (answers.good === 200) enough();
        } catch {
          // Only a connection that was closed while idle, or never opened, ends like this.
          expect(phase.isClosing).toBe(true);
        }
      }
    };
    const workers = Array.from({ length: 16 }, worker);
    await loaded;
    phase.isClosing = true;
    await server.close();
    await Promise.all(workers);
    expect(answers.other).toBe(0);
    await engine.close();
  });
});
