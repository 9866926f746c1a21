/** Changes of the stored switches: each is decided on what the store has, and stored under its version. */
import { MainspringError } from "@mainspring/core";
import type { Clock, Telemetry } from "../ports.js";
import type { FlagState } from "./flag-state.js";
import type { FlagChange } from "./flags.js";
import type { Follower } from "./follow-settings.js";
import type { Layer, LayerSetting } from "./layers.js";
import type { SettingsStore } from "./settings-store.js";
import {
  changedFlags,
  FLAGS_DOCUMENT,
  outlineOf,
  parseFlags,
  type StoredLayer,
  storedLayer,
} from "./stored-flags.js";

/** Whoever changes the switches at the same time as others tries so often. */
const MAX_TRIES = 8;

/** The new setting, decided on what the store has now; `null`: nothing is to be changed after all. */
export type MakeChange = () => GuardedSetting | "as configured" | null;

interface GuardedSetting extends LayerSetting {
  readonly isGuarded: boolean;
}

export type ChangeFlag = (layer: Layer, change: FlagChange, make: MakeChange) => Promise<void>;

export interface ChangeParts {
  readonly state: FlagState;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** `null`: there is none yet. */
  readonly connection: () => Connection | null;
}

export interface Connection {
  readonly store: SettingsStore;
  readonly follower: Follower;
}

export function createChangeFlag({ state, clock, telemetry, connection }: ChangeParts): ChangeFlag {
  /** @returns whether it was stored: not if somebody else was faster */
  const tryToChange = async (
    { store, follower }: Connection,
    {
      layer,
      change,
      make,
    }: { readonly layer: Layer; readonly change: FlagChange; readonly make: MakeChange },
  ): Promise<boolean> => {
    const { version, flags } = await follower.look();
    const { by, reason = null, ifVersion = version } = change;
    if (ifVersion !== version) throw changedSince(version);
    const made = make();
    if (made === null) return true;
    const configured = state.configured()[layer];
    const from = storedLayer(flags, layer) ?? configured;
    const to = made === "as configured" ? configured : made;
    const atMs = clock.nowMs();
    const stored: StoredLayer | null =
      made === "as configured"
        ? null
        : { ...listsOf(made), isGuarded: made.isGuarded, configured: listsOf(configured), atMs, by, reason };
    const entry = { atMs, layer, by, reason, from: outlineOf(from), to: outlineOf(to) };
    const document = changedFlags(flags, { layer, stored, entry });
    if (!(await store.putSettings(FLAGS_DOCUMENT, document, version))) return false;
    state.adopt({ version: version + 1, flags: parseFlags(document) });
    telemetry.note("info", "A layer was switched.", { layer, by, reason: reason ?? "", ...entry.to });
    return true;
  };

  return async (layer, change, make) => {
    const connected = connection();
    if (connected === null) {
      throw new MainspringError(
        "STORE_UNAVAILABLE",
        "The switches have no store yet: createEngine gives them one.",
      );
    }
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      if (await tryToChange(connected, { layer, change, make })) return;
    }
    throw new MainspringError("VERSION_CONFLICT", "Others keep switching layers; try again in a moment.");
  };
}

export function listsOf({ percent, players, except }: LayerSetting): {
  percent: number;
  players: string[];
  except: string[];
} {
  return { percent, players: [...players], except: [...except] };
}

function changedSince(version: number): MainspringError {
  return new MainspringError(
    "VERSION_CONFLICT",
    `The switches have changed in the meantime (version ${version}); look at them again and decide anew.`,
    { version },
  );
}
