/** Answers that are checked against the plain path while something is partly rolled out. */
import { compileCatalog, createPlayer, createSeed, createTimeline, MainspringError } from "@mainspring/core";
import { expect, it } from "vitest";
import type { PlayerView } from "../../src/engine.js";
import { createFlags, type Layer, LAYERS, type LayerSetting, OFF } from "../../src/flags/index.js";
import type { StoredRecord } from "../../src/ports.js";
import { encodeRecord } from "../../src/record/encode-record.js";
import { createRolloutWatch } from "../../src/service/rollout-watch.js";
import { createManualClock } from "../../src/testing/index.js";
import { START_MS } from "../support/open-engine.js";
import { TICK_CATALOG } from "../support/tick-catalog.js";

const ALL_OFF = Object.fromEntries(LAYERS.map((layer) => [layer, OFF])) as Record<Layer, LayerSetting>;
const catalog = compileCatalog(TICK_CATALOG);
const timeline = createTimeline([{ atMs: 0, hash: catalog.hash }], [catalog]);
const state = createPlayer(timeline, { nowMs: START_MS, seed: createSeed(new Uint8Array(16)) });
const bytes = encodeRecord({ state, ownDigests: [], adjustDigests: [] }, timeline.catalogs);

const recordOf = (version: number): StoredRecord => ({ playerId: "ada", incarnation: 1, version, bytes });
const { seed: _, ...visible } = state;
const viewOf = (version: number) =>
  ({ playerId: "ada", incarnation: 1, version, state: visible, nowMs: START_MS }) as PlayerView;

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

/** The store has version 2, and the layers show version 1 for ever. */
function behind(boundMs: number) {
  const timers = createManualClock(0);
  const flags = createFlags({
    clock: timers,
    timers,
    configured: { cache: { percent: 0, players: ["ada"], except: [] } },
  });
  const watch = createRolloutWatch({
    flags,
    plainStore: { read: async () => [recordOf(2)] },
    catalogs: {
      timelineFor: async () => timeline,
      recentFor: () => timeline,
      refresh: async () => undefined,
      known: () => timeline,
      add: () => undefined,
    },
    timers,
    showsOldForMs: boundMs,
    read: async () => viewOf(1),
  });
  const wrongAfter = async (durationMs: number): Promise<number | undefined> => {
    timers.advance(durationMs);
    await turns();
    return flags.view().layers.cache.arms?.on.wrong;
  };
  return { watch, flags, wrongAfter };
}

it("calls an answer wrong that is still older than the store when caches may no longer be late", async () => {
  const { watch, flags, wrongAfter } = behind(2_000);
  watch.shown(viewOf(1));
  await turns();
  expect([await wrongAfter(4_999), await wrongAfter(1)]).toEqual([0, 1]);
  flags.close();
});

it("waits as long as caches are told that they may be late", async () => {
  const { watch, flags, wrongAfter } = behind(60_000);
  watch.shown(viewOf(1));
  await turns();
  expect([await wrongAfter(60_000), await wrongAfter(3_000)]).toEqual([0, 1]);
  flags.close();
});

it("finds nothing in an answer that is the store's", async () => {
  const { watch, flags, wrongAfter } = behind(2_000);
  watch.shown(viewOf(2));
  await turns();
  expect(await wrongAfter(10_000)).toBe(0);
  flags.close();
});

it("blames no change for an answer that was given before it", async () => {
  const { watch, flags, wrongAfter } = behind(2_000);
  watch.shown(viewOf(1));
  await turns();
  await wrongAfter(1_000);
  await flags.configure({ ...ALL_OFF, batching: { percent: 0, players: ["ada"], except: [] } });
  await wrongAfter(4_000);
  expect(flags.view().layers.batching.arms?.on.wrong).toBe(0);
  flags.close();
});

it("counts what the service failed in, and not what is wrong with a request, a moment or one player's record", async () => {
  const { watch, flags } = behind(2_000);
  const codes = ["STORE_UNAVAILABLE", "INTERNAL", "OVERLOADED", "QUEUE_FULL", "SHUTTING_DOWN"] as const;
  for (const code of [...codes, "RECORD_CORRUPT", "RECORD_TOO_LARGE"] as const) {
    const fail = watch.run("ada", async () => {
      throw new MainspringError(code, "No.");
    });
    await expect(fail).rejects.toMatchObject({ code });
  }
  expect(flags.view().layers.cache.arms?.on).toMatchObject({ requests: 7, errors: 3 });
  flags.close();
});
