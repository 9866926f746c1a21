/** For whom each layer is on, whichever way the configuration says it. */
import { type Layer, LAYERS, type LayerSetting, OFF, ON } from "../flags/layers.js";
import type { LayersConfig } from "./layers-schema.js";

/** What the configuration says of a layer. */
export type LayerWish = LayersConfig["layers"][Layer];

/** `true` is everybody, `false` nobody; of checkpoints `interval` is on, `commit` off. */
export function layerSetting(wish: LayerWish): LayerSetting {
  if (wish === true || wish === "interval") return ON;
  if (wish === false || wish === "commit") return OFF;
  return { players: [], except: [], ...wish };
}

export function layerSettings(layers: LayersConfig["layers"]): Readonly<Record<Layer, LayerSetting>> {
  const settings = LAYERS.map((layer): [Layer, LayerSetting] => [layer, layerSetting(layers[layer])]);
  return Object.fromEntries(settings) as Record<Layer, LayerSetting>;
}
