/** All switches of one instance, thrown at random: for everybody, for nobody, for some players. */
import { LAYERS } from "../../src/flags/layers.js";
import type { IsOn, Layer } from "../../src/ports.js";
import { randomOf } from "../cache/histories/random.js";
import type { SeededRandom } from "../store/seeded-random.js";

export interface Switchboard {
  readonly isOn: Readonly<Record<Layer, IsOn>>;
  /** Throws each of them once. */
  throwAll(): void;
  set(isOn: boolean): void;
}

/** @param count told of each switch that was really thrown */
export function createSwitchboard(random: SeededRandom, count: (layer: Layer) => void): Switchboard {
  const now = new Map<Layer, { readonly text: string; readonly isOn: IsOn }>();
  const draw = (): { readonly text: string; readonly isOn: IsOn } => {
    const salt = random.integer(2 ** 31);
    const kind = random.integer(3);
    if (kind === 0) return { text: "nobody", isOn: () => false };
    if (kind === 1) return { text: "everybody", isOn: () => true };
    return { text: `some by ${salt}`, isOn: (playerId) => randomOf(salt, playerId).chance(0.5) };
  };
  return {
    isOn: Object.fromEntries(
      LAYERS.map((layer) => [layer, (playerId: string) => now.get(layer)?.isOn(playerId) ?? false]),
    ) as Record<Layer, IsOn>,
    throwAll() {
      for (const layer of LAYERS) {
        const next = draw();
        if (next.text === now.get(layer)?.text) continue;
        now.set(layer, next);
        count(layer);
      }
    },
    set(isOn) {
      for (const layer of LAYERS) now.set(layer, { text: String(isOn), isOn: () => isOn });
    },
  };
}
