/** Names and passwords never show, and what is wrong with them is told clearly. */
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis, type RedisOptions } from "../../../src/cache/redis/index.js";
import {
  type RedisServer,
  startRedisServer,
  TEST_PASSWORD,
  TEST_USERNAME,
} from "../../support/redis-server.js";
import { beat, hear, lookAt, put } from "./requests.js";
import { until } from "./until.js";

const WRONG_PASSWORD = "wrong-pass-5d1e";

const secrets = [TEST_USERNAME, TEST_PASSWORD, WRONG_PASSWORD];

describe("a Redis with TLS and a password", () => {
  let server: RedisServer;
  let plain: RedisServer;
  beforeAll(async () => {
    [server, plain] = await Promise.all([startRedisServer({ isSecured: true }), startRedisServer()]);
  });
  afterAll(async () => {
    await server.stop();
    await plain.stop();
  });

  /** Opens with these, and gives all that is ever told until the first note, and what calls fail with. */
  const tell = async (options: RedisOptions): Promise<{ notes: readonly string[]; all: string }> => {
    const notes: string[] = [];
    const facts: unknown[] = [];
    const note = (_: string, message: string, given: object) => {
      notes.push(message);
      facts.push(given);
    };
    const remote = await openRedis({ ...options, telemetry: { note } });
    hear(remote, "a");
    const calls = [remote.look([lookAt()]), remote.put(put(1)), remote.beat(beat("a", 1))];
    const failures = await Promise.all(
      calls.map((call) =>
        call.then(
          () => "worked",
          (error: unknown) => error,
        ),
      ),
    );
    await until(() => notes.length > 0);
    await remote.close();
    const all = inspect([notes, facts, failures], { depth: 20, showHidden: true });
    expect(failures).toMatchObject(failures.map(() => ({ code: "STORE_UNAVAILABLE" })));
    return { notes, all };
  };

  it.each([
    [
      "a wrong password",
      () => ({ ...server.options, password: WRONG_PASSWORD }),
      "Redis refuses the user or the password.",
    ],
    [
      "no password",
      () => ({ host: "localhost", port: server.options.port, tls: server.options.tls ?? true }),
      "Redis refuses the user or the password.",
    ],
    [
      "an authority that isn't the right one",
      () => ({ ...server.options, tls: true }),
      "The certificate of Redis isn't trusted.",
    ],
    [
      "no TLS",
      () => ({ ...server.options, tls: false }),
      "Redis closes the connection: does it ask for TLS?",
    ],
    [
      "TLS to a Redis without",
      () => ({ ...server.options, port: plain.options.port }),
      "Redis can't be reached; the cache goes on without it.",
    ],
  ] as const)("%s", async (_, options, message) => {
    const { notes, all } = await tell(options());
    expect(notes).toContain(message);
    for (const secret of secrets) expect(all).not.toContain(secret);
  });
});
