/** The layers that have a switch, and what a switch can be set to. */

/**
 * `cache`, `batching`, `pool`, `prediction`, `memoryGovernor`, `overloadLimit`: that layer or the plain path. `checkpoint`: interval
 * checkpoints, or every milestone saved before it is shown.
 */
export const LAYERS = [
  "cache",
  "batching",
  "pool",
  "prediction",
  "memoryGovernor",
  "overloadLimit",
  "checkpoint",
] as const;

export type Layer = (typeof LAYERS)[number];

/** Of these there is one for the whole process: they are on or off, for everybody. */
export const WHOLE_PROCESS_LAYERS: ReadonlySet<Layer> = new Set<Layer>(["memoryGovernor"]);

/** For whom a layer is on. */
export interface LayerSetting {
  /** This share of the players, always the same ones: from 0 to 100, with two decimals. A larger share contains the smaller. */
  readonly percent: number;
  /** And for these, whatever the share. At most {@link MAX_LISTED_PLAYERS}. */
  readonly players: readonly string[];
  /** But never for these. At most {@link MAX_LISTED_PLAYERS}. */
  readonly except: readonly string[];
}

/** Of one list of a setting. */
export const MAX_LISTED_PLAYERS = 1_000;

export const ON: LayerSetting = { percent: 100, players: [], except: [] };
export const OFF: LayerSetting = { percent: 0, players: [], except: [] };

/** Asked by a layer for each player that it could serve. Cheap. */
export type IsOn = (playerId: string) => boolean;

export function isLayer(name: string): name is Layer {
  return (LAYERS as readonly string[]).includes(name);
}
