/** A fault on the fast way is one of that way alone. */
import { createEngine, type Engine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { createServer } from "../../src/create-server.js";

const CATALOG = {
  name: "tick",
  kinds: ["harvest"],
  rarities: ["common"],
  skills: {},
  items: { ore: {} },
  activities: { mine: { kind: "harvest", durationMs: 1_000, gives: [{ item: "ore" }] } },
};

describe("an error on the fast way", () => {
  it("harms one request, and not the process", async () => {
    const engine = await createEngine({ store: createMemoryStore(), catalog: CATALOG });
    const broken: Engine = {
      ...engine,
      peek() {
        throw new Error("an assertion");
      },
    };
    const server = createServer({
      engine: broken,
      authenticate: () => ({ playerId: "ada", isAdmin: false, actor: "ada" }),
      logLevel: "silent",
    });
    const url = await server.listen({ port: 0 });
    const uncaught: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const note = (error: unknown) => void uncaught.push(error);
    process.on("uncaughtException", note);
    try {
      const answer = await fetch(`${url}/v1/players/ada`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ status }) => status,
        () => "no answer",
      );
      expect({ answer, uncaught: uncaught.length }).toEqual({ answer: 200, uncaught: 0 });
    } finally {
      process.off("uncaughtException", note);
      for (const listener of before) process.on("uncaughtException", listener);
      await server.close();
      await engine.close();
    }
  });
});
