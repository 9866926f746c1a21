/** Switches as the API has them, without anything behind them. */
import type { Change, Flags, Layer, LayerSetting, SwitchOrder } from "../../src/api/flags.js";

export interface FakeFlags {
  read(): Flags;
  change(layer: string, order: SwitchOrder): readonly [status: number, body: object];
  reset(layer: string): readonly [status: number, body: object];
  /** As if somebody else, or the guard, had changed it. */
  changeBy(
    layer: string,
    to: Partial<LayerSetting>,
    said: { readonly by: string; readonly reason: string },
  ): void;
  showArms(layer: string, arms: Layer["arms"]): void;
}

const OFF: LayerSetting = { percent: 0, players: [], except: [] };
const ON: LayerSetting = { percent: 100, players: [], except: [] };

export function createFakeFlags(): FakeFlags {
  let flags: Flags = {
    version: 0,
    reverts: 0,
    history: [],
    layers: {
      cache: layerOf(ON),
      batching: layerOf(OFF),
      pool: layerOf(OFF, { notBuiltInBecause: "The memory store has no connections." }),
      prediction: layerOf(ON),
      memoryGovernor: layerOf(ON, { isOfWholeProcess: true }),
      overloadLimit: layerOf(ON),
      checkpoint: layerOf(OFF),
    },
  };
  const put = (name: string, layer: Layer, change: Omit<Change, "atMs" | "layer">): void => {
    flags = {
      ...flags,
      version: flags.version + 1,
      reverts: flags.reverts + (change.by === "guard" ? 1 : 0),
      layers: { ...flags.layers, [name]: layer },
      history: [{ atMs: Date.now(), layer: name, ...change }, ...flags.history],
    };
  };
  const apply: FakeFlags["changeBy"] = (name, to, { by, reason }) => {
    const layer = flags.layers[name];
    if (layer === undefined) throw new Error(`No layer ${name}.`);
    const from = settingOf(layer);
    const next = { ...from, ...to };
    const change = { changedAtMs: Date.now(), changedBy: by, reason };
    put(name, { ...layer, ...next, ...change, arms: null }, { by, reason, from, to: next });
  };
  return {
    read: () => flags,
    change(name, { ifVersion, reason, isGuarded, ...to }) {
      const layer = flags.layers[name];
      if (layer === undefined) return [404, problem("NOT_FOUND", "No such layer.")];
      if (!layer.isBuiltIn) return [409, problem("LAYER_NOT_BUILT_IN", layer.notBuiltInBecause ?? "")];
      if (ifVersion !== flags.version)
        return [409, problem("VERSION_CONFLICT", "The switches have changed.")];
      flags = { ...flags, layers: { ...flags.layers, [name]: { ...layer, isGuarded } } };
      apply(name, to, { by: "admin:ops", reason });
      return [200, flags];
    },
    reset(name) {
      const layer = flags.layers[name];
      if (layer === undefined) return [404, problem("NOT_FOUND", "No such layer.")];
      const asConfigured = { changedAtMs: null, changedBy: null, reason: null };
      const change = {
        by: "admin:ops",
        reason: "as configured",
        from: settingOf(layer),
        to: layer.configured,
      };
      put(name, { ...layer, ...layer.configured, ...asConfigured, arms: null }, change);
      return [200, flags];
    },
    changeBy: apply,
    showArms(name, arms) {
      const layer = flags.layers[name];
      if (layer !== undefined) flags = { ...flags, layers: { ...flags.layers, [name]: { ...layer, arms } } };
    },
  };
}

function settingOf({ percent, players, except }: LayerSetting): LayerSetting {
  return { percent, players, except };
}

function layerOf(
  configured: LayerSetting,
  { isOfWholeProcess = false, notBuiltInBecause = null }: Partial<Layer> = {},
): Layer {
  return {
    ...configured,
    isGuarded: true,
    isBuiltIn: notBuiltInBecause === null,
    notBuiltInBecause,
    isOfWholeProcess,
    configured,
    changedAtMs: null,
    changedBy: null,
    reason: null,
    arms: null,
  };
}

function problem(code: string, detail: string): object {
  return { type: "about:blank", code, detail };
}
