/** JSON Web Tokens: by a shared key, and by keys from an address. */
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainspringError } from "@mainspring/core";
import { createMemoryBudget } from "@mainspring/engine";
import { createManualClock } from "@mainspring/engine/testing";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AuthenticateRequest, type Caller, jwtAuthenticate, signToken } from "../../src/index.js";

const SECRET = "a secret for tests, of more than thirty-two bytes";

function requestWith(token: string): AuthenticateRequest {
  return { headers: { authorization: `Bearer ${token}` }, ip: "127.0.0.1", method: "GET", url: "/" };
}

/** The code of what is thrown, at once or later; the caller otherwise. */
async function outcomeOf(work: () => Promise<Caller> | Caller): Promise<Caller | string> {
  try {
    return await work();
  } catch (error) {
    if (!isMainspringError(error)) throw error;
    return error.code;
  }
}

describe("with a shared key", () => {
  it("a token says who calls, and whether it may act for anyone", async () => {
    const clock = createManualClock();
    const authenticate = jwtAuthenticate({ secret: SECRET, clock });
    const sign = (isAdmin: boolean) =>
      signToken({ playerId: "ada", isAdmin, secret: SECRET, nowMs: clock.nowMs(), expiresInMs: 60_000 });
    expect(await authenticate(requestWith(await sign(false)))).toEqual({
      playerId: "ada",
      isAdmin: false,
      actor: "ada",
    });
    expect(await authenticate(requestWith(await sign(true)))).toEqual({
      playerId: "ada",
      isAdmin: true,
      actor: "ada",
    });
  });

  it("a scope is a list, or words with blanks between them", async () => {
    const clock = createManualClock();
    const authenticate = jwtAuthenticate({ secret: SECRET, clock });
    const isAdminWith = async (scope: unknown): Promise<boolean> => {
      const exp = clock.nowMs() / 1_000 + 60;
      const token = await new SignJWT({ sub: "ada", exp, scope })
        .setProtectedHeader({ alg: "HS256" })
        .sign(Buffer.from(SECRET));
      return (await authenticate(requestWith(token))).isAdmin;
    };
    expect(await isAdminWith("read admin write")).toBe(true);
    expect(await isAdminWith(["read", "admin"])).toBe(true);
    expect(await isAdminWith("admins")).toBe(false);
    expect(await isAdminWith({ admin: true })).toBe(false);
  });

  it("a token that is known is answered for at once, until it expires", async () => {
    const clock = createManualClock();
    const authenticate = jwtAuthenticate({ secret: SECRET, clock });
    const token = await signToken({
      playerId: "ada",
      secret: SECRET,
      nowMs: clock.nowMs(),
      expiresInMs: 60_000,
    });
    expect(authenticate(requestWith(token))).toBeInstanceOf(Promise);
    await authenticate(requestWith(token));
    expect(authenticate(requestWith(token))).toEqual({ playerId: "ada", isAdmin: false, actor: "ada" });
    clock.advance(64_999);
    expect(authenticate(requestWith(token))).toHaveProperty("playerId", "ada");
    clock.advance(1);
    expect(await outcomeOf(() => authenticate(requestWith(token)))).toBe("UNAUTHENTICATED");
  });

  it("a token is verified each time where the bound of all local caches has no room for it", async () => {
    const clock = createManualClock();
    const budget = createMemoryBudget();
    const authenticate = jwtAuthenticate({ secret: SECRET, clock, budget });
    const token = await signToken({
      playerId: "ada",
      secret: SECRET,
      nowMs: clock.nowMs(),
      expiresInMs: 60_000,
    });
    budget.limitTo(0);
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = authenticate(requestWith(token));
      expect(answer).toBeInstanceOf(Promise);
      expect(await answer).toMatchObject({ playerId: "ada" });
    }
    budget.limitTo(1);
    await authenticate(requestWith(token));
    expect(authenticate(requestWith(token))).toMatchObject({ playerId: "ada" });
    expect(budget.tenants().map((tenant) => [tenant.name, tenant.entries()])).toEqual([["tokens", 1]]);
  });

  it("a token is asked for issuer and audience where they are set", async () => {
    const clock = createManualClock();
    const authenticate = jwtAuthenticate({ secret: SECRET, clock, issuer: "game", audience: "mainspring" });
    const sign = (claims: { issuer?: string; audience?: string }) =>
      signToken({ playerId: "ada", secret: SECRET, nowMs: clock.nowMs(), expiresInMs: 60_000, ...claims });
    const ask = async (claims: { issuer?: string; audience?: string }) => {
      const token = await sign(claims);
      return outcomeOf(() => authenticate(requestWith(token)));
    };
    expect(await ask({ issuer: "game", audience: "mainspring" })).toHaveProperty("playerId", "ada");
    expect(await ask({ issuer: "game" })).toBe("UNAUTHENTICATED");
    expect(await ask({ issuer: "other", audience: "mainspring" })).toBe("UNAUTHENTICATED");
  });

  it("a key that is too short, or none at all, is refused at the start", () => {
    expect(() => jwtAuthenticate({ secret: "short" })).toThrow(/at least 32 bytes, not 5/);
    expect(() => jwtAuthenticate({})).toThrow(/needs a secret, or the address of a JWKS/);
  });
});

/** Serves a set of keys until the test ends; `down` makes it fail. */
async function startJwks(
  keys: readonly object[],
): Promise<{ url: string; requests(): number; down(): void }> {
  let requests = 0;
  let isDown = false;
  const server = createHttpServer((_request, response) => {
    requests += 1;
    response
      .writeHead(isDown ? 500 : 200, { "content-type": "application/json" })
      .end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    requests: () => requests,
    down() {
      isDown = true;
    },
  };
}

describe("with keys from an address", () => {
  async function prepare() {
    const clock = createManualClock();
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" };
    const jwks = await startJwks([jwk]);
    const authenticate = jwtAuthenticate({
      jwks: { url: jwks.url, issuer: "game", audience: "mainspring" },
      clock,
    });
    const sign = (claims: Readonly<Record<string, unknown>> = {}, kid = "one") =>
      new SignJWT({ sub: "ada", iss: "game", aud: "mainspring", exp: clock.nowMs() / 1_000 + 60, ...claims })
        .setProtectedHeader({ alg: "ES256", kid })
        .sign(privateKey);
    return { clock, jwk, jwks, authenticate, sign };
  }

  it("a token says who calls; the keys are fetched once", async () => {
    const { authenticate, sign, jwks } = await prepare();
    for (const sub of ["ada", "bob", "cleo"]) {
      expect(await authenticate(requestWith(await sign({ sub })))).toHaveProperty("playerId", sub);
    }
    expect(jwks.requests()).toBe(1);
  });

  it("a token of another issuer, audience or key is refused", async () => {
    const { authenticate, sign } = await prepare();
    const ask = (token: string) => outcomeOf(() => authenticate(requestWith(token)));
    expect(await ask(await sign({ iss: "other" }))).toBe("UNAUTHENTICATED");
    expect(await ask(await sign({ aud: "other" }))).toBe("UNAUTHENTICATED");
    expect(await ask(await sign({}, "two"))).toBe("UNAUTHENTICATED");
  });

  it("a public key doesn't pass for a shared one", async () => {
    const { authenticate, jwk, clock } = await prepare();
    const token = await signToken({
      playerId: "ada",
      secret: JSON.stringify(jwk),
      nowMs: clock.nowMs(),
      expiresInMs: 60_000,
    });
    expect(await outcomeOf(() => authenticate(requestWith(token)))).toBe("UNAUTHENTICATED");
  });

  it("that the keys can't be had is not the token's fault", async () => {
    const { authenticate, sign, jwks } = await prepare();
    jwks.down();
    const token = await sign();
    expect(await outcomeOf(() => authenticate(requestWith(token)))).toBe("KEYS_UNAVAILABLE");
  });

  it("the address must be safe, and issuer and audience known", () => {
    const jwks = { url: "https://game.example/jwks.json", issuer: "game", audience: "mainspring" };
    expect(() => jwtAuthenticate({ jwks })).not.toThrow();
    expect(() => jwtAuthenticate({ jwks: { ...jwks, url: "http://game.example/jwks.json" } })).toThrow(
      /https/,
    );
    expect(() => jwtAuthenticate({ jwks: { ...jwks, url: "keys" } })).toThrow(/https/);
    expect(() => jwtAuthenticate({ jwks: { ...jwks, issuer: "" } })).toThrow(/issuer and an audience/);
  });
});
