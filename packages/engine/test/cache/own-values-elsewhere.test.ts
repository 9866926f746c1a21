/** A game's own values where the second tier knows less than this process, or something else. */
import { describe, expect, it } from "vitest";
import { createCache } from "../../src/cache/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { pass } from "./passing-time.js";

function open() {
  const clock = createManualClock();
  const server = createModelServer({ nowMs: () => clock.nowMs() });
  void beginGroup(server.connect());
  const instance = () => createCache({ remote: server.connect(), random: () => 0, clock, timers: clock });
  return { clock, server, instance };
}

describe("a value that was once set", () => {
  for (const write of ["set", "delete"] as const) {
    it(`is loaded once, and not for each request, after a ${write} whose floor has ended in the second tier`, async () => {
      const { clock, instance } = open();
      const cache = instance();
      await pass(clock, 1_000);
      const guilds = cache.namespace<string>("guilds", { ttlSeconds: 60 });
      await (write === "set" ? guilds.set("g1", "old") : guilds.delete("g1"));
      // Nobody asks until the value, and its floor in the second tier, have ended.
      await pass(clock, 70_000);
      let loads = 0;
      const load = async () => {
        loads += 1;
        return "new";
      };
      for (let request = 0; request < 10; request += 1) {
        await guilds.get("g1", load);
        await pass(clock, 100, 2);
      }
      expect(loads).toBe(1);
    });
  }

  it("is loaded once after the second tier was flushed", async () => {
    const { clock, server, instance } = open();
    const cache = instance();
    await pass(clock, 1_000);
    const guilds = cache.namespace<string>("guilds", { ttlSeconds: 60 });
    await guilds.set("g1", "old");
    server.flush();
    await pass(clock, 5_000);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return "new";
    };
    for (let request = 0; request < 10; request += 1) {
      await guilds.get("g1", load);
      await pass(clock, 100, 2);
    }
    expect(loads).toBe(1);
  });
});

describe("bytes in the second tier that make no sense", () => {
  it("are replaced by what is loaded instead, for the next instance", async () => {
    const { clock, instance } = open();
    const [before, after, another] = [instance(), instance(), instance()];
    await pass(clock, 1_000);
    const codec = {
      encode: (value: string) => new TextEncoder().encode(JSON.stringify(value)),
      decode: (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as string,
    };
    // A release before wrote something else under this name.
    const raw = before.namespace<string>("guilds", {
      codec: { encode: (text) => new TextEncoder().encode(text), decode: () => "" },
    });
    await raw.set("g1", "{not json");
    await pass(clock, 500);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return "new";
    };
    await after.namespace<string>("guilds", { codec }).get("g1", load);
    await pass(clock, 500);
    await another.namespace<string>("guilds", { codec }).get("g1", load);
    expect(loads).toBe(1);
    // A miss is no hit.
    expect(after.stats().namespaces["guilds.redis"]).toMatchObject({ hits: 0, misses: 1 });
  });
});

describe("a value of which JSON knows nothing", () => {
  it("is refused, or is null: never a hit that says undefined", async () => {
    const { clock, instance } = open();
    const cache = instance();
    await pass(clock, 1_000);
    const values = cache.namespace<string | undefined>("guilds");
    const load = async () => undefined;
    const outcome = await Promise.resolve(values.get("g1", load)).catch((error: unknown) => error);
    expect(outcome).not.toBeUndefined();
  });
});

describe("a value that is too large for its way to the second tier", () => {
  it("stays in the process that loaded it, and is loaded by each", async () => {
    const { clock, instance } = open();
    const [one, other] = [instance(), instance()];
    await pass(clock, 1_000);
    const map = "x".repeat(300_000);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return map;
    };
    expect(await one.namespace<string>("maps").get("world", load)).toBe(map);
    await pass(clock, 500);
    expect(one.namespace<string>("maps").peek("world")).toBe(map);
    expect(await other.namespace<string>("maps").get("world", load)).toBe(map);
    expect(loads).toBe(2);
  });
});

describe("a value that is loaded ahead of its end", () => {
  it("counts for the second tier as nothing that was looked for in vain", async () => {
    const { clock, instance } = open();
    const cache = instance();
    await pass(clock, 1_000, 5);
    const guilds = cache.namespace<string>("guilds", { ttlSeconds: 60 });
    await guilds.get("g1", async () => "old");
    await pass(clock, 50_000, 5);
    expect(guilds.get("g1", async () => "new")).toBe("old");
    await pass(clock, 500, 5);
    expect(guilds.peek("g1")).toBe("new");
    expect(cache.stats().namespaces["guilds.redis"]).toMatchObject({ hits: 0, misses: 1 });
  });
});
