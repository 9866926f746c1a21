/** Verified tokens are remembered, but neither too many nor too long. */
import { createMemoryBudget } from "@mainspring/engine";
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
    for (const token of ["d", "e"]) cache.remember(token, ada, untilMs);
    expect(cache.size).toBe(4);
    expect(["a", "b", "c", "d", "e"].map((token) => cache.find(token) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
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

describe("the token cache under the bound of all local caches", () => {
  function open(limits: Parameters<typeof createMemoryBudget>[0] = {}) {
    const clock = createManualClock();
    const budget = createMemoryBudget(limits);
    const cache = createTokenCache({ clock, maxTokens: 100, budget });
    const [tenant] = budget.tenants();
    if (tenant === undefined) throw new Error("it did not join");
    const remember = (token: string, caller = ada, forMs = 1_000) =>
      cache.remember(token, caller, clock.nowMs() + forMs);
    return { clock, budget, cache, tenant, remember };
  }

  it("keeps to it, and gives up what was not used for longest", () => {
    const { budget, cache, tenant, remember } = open({ maxEntries: 10 });
    for (let index = 0; index < 9; index += 1) remember(`token ${index}`);
    expect(tenant).toMatchObject({ name: "tokens" });
    remember("token 9");
    remember("token 10");
    expect([tenant.entries(), cache.size]).toEqual([10, 10]);
    expect(cache.find("token 0")).toBeUndefined();
    // The one that was used last goes last.
    expect(cache.find("token 1")).toBe(ada);
    budget.limitTo(0.1);
    expect([cache.size, cache.find("token 1")]).toEqual([1, ada]);
    budget.limitTo(0);
    expect([tenant.entries(), tenant.bytes()]).toEqual([0, 0]);
    remember("none");
    expect(cache.find("none")).toBeUndefined();
    budget.limitTo(1);
    remember("one");
    expect(cache.find("one")).toBe(ada);
  });

  it("gives up what has expired", () => {
    const { clock, cache, tenant, remember } = open();
    for (let index = 0; index < 80; index += 1) remember(`token ${index}`, ada, index % 2 === 0 ? 10 : 1_000);
    const bytes = tenant.bytes();
    clock.advance(10);
    tenant.dropExpired();
    expect([cache.size, tenant.bytes()]).toEqual([40, bytes / 2]);
    expect([cache.find("token 0"), cache.find("token 1")]).toEqual([undefined, ada]);
  });

  it("counts what it holds, whatever happens to it", () => {
    const { clock, tenant, cache, remember } = open();
    expect(tenant.leastValuable()).toBeNull();
    const long = { playerId: "l".repeat(64), isAdmin: false, actor: "l".repeat(64) };
    for (let index = 0; index < 70; index += 1) remember(`token ${index}`, index === 3 ? long : ada);
    for (let index = 0; index < 70; index += 7) cache.find(`token ${index}`);
    remember("token 0");
    const least = tenant.leastValuable();
    expect(least?.sizeBytes).toBeGreaterThan(400);
    least?.drop();
    expect(cache.find("token 3")).toBeUndefined();
    const { size } = cache;
    expect(tenant.bytes() / size).toBe(tenant.leastValuable()?.sizeBytes);
    clock.advance(1_000);
    for (let index = 0; index < 70; index += 1) cache.find(`token ${index}`);
    expect([cache.size, tenant.bytes()]).toEqual([0, 0]);
    for (let turn = 0; turn < 3; turn += 1) tenant.evictOne();
    expect([cache.size, tenant.bytes()]).toEqual([0, 0]);
  });
});
