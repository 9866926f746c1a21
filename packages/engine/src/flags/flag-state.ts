/** What holds for each layer in this process: what the guard took back, else what was switched at run time, else the configuration. */
import { isDeepStrictEqual } from "node:util";
import type { Telemetry } from "../ports.js";
import type { FlagHistoryEntry } from "./flags.js";
import { type Followed, NOTHING_STORED } from "./follow-settings.js";
import { type IsOn, type Layer, LAYERS, type LayerSetting, OFF } from "./layers.js";
import { createReach, type Reach, servesAnybody } from "./reach.js";
import { isSameSetting, type StoredFlags, type StoredLayer, storedLayer } from "./stored-flags.js";

export type SettingOf = Readonly<Record<Layer, LayerSetting>>;

export interface FlagState {
  configured(): SettingOf;
  configure(next: SettingOf): void;
  /** The same while the process runs: what it newly puts on and isn't there is told. */
  configureAnew(next: SettingOf): void;
  readonly notBuiltIn: Readonly<Partial<Record<Layer, string>>>;
  followed(): Followed;
  /** What was switched; `null`: as configured. */
  storedOf(layer: Layer): StoredLayer | null;
  settingOf(layer: Layer): LayerSetting;
  /** The newest change that is known of. */
  lastChange(layer: Layer): FlagHistoryEntry | null;
  isOn(layer: Layer): IsOn;
  /** Whether it is on here for anybody. */
  servesAnybody(layer: Layer): boolean;
  /**
   * Takes up what the store has, unless something newer is known.
   * @param known was known before the store was asked: if nothing has come since, what it has holds, though it may be older. Somebody has put
   * a store back to an earlier state
   * @throws MainspringError `UPGRADE_REQUIRED`, and nothing is taken up
   */
  adopt(found: Followed, known?: Followed): void;
  /** Holds here from now on, until the store has something else than it has now. */
  take(layer: Layer, stored: StoredLayer): void;
  /** Those that were taken so, and that the store doesn't have yet. */
  taken(): ReadonlyMap<Layer, StoredLayer>;
}

export interface FlagStateParts {
  readonly notBuiltIn: Readonly<Partial<Record<Layer, string>>>;
  readonly telemetry: Telemetry;
  /** For whom a layer is on has changed. */
  readonly onSetting: (layer: Layer, setting: LayerSetting, before: LayerSetting) => void;
  /** Something about a layer may have changed, but not for whom it is on. */
  readonly onSameSetting: (layer: Layer) => void;
}

/** Everything is off until it is configured. */
export function createFlagState({
  notBuiltIn,
  telemetry,
  onSetting,
  onSameSetting,
}: FlagStateParts): FlagState {
  let configured: SettingOf = byLayer(() => OFF);
  let followed = NOTHING_STORED;
  const reaches = byLayer(createReach);
  const taken = new Map<Layer, StoredLayer>();
  const storedOf = (layer: Layer): StoredLayer | null =>
    taken.get(layer) ?? storedLayer(followed.flags, layer);
  const settingOf = (layer: Layer): LayerSetting => storedOf(layer) ?? configured[layer];

  const apply = (layer: Layer): void => {
    const setting = notBuiltIn[layer] === undefined ? settingOf(layer) : OFF;
    const reach: Reach = reaches[layer];
    const before = reach.setting();
    if (isSameSetting(setting, before)) {
      onSameSetting(layer);
      return;
    }
    reach.set(setting);
    onSetting(layer, setting, before);
  };
  const warnOfMissing = (layer: Layer): void =>
    warnIfMissing(layer, settingOf(layer), { notBuiltIn, telemetry });

  const configure = (next: SettingOf): void => {
    configured = next;
    for (const layer of LAYERS) apply(layer);
  };

  return {
    configured: () => configured,
    configure,
    configureAnew(next) {
      const before = configured;
      configure(next);
      for (const layer of LAYERS) {
        if (!isSameSetting(before[layer], next[layer])) warnOfMissing(layer);
      }
    },
    notBuiltIn,
    followed: () => followed,
    storedOf,
    settingOf,
    lastChange: (layer) => lastOf(followed.flags, layer),
    isOn: (layer) => reaches[layer].isOn,
    servesAnybody: (layer) => servesAnybody(reaches[layer].setting()),
    adopt(found, known) {
      if (found.version <= followed.version) {
        if (known !== followed || isSameDocument(found, followed)) return;
        const versions = { version: found.version, knownVersion: followed.version };
        telemetry.note("warn", "The store was put back to earlier switches; they hold.", versions);
      }
      const isChanged = byLayer((layer) => hasChanged(layer, followed.flags, found.flags));
      followed = found;
      for (const layer of LAYERS) {
        if (!isChanged[layer]) continue;
        taken.delete(layer);
        apply(layer);
        warnOfMissing(layer);
      }
    },
    take(layer, stored) {
      taken.set(layer, stored);
      apply(layer);
    },
    taken: () => taken,
  };
}

function isSameDocument(one: Followed, other: Followed): boolean {
  return one.version === other.version && isDeepStrictEqual(one.flags, other.flags);
}

function lastOf({ history }: StoredFlags, layer: Layer): FlagHistoryEntry | null {
  return history.find((entry) => entry.layer === layer) ?? null;
}

/** A reset of what was only taken here leaves nothing behind but its entry. */
function hasChanged(layer: Layer, before: StoredFlags, now: StoredFlags): boolean {
  return (
    !isDeepStrictEqual(storedLayer(now, layer), storedLayer(before, layer)) ||
    !isDeepStrictEqual(lastOf(now, layer), lastOf(before, layer))
  );
}

function warnIfMissing(
  layer: Layer,
  setting: LayerSetting,
  { notBuiltIn, telemetry }: Pick<FlagStateParts, "notBuiltIn" | "telemetry">,
): void {
  const because = notBuiltIn[layer];
  if (because === undefined || !servesAnybody(setting)) return;
  telemetry.note("warn", "A layer is on that this instance was started without.", { layer, because });
}

export function byLayer<T>(make: (layer: Layer) => T): Record<Layer, T> {
  return Object.fromEntries(LAYERS.map((layer) => [layer, make(layer)])) as Record<Layer, T>;
}
