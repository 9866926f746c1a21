/** Combinations that can't be meant, whatever else the configuration is a part of. */
import { LAYERS } from "../flags/layers.js";
import { servesAnybody } from "../flags/reach.js";
import { layerSetting } from "./layer-settings.js";
import type { LayersConfig } from "./layers-schema.js";
import type { ConfigRule } from "./load-config.js";

export const LAYERS_RULES: readonly ConfigRule<LayersConfig>[] = [
  {
    keys: ["layers.prediction", "layers.cache"],
    check({ layers }) {
      const isMissing =
        servesAnybody(layerSetting(layers.prediction)) && !servesAnybody(layerSetting(layers.cache));
      if (!isMissing) return [];
      return [
        {
          path: "layers.prediction",
          problem: "fetches ahead into the cache, which is off",
          remedy: "Switch layers.cache on as well, or prediction off.",
        },
      ];
    },
  },
  ...LAYERS.map(
    (layer): ConfigRule<LayersConfig> => ({
      keys: [`layers.${layer}`],
      check({ layers }) {
        const { players, except } = layerSetting(layers[layer]);
        const index = players.findIndex((player) => except.includes(player));
        if (index === -1) return [];
        const problem = `has the player at place ${index} of its players among those that are excepted, too`;
        return [{ path: `layers.${layer}`, problem, remedy: "Take the player out of one of the lists." }];
      },
    }),
  ),
  {
    keys: ["memory.levelShares"],
    check({ memory: { levelShares } }) {
      const [short, tight, out] = levelShares;
      if (short < tight && tight < out) return [];
      return [
        {
          path: "memory.levelShares",
          problem: "must rise from level to level",
          remedy: "For example [0.7, 0.85, 1].",
        },
      ];
    },
  },
  {
    keys: ["overload.minConcurrency", "overload.maxConcurrency"],
    check({ overload: { minConcurrency, maxConcurrency } }) {
      if (minConcurrency <= maxConcurrency) return [];
      return [
        {
          path: "overload.minConcurrency",
          problem: `is ${minConcurrency}, above overload.maxConcurrency, which is ${maxConcurrency}`,
          remedy: "Lower the one, or raise the other.",
        },
      ];
    },
  },
  {
    keys: ["cache.maxBytes", "memory.memoryThreshold", "layers.memoryGovernor"],
    check({ cache: { maxBytes }, memory: { memoryThreshold }, layers }) {
      const isGoverned = servesAnybody(layerSetting(layers.memoryGovernor));
      if (!isGoverned || maxBytes <= memoryThreshold) return [];
      return [
        {
          path: "cache.maxBytes",
          problem: `lets the caches alone take ${maxBytes} bytes, more than memory.memoryThreshold lets the process: ${memoryThreshold}`,
          remedy: "Lower the one, or raise the other.",
        },
      ];
    },
  },
];
