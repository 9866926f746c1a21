/** Puts the switches of one process together. */
import { MainspringError } from "@mainspring/core";
import { checkOptions } from "../check-options.js";
import type { Clock, Telemetry, Timers } from "../ports.js";
import { systemTimers } from "../system-timers.js";
import { PLAYER_GROUPS } from "./arms.js";
import { type ChangeFlag, type Connection, createChangeFlag } from "./change-flags.js";
import { checkBuiltIn, checkChange, checkLayer, checkSetting } from "./check-setting.js";
import { byLayer, createFlagState, type FlagState, type SettingOf } from "./flag-state.js";
import type { Flags, SettingOutline } from "./flags.js";
import { factsOf, followSettings } from "./follow-settings.js";
import { createGuard, type Guard, type Side } from "./guard.js";
import { checkThresholds, GUARD_THRESHOLDS, type GuardThresholds } from "./judge.js";
import { type Layer, LAYERS, type LayerSetting, OFF } from "./layers.js";
import { isPartial } from "./reach.js";
import { isSameSetting, outlineOf, storedLayer } from "./stored-flags.js";
import { createTakeBacks } from "./take-backs.js";
import { statsOf, viewOf } from "./views.js";

export interface CreateFlagsOptions {
  /** For whom each layer is on until it is switched. Default: for nobody. */
  readonly configured?: Readonly<Partial<Record<Layer, LayerSetting>>>;
  /** Layers that this process can't switch on, and why: a sentence that says what to do. */
  readonly notBuiltIn?: Readonly<Partial<Record<Layer, string>>>;
  /** How often other instances' changes are looked for; `null`: no other instance has this store. Default: 2,000 ms */
  readonly lookEveryMs?: number | null;
  /** When a change is taken back; `null`: never. What is left out has its default. */
  readonly guard?: Partial<GuardThresholds> | null;
  /** Default: the system's */
  readonly clock?: Clock;
  /** Default: the system's */
  readonly timers?: Timers;
  /** Default: nothing is noted. */
  readonly telemetry?: Telemetry;
}

/** Who it was, for the history. */
const CONFIGURATION = "configuration";

/**
 * Switches for the layers of one process: give each layer what it asks, and the object to `createEngine`.
 *
 * @throws MainspringError `CONFIG_INVALID` for numbers that can't be, `INVALID_REQUEST` for settings that can't be
 *
 * @example
 * ```ts
 * import { createCache } from "@mainspring/engine/cache";
 * import { createFlags } from "@mainspring/engine/flags";
 *
 * const flags = createFlags({ configured: { cache: { percent: 10, players: [], except: [] } } });
 * const cache = createCache({ isSoleWriter: true, isOn: flags.asks("cache") });
 * ```
 */
export function createFlags(options: CreateFlagsOptions = {}): Flags {
  const { notBuiltIn = {}, lookEveryMs = 2_000, guard: thresholds = {} } = options;
  const { clock = { nowMs: Date.now }, timers = systemTimers } = options;
  const { telemetry = { note: () => undefined } } = options;
  if (lookEveryMs !== null) checkOptions({ lookEveryMs });
  const guard = createGuard({
    timers,
    thresholds: checkThresholds({ ...GUARD_THRESHOLDS, ...thresholds }),
    onWorse: (layer, reached, verdict) => takeBacks.takeBack(layer, reached, verdict),
  });
  const isUnderGuard = (layer: Layer): boolean =>
    thresholds !== null && (state.storedOf(layer)?.isGuarded ?? true);
  const state: FlagState = createFlagState({
    notBuiltIn,
    telemetry,
    onSetting: (layer, setting, before) =>
      watch({ layer, setting, before, isGuarded: isUnderGuard(layer) }, { guard, state }),
    onSameSetting: (layer) => guard.setGuarded(layer, isUnderGuard(layer)),
  });
  state.configure(settingsOf(options.configured ?? {}));
  let connection: Connection | null = null;
  const change = createChangeFlag({ state, clock, telemetry, connection: () => connection });
  const takeBacks = createTakeBacks({ state, change, clock, timers, telemetry });
  const viewParts = () => ({
    state,
    guard,
    isGuarded: isUnderGuard,
    reverts: (layer: Layer) => takeBacks.counts(layer),
  });

  return {
    asks: (layer) => state.isOn(layer),
    servesAnybody: (layer) => state.servesAnybody(layer),
    isMeasuring: () => guard.isMeasuring(),
    isReached: (playerId) => guard.isReached(playerId),
    note: (playerId, outcome) => guard.note(playerId, outcome),
    noteWrong: (playerId, givenAgoMs) => guard.noteWrong(playerId, givenAgoMs),
    ...switching({ state, change, notBuiltIn }),
    view: () => viewOf(viewParts()),
    stats: () => statsOf(viewParts()),
    async connect(store) {
      if (connection !== null)
        throw new MainspringError("CONFIG_INVALID", "One engine has these switches already.");
      const follower = followSettings({
        store,
        timers,
        telemetry,
        lookEveryMs,
        known: () => state.followed(),
        onFound: (found, known) => state.adopt(found, known),
      });
      connection = { store, follower };
      const isReadable = await follower.look().then(
        () => true,
        (error: unknown) => noteUnreadable(error, telemetry),
      );
      if (isReadable) await takeUpConfiguration(state, change);
    },
    close() {
      connection?.follower.stop();
      takeBacks.stop();
      guard.close();
    },
  };
}

interface SwitchingParts {
  readonly state: FlagState;
  readonly change: ChangeFlag;
  readonly notBuiltIn: Readonly<Partial<Record<Layer, string>>>;
}

/** What turns them. */
function switching({
  state,
  change,
  notBuiltIn,
}: SwitchingParts): Pick<Flags, "set" | "reset" | "configure"> {
  return {
    async set(layer, { percent, players, except, isGuarded = true, ...given }) {
      const setting = { percent, players, except };
      checkLayer(layer);
      checkChange(given);
      checkSetting(layer, setting);
      checkBuiltIn(layer, setting, notBuiltIn[layer]);
      await change(layer, given, () => ({ ...setting, isGuarded }));
    },
    async reset(layer, given) {
      checkLayer(layer);
      checkChange(given);
      await change(layer, given, () => (state.storedOf(layer) === null ? null : "as configured"));
    },
    async configure(configured) {
      state.configureAnew(settingsOf(configured));
      await takeUpConfiguration(state, change);
    },
  };
}

/** @throws MainspringError `INVALID_REQUEST` */
function settingsOf(given: Readonly<Partial<Record<Layer, LayerSetting>>>): SettingOf {
  return byLayer((layer) => {
    const setting = given[layer] ?? OFF;
    checkSetting(layer, setting);
    return setting;
  });
}

interface NewSetting {
  readonly layer: Layer;
  readonly setting: LayerSetting;
  /** What held in this process. */
  readonly before: LayerSetting;
  readonly isGuarded: boolean;
}

function watch(
  { layer, setting, before, isGuarded }: NewSetting,
  { guard, state }: { readonly guard: Guard; readonly state: FlagState },
): void {
  if (!isPartial(setting)) guard.watch(layer, null);
  else {
    // After a start the history knows more than this process; of what the configuration says it knows nothing.
    const change = state.storedOf(layer) === null ? null : state.lastChange(layer);
    const reached = reachedFrom(change?.from ?? outlineOf(before));
    const isForFew = isForFewOnly(setting, reached);
    guard.watch(layer, { isOn: state.isOn(layer), reached, isForFew, isGuarded });
  }
}

/**
 * Whom a change reached: those for whom the layer is on now, unless it was on for everybody before. A share that was made smaller is no
 * reason to give the layer to more than ever had it.
 */
function reachedFrom({ percent, exceptCount }: SettingOutline): Side {
  return percent === 100 && exceptCount === 0 ? "off" : "on";
}

/** Whether those whom it reached were named one by one, and are no more than the guard has groups for. */
function isForFewOnly({ percent, players, except }: LayerSetting, reached: Side): boolean {
  const named = reached === "on" ? players : except;
  return percent === (reached === "on" ? 0 : 100) && named.length <= PLAYER_GROUPS;
}

/** Where the configuration says something else than when a layer was switched, it was changed since: what was said last counts. */
async function takeUpConfiguration(state: FlagState, change: ChangeFlag): Promise<void> {
  // Whoever was started without a layer has no word in for whom it is on.
  for (const layer of LAYERS.filter((name) => state.notBuiltIn[name] === undefined)) {
    const isOverruled = (): boolean => {
      const stored = storedLayer(state.followed().flags, layer);
      return stored !== null && !isSameSetting(stored.configured, state.configured()[layer]);
    };
    const make = () => (isOverruled() ? { ...state.configured()[layer], isGuarded: true } : null);
    if (isOverruled()) await change(layer, { by: CONFIGURATION }, make);
  }
}

/** What another release wrote is no reason not to start: the configuration holds. @throws whatever else it is */
function noteUnreadable(error: unknown, telemetry: Telemetry): false {
  const facts = factsOf(error);
  if (facts["code"] !== "UPGRADE_REQUIRED") throw error;
  telemetry.note("error", "The stored switches can't be read; those of the configuration hold.", facts);
  return false;
}
