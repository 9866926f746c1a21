/** Ready-made configurations: what each of them has instead of the defaults. */
import type { LayersConfig } from "./layers-schema.js";

export const PRESETS = ["development", "production"] as const;

export type Preset = (typeof PRESETS)[number];

type Parts<T> = { readonly [Section in keyof T]?: Partial<T[Section]> };

export const PRESET_PARTS: Readonly<Record<Preset, Parts<LayersConfig>>> = {
  development: {
    database: { maxConnections: 5 },
    batch: { maxBatchSize: 10 },
    memory: { enableGcOptimization: false },
  },
  production: {
    database: { maxConnections: 20 },
    batch: { maxBatchSize: 50, maxConcurrentBatches: 10 },
    memory: { memoryThreshold: 209_715_200 },
  },
};
