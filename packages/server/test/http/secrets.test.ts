/** No token, key or seed ever reaches a log or an answer. */
import { createEngine } from "@mainspring/engine";
import { createMemoryStore } from "@mainspring/engine/memory";
import { describe, expect, it } from "vitest";
import { type LogLevel } from "../../src/index.js";
import { SECRET, startServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";
import { BAD_REQUESTS } from "./bad-requests.js";

/** A seed that can be found again. */
const SEED = Buffer.from("0123456789abcdef");

async function everything(
  logLevel: LogLevel,
): Promise<{ logged: string; answered: string; secrets: readonly string[] }> {
  const lines: string[] = [];
  const logTo = { write: (line: string) => void lines.push(line) };
  const note = (level: string, message: string, facts: object): void =>
    logTo.write(JSON.stringify({ level, message, facts }));
  const engine = await createEngine({
    store: createMemoryStore(),
    catalog: testCatalog(),
    isDevelopment: true,
    telemetry: { note },
    randomBytes: () => SEED,
  });
  const server = await startServer({ engine, logLevel, logTo });
  const token = await server.token("ada");
  const texts: string[] = [];
  const call = async (...args: Parameters<typeof server.call>): Promise<void> => {
    texts.push((await server.call(...args)).text);
  };
  await call("POST", "/v1/players/ada/queue/tasks", {
    body: { activity: "fight", repeat: 5 },
    token,
    headers: { "idempotency-key": "my-secret-key" },
  });
  for (const part of ["", "/queue", "/progress", "/stats", "/events"])
    await call("GET", `/v1/players/ada${part}`, { token });
  texts.push((await server.asAdmin("GET", "/v1/admin/players/ada")).text);
  texts.push(
    (await server.asAdmin("POST", "/v1/admin/players/ada/fast-forward", { body: { byMs: 60_000 } })).text,
  );
  for (const { send } of BAD_REQUESTS) texts.push((await send(server))?.text ?? "");
  // The engine fails from here on: the server says so in its log.
  await engine.close();
  await call("GET", "/v1/players/ada", { token });
  const secrets = [
    SECRET,
    token,
    token.split(".")[2] ?? "",
    "my-secret-key",
    SEED.toString("utf8"),
    SEED.toString("hex"),
    SEED.toString("base64"),
    String(SEED.readUInt32LE(0)),
  ];
  return { logged: lines.join("\n"), answered: texts.join("\n"), secrets };
}

describe("secrets", () => {
  it.each(["debug", "warn"] as const)("are neither logged at %s nor shown", async (logLevel) => {
    const { logged, answered, secrets } = await everything(logLevel);
    for (const secret of secrets) {
      expect(logged).not.toContain(secret);
      expect(answered).not.toContain(secret);
    }
    expect(answered.length).toBeGreaterThan(1_000);
    if (logLevel !== "debug") return;
    expect(logged).toContain('"msg":"answered"');
    expect(logged).toContain("SHUTTING_DOWN");
  });
});
