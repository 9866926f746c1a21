/** The face of the switches: what the engine, the server and the layers use. `createFlags` makes one. */
import type { IsOn, Layer, LayerSetting } from "./layers.js";
import type { SettingsStore } from "./settings-store.js";

/** Who switches, and why: for the history. */
export interface FlagChange {
  /** Who: up to 128 characters. */
  readonly by: string;
  /** Up to 512 characters. */
  readonly reason?: string;
  /** Refuse with `VERSION_CONFLICT` unless the settings have this version. */
  readonly ifVersion?: number;
}

export interface SetFlag extends FlagChange, LayerSetting {
  /** Whether the guard takes the change back when those whom it reached fare worse. Default: true */
  readonly isGuarded?: boolean;
}

/** A setting without its lists. */
export interface SettingOutline {
  readonly percent: number;
  readonly playerCount: number;
  readonly exceptCount: number;
}

/** How requests of some players fared lately, in this process. */
export interface ArmStats {
  readonly requests: number;
  /** Of them: ended with an error that is ours, or were refused for overload. */
  readonly errors: number;
  /** Answers that the plain path contradicts. Only some are checked. */
  readonly wrong: number;
  /** `null` without any. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** What the guard found. */
export type RevertCause = "errors" | "slowness" | "wrongAnswers";

interface LayerFacts {
  readonly isGuarded: boolean;
  /** Whether this process can switch it on at all. */
  readonly isBuiltIn: boolean;
  readonly notBuiltInBecause: string | null;
  /** It is on or off for everybody. */
  readonly isOfWholeProcess: boolean;
  /** `null`, as the next two: as configured. Server time. */
  readonly changedAtMs: number | null;
  readonly changedBy: string | null;
  readonly reason: string | null;
  /** How often the guard of this process took a change back, by what it found. */
  readonly reverts: Readonly<Record<RevertCause, number>>;
  /** Of the last 30 s; `null` unless it is on for some and off for others. */
  readonly arms: { readonly on: ArmStats; readonly off: ArmStats } | null;
}

export interface LayerView extends LayerFacts, LayerSetting {
  /** What the configuration of this process says. */
  readonly configured: LayerSetting;
}

export interface LayerStats extends LayerFacts, SettingOutline {
  readonly configured: SettingOutline;
}

export interface FlagHistoryEntry {
  readonly atMs: number;
  readonly layer: string;
  /** An administrator, `guard`, or `configuration`. */
  readonly by: string;
  readonly reason: string | null;
  readonly from: SettingOutline;
  readonly to: SettingOutline;
}

interface FlagsFacts {
  /** Of the stored settings; 0: nothing was ever switched. */
  readonly version: number;
  /** Changes that the guard of this process took back. */
  readonly reverts: number;
  /** Newest first. */
  readonly history: readonly FlagHistoryEntry[];
}

export interface FlagsView extends FlagsFacts {
  readonly layers: Readonly<Record<Layer, LayerView>>;
}

/** The same without anybody's id. */
export interface FlagStats extends FlagsFacts {
  readonly layers: Readonly<Record<Layer, LayerStats>>;
}

/** How a request ended, for the guard. */
export interface RequestOutcome {
  readonly elapsedMs: number;
  /** It ended with an error that is ours. */
  readonly isError: boolean;
}

export interface Flags {
  /** What a layer asks. The same layer gives the same function. */
  asks(layer: Layer): IsOn;
  /** Whether a layer is on for anybody. */
  servesAnybody(layer: Layer): boolean;
  /** Whether anything is partly rolled out, so that {@link Flags.note} is of use. */
  isMeasuring(): boolean;
  /** Whether the last change of anything partly rolled out has reached this player. */
  isReached(playerId: string): boolean;
  /** A request of a player ended. Cheap. */
  note(playerId: string, outcome: RequestOutcome): void;
  /** An answer to a player differed from that of the plain path. It was given so long ago, and counts for no later change. */
  noteWrong(playerId: string, givenAgoMs: number): void;
  /**
   * Switches a layer, in all instances: they follow within seconds, and keep to it when they start again.
   * @throws MainspringError `INVALID_REQUEST`, `LAYER_NOT_BUILT_IN`, `VERSION_CONFLICT`, `STORE_UNAVAILABLE`
   */
  set(layer: Layer, setting: SetFlag): Promise<void>;
  /** Back to what the configuration says. @throws MainspringError as `set` */
  reset(layer: Layer, change: FlagChange): Promise<void>;
  /** The configuration was read anew: where it says something else than before, that holds from now on. */
  configure(configured: Readonly<Record<Layer, LayerSetting>>): Promise<void>;
  view(): FlagsView;
  stats(): FlagStats;
  /**
   * Takes up the settings that the store has, and follows them from now on. Called by `createEngine`.
   * @throws MainspringError `STORE_UNAVAILABLE`
   */
  connect(store: SettingsStore): Promise<void>;
  /** Stops following. Layers stay as they are. */
  close(): void;
}
