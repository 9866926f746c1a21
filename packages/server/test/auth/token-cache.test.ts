/** Verified tokens are remembered, but neither too many nor too long. */
import { createManualClock } from "@mainspring/engine/testing";
import { describe, expect, it } from "vitest";
import { createTokenCache } from "../../src/auth/token-cache.js";

const ada = { playerId: "ada", isAdmin: false, actor: "ada" };

describe("the token cache", () => {
  it("remembers a token until it expires", () => {
    const clock = createManualClock();
    const cache = createTokenCache({ clock, maxTokens: 10 });
    cache.remember("a", ada, clock.nowMs() + 1_000);
    expect(cache.find("a")).toBe(ada);
    expect(cache.find("b")).toBeUndefined();
    clock.advance(999);
    expect(cache.find("a")).toBe(ada);
    clock.advance(1);
    expect(cache.find("a")).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it("doesn't take in what has expired", () => {
    const clock = createManualClock();
    const cache = createTokenCache({ clock, maxTokens: 10 });
    cache.remember("a", ada, clock.nowMs());
    expect(cache.size).toBe(0);
  });

  it("forgets what was not used for longest when it is full", () => {
    const clock = createManualClock();
    const cache = createTokenCache({ clock, maxTokens: 4 });
    const untilMs = clock.nowMs() + 1_000;
    for (const token of ["a", "b", "c"]) cache.remember(token, ada, untilMs);
    cache.find("a");
    cache.remember("d", ada, untilMs);
    expect(cache.size).toBeLessThanOrEqual(4);
    expect(["a", "b", "d"].map((token) => cache.find(token) !== undefined)).toEqual([true, false, true]);
  });

  it("stays within its bound however many there are", () => {
    const clock = createManualClock();
    const cache = createTokenCache({ clock, maxTokens: 100 });
    for (let index = 0; index < 5_000; index += 1)
      cache.remember(`token ${index}`, ada, clock.nowMs() + 1_000);
    expect(cache.size).toBe(100);
  });

  it("can be switched off", () => {
    const clock = createManualClock();
    const cache = createTokenCache({ clock, maxTokens: 0 });
    cache.remember("a", ada, clock.nowMs() + 1_000);
    expect([cache.size, cache.find("a")]).toEqual([0, undefined]);
  });
});
