/** How the switches are told: with everybody's ids to whoever may switch, and without to everything else. */
import { byLayer, type FlagState } from "./flag-state.js";
import type { FlagStats, FlagsView, LayerStats, LayerView, RevertCause } from "./flags.js";
import type { Guard } from "./guard.js";
import { listsOf } from "./change-flags.js";
import { type Layer, LAYERS, WHOLE_PROCESS_LAYERS } from "./layers.js";
import { outlineOf } from "./stored-flags.js";

export interface ViewParts {
  readonly state: FlagState;
  readonly guard: Pick<Guard, "arms">;
  readonly isGuarded: (layer: Layer) => boolean;
  readonly reverts: (layer: Layer) => Readonly<Record<RevertCause, number>>;
}

export function viewOf(parts: ViewParts): FlagsView {
  const { state } = parts;
  return {
    ...wholeOf(parts),
    layers: byLayer((layer): LayerView => {
      const setting = listsOf(state.settingOf(layer));
      return { ...setting, ...factsOf(layer, parts), configured: listsOf(state.configured()[layer]) };
    }),
  };
}

export function statsOf(parts: ViewParts): FlagStats {
  const { state } = parts;
  return {
    ...wholeOf(parts),
    layers: byLayer((layer): LayerStats => {
      const setting = outlineOf(state.settingOf(layer));
      return { ...setting, ...factsOf(layer, parts), configured: outlineOf(state.configured()[layer]) };
    }),
  };
}

function wholeOf({ state, reverts }: ViewParts): Omit<FlagStats, "layers"> {
  const { version, flags } = state.followed();
  const counts = LAYERS.flatMap((layer) => Object.values(reverts(layer)));
  return { version, reverts: counts.reduce((sum, count) => sum + count, 0), history: flags.history };
}

function factsOf(layer: Layer, { state, guard, isGuarded, reverts }: ViewParts) {
  const stored = state.storedOf(layer);
  return {
    isGuarded: isGuarded(layer),
    isBuiltIn: state.notBuiltIn[layer] === undefined,
    notBuiltInBecause: state.notBuiltIn[layer] ?? null,
    isOfWholeProcess: WHOLE_PROCESS_LAYERS.has(layer),
    changedAtMs: stored?.atMs ?? null,
    changedBy: stored?.by ?? null,
    reason: stored?.reason ?? null,
    reverts: reverts(layer),
    arms: guard.arms(layer),
  };
}
