/** A load that another one took the place of is cancelled by a write as well. */
import { MainspringError } from "@mainspring/core";
import { describe, expect, it } from "vitest";
import { cached, createCache } from "../../src/cache/index.js";
import type { Store } from "../../src/ports.js";
import { createMemoryStore } from "../../src/store/memory/index.js";
import { beginGroup } from "../../src/testing/begin-group.js";
import { createManualClock } from "../../src/testing/index.js";
import { createModelServer } from "../../src/testing/model-remote.js";
import { write } from "./writes-of-ada.js";
import { pass } from "./passing-time.js";

function gate<T>() {
  let open: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

describe("a slow load of a game's own value", () => {
  it("doesn't undo a delete", async () => {
    const clock = createManualClock();
    const cache = createCache({ clock, timers: clock, isSoleWriter: true });
    const guilds = cache.namespace<string>("guilds");
    const slow = gate<string>();
    const first = Promise.resolve(guilds.get("g1", async () => slow.promise));
    await pass(clock, 2_500);
    // Too late to join the first.
    expect(await guilds.get("g1", async () => "old")).toBe("old");
    await guilds.delete("g1");
    slow.open("old");
    await first;
    await pass(clock, 100);
    expect(guilds.peek("g1")).toBeUndefined();
    expect(await guilds.get("g1", async () => "new")).toBe("new");
  });
});

describe("a slow load of a record", () => {
  it("is not kept after a doubt that came while it was under way", async () => {
    const clock = createManualClock();
    const server = createModelServer({ nowMs: () => clock.nowMs() });
    void beginGroup(server.connect());
    const below = createMemoryStore({ clock });
    const instance = (store: Store) => {
      const cache = createCache({ remote: server.connect(), clock, timers: clock, random: () => 0 });
      return { cache, store: cached(store, cache) };
    };
    await below.commit([write(1)]);
    // The answers of one instance's database are slow on their way.
    const held: (() => void)[] = [];
    let isSlow = true;
    const one = instance({
      ...below,
      async read(...given) {
        const found = await below.read(...given);
        if (isSlow) await new Promise<void>((resolve) => held.push(resolve));
        return found;
      },
    });
    // The other commits, and gets no answer, though it happened.
    const other = instance({
      ...below,
      async commit(...given) {
        await below.commit(...given);
        throw new MainspringError("STORE_UNAVAILABLE", "No answer.");
      },
    });
    await pass(clock, 2_000);
    const read = async () => one.store.read(["ada"], { consistency: "cached" });
    const first = read();
    await pass(clock, 2_500);
    isSlow = false;
    await read();
    await pass(clock, 100);
    await other.store.commit([write(2)]).catch(() => undefined);
    // Doubted again and again for half a minute; the slow answer comes just after the last.
    await pass(clock, 31_500);
    for (const open of held) open();
    await first;
    await pass(clock, 10_000);
    expect((await read())[0]?.version).toBe(2);
  });
});
