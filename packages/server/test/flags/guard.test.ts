/**
 * The guard on a real server under load: a layer that was made slow, failing or wrong on purpose is taken back within 30 s, with the
 * reason in the log and at `/v1/admin/flags`. The timers are the system's: it is how the guard runs that is shown here.
 */
import { createFlags } from "@mainspring/engine/flags";
import { createMemoryStore } from "@mainspring/engine/memory";
import {
  createEngine,
  type FlagsView,
  type RevertCause,
  type Store,
  type Telemetry,
} from "@mainspring/engine";
import { createManualClock } from "@mainspring/engine/testing";
import { expect, it, onTestFinished } from "vitest";
import { openServer, type TestServer } from "../support/start-server.js";
import { testCatalog } from "../support/test-catalog.js";
import { type Harm, harmfulLayer } from "./harmful-layer.js";

const players = Array.from({ length: 60 }, (_, index) => `player-${index}`);
const LIMIT_MS = 30_000;

interface Guarded extends TestServer {
  readonly lines: string[];
}

async function startHarmed(harm: Harm): Promise<Guarded> {
  const lines: string[] = [];
  let telemetry: Telemetry = { note: () => undefined };
  const flags = createFlags({
    lookEveryMs: null,
    telemetry: { note: (...note) => telemetry.note(...note) },
    // What is wrong is to be found by looking at the answers alone, though tries that fail make it slow as well.
    ...(findings[harm][0] === "wrongAnswers" && { guard: { errorShare: 1, latencyFactor: 1_000 } }),
  });
  const plainStore = await storeOfPlayers();
  const store = harmfulLayer(plainStore, { harm, isOn: flags.asks("batching") });
  const logTo = { write: (line: string) => void lines.push(line) };
  const server = await openServer({ store, plainStore, flags, logTo, logLevel: "info" });
  onTestFinished(() => server.end());
  const { log } = server.server;
  telemetry = { note: (level, message, facts) => log[level](facts, message) };
  return { ...server, lines };
}

/** Players of an instance that ran before: this one has seen none of them, and each has something else. */
async function storeOfPlayers(): Promise<Store> {
  const store = createMemoryStore();
  const before = await createEngine({
    store: { ...store, close: async () => undefined },
    clock: createManualClock(),
    catalog: testCatalog(),
  });
  for (const [index, id] of players.entries()) {
    await before.read(id, { asPlayer: true });
    await before.apply(id, { type: "adjust", adjust: { xp: { mining: index + 1 } } }, { key: "start" });
  }
  await before.close();
  return store;
}

/** Each player has a queue, read by the player and changed by an administrator now and then. */
async function loadUntilTakenBack({ call, asAdmin, token, engine }: Guarded): Promise<number> {
  const tokens = new Map(await Promise.all(players.map(async (id) => [id, await token(id)] as const)));
  const startedAtMs = performance.now();
  for (let round = 0; performance.now() - startedAtMs < LIMIT_MS; round += 1) {
    await Promise.all(
      players.map(async (id) => call("GET", `/v1/players/${id}/queue`, { token: tokens.get(id) ?? null })),
    );
    if (round === 1) {
      const gift = { body: { xp: { mining: 1 } }, headers: { "idempotency-key": "gift" } };
      await Promise.all(players.map(async (id) => asAdmin("POST", `/v1/players/${id}/adjust`, gift)));
    }
    if (engine.flags?.servesAnybody("batching") !== true) return performance.now() - startedAtMs;
  }
  return Number.POSITIVE_INFINITY;
}

const WRONG = /^\d+ answers differ from those of the plain path, against none of the other players\.$/;

const findings: Readonly<Record<Harm, readonly [RevertCause, RegExp]>> = {
  slow: [
    "slowness",
    /^The slowest .* took .* ms or more, against up to .* ms of \d+ of the other players\.$/,
  ],
  failing: ["errors", /^\d+ % of \d+ requests failed, against 0 % of \d+ of the other players\.$/],
  stale: ["wrongAnswers", WRONG],
  "mixed-up": ["wrongAnswers", WRONG],
};

it.each(Object.entries(findings))(
  "takes back a layer that is %s, and says why",
  async (harm, [cause, reason]) => {
    const server = await startHarmed(harm as Harm);
    const { asAdmin } = server;
    await asAdmin("PUT", "/v1/admin/flags/batching", { body: { percent: 30, reason: "a first try" } });

    expect(await loadUntilTakenBack(server)).toBeLessThan(LIMIT_MS);

    const { body } = await asAdmin("GET", "/v1/admin/flags");
    const { layers, history, reverts } = body as unknown as FlagsView;
    expect(layers.batching).toMatchObject({
      percent: 0,
      changedBy: "guard",
      reason: expect.stringMatching(reason),
    });
    expect(history.map(({ by, reason: why }) => [by, why])).toEqual([
      ["guard", layers.batching.reason],
      ["admin:ops", "a first try"],
    ]);
    expect(reverts).toBe(1);
    const { text: metrics } = await asAdmin("GET", "/metrics");
    expect(metrics).toContain(`mainspring_layer_reverts_total{layer="batching",cause="${cause}"} 1\n`);
    const logged = server.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toContainEqual(
      expect.objectContaining({
        msg: "The guard has taken a change of a layer back.",
        layer: "batching",
        reason: layers.batching.reason,
        level: 50,
      }),
    );
  },
);

it("leaves a layer alone that does no harm, under the same load", async () => {
  const server = await startHarmed("slow");
  const { asAdmin, engine } = server;
  await asAdmin("PUT", "/v1/admin/flags/prediction", { body: { percent: 30 } });
  for (let round = 0; round < 100; round += 1) {
    await Promise.all(players.map(async (id) => asAdmin("GET", `/v1/players/${id}/queue`)));
  }
  expect(engine.flags?.view()).toMatchObject({ reverts: 0, layers: { prediction: { percent: 30 } } });
  const { arms } = engine.flags?.view().layers.prediction ?? {};
  expect(arms?.on.requests).toBeGreaterThan(500);
  expect([arms?.on.wrong, arms?.off.wrong]).toEqual([0, 0]);
});
