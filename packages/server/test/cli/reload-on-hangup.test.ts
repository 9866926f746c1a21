/** SIGHUP, where the store is away or a layer isn't there: what is said of it is what holds. */
import { createFlags } from "@mainspring/engine/flags";
import { createMemoryStore } from "@mainspring/engine/memory";
import { createFaultStore } from "@mainspring/engine/testing";
import { expect, it, onTestFinished } from "vitest";
import { reloadOnHangup } from "../../src/cli/reload-on-hangup.js";
import { loadServeConfig } from "../../src/config/load-serve-config.js";

async function running(layers: object, notBuiltIn: Parameters<typeof createFlags>[0] = {}) {
  const file = { layers };
  const env = { MAINSPRING_JWT_SECRET: "not a secret but of enough bytes" };
  const sources = { env, said: [], file: "mainspring.json", readFile: () => structuredClone(file) };
  const notes: string[] = [];
  const telemetry = { note: (_level: string, message: string) => void notes.push(message) };
  const store = createFaultStore({ store: createMemoryStore(), seed: 1 });
  const flags = createFlags({ lookEveryMs: null, telemetry, ...notBuiltIn });
  await flags.connect(store);
  const before = process.listeners("SIGHUP");
  reloadOnHangup({ sources, loaded: loadServeConfig(sources), flags, telemetry });
  const listener = process.listeners("SIGHUP").find((one) => !before.includes(one));
  if (listener === undefined) throw new Error("Nobody listens.");
  onTestFinished(() => {
    process.off("SIGHUP", listener);
    flags.close();
  });
  const hangUp = async (next: object): Promise<readonly string[]> => {
    file.layers = next;
    notes.length = 0;
    listener("SIGHUP");
    await expect
      .poll(() => notes.some((note) => note.startsWith("The configuration was read again")))
      .toBe(true);
    return notes;
  };
  return { flags, store, hangUp };
}

it("says that what was switched at run time can't follow yet, and has it follow with the next signal", async () => {
  const { flags, store, hangUp } = await running({});
  await flags.set("batching", { percent: 10, players: [], except: [], by: "admin:ops" });
  store.setRates({ before: 1 });
  const next = { cache: { percent: 30 }, batching: { percent: 20 } };
  expect(await hangUp(next)).toContain(
    "The configuration was read again, but layers that were switched at run time can't follow it yet; send the signal again.",
  );
  const percents = () => [flags.view().layers.cache.percent, flags.view().layers.batching.percent];
  expect(percents()).toEqual([30, 10]);
  store.setRates({});
  expect(await hangUp(next)).toContain("The configuration was read again.");
  expect(percents()).toEqual([30, 20]);
});

it("says that a layer isn't there that the configuration has newly put on", async () => {
  const { hangUp } = await running({}, { notBuiltIn: { cache: "It needs Redis." } });
  expect(await hangUp({ cache: true })).toContain("A layer is on that this instance was started without.");
  expect(await hangUp({ cache: true })).not.toContain(
    "A layer is on that this instance was started without.",
  );
});
