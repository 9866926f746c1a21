/** Switches of the cache and of prediction, thrown again and again: each instance follows some time later, as settings reach instances. */
import type { IsOn } from "../../../src/ports.js";
import { type Random, randomOf } from "./random.js";
import type { World } from "./world.js";

/** Settings reach all instances within so long: they look every two seconds. */
const MAX_FOLLOW_MS = 2_500;

const LAYERS = ["cache", "prediction"] as const;

type SwitchedLayer = (typeof LAYERS)[number];

export interface Switches {
  /** What an instance asks. It begins with what was set last. */
  follow(name: string): Readonly<Record<SwitchedLayer, IsOn>>;
  /** All is on for everybody from now on, everywhere. */
  rest(): void;
  /** How often an instance was switched. */
  count(): number;
}

export interface SwitchesOptions {
  readonly world: Pick<World, "after">;
  readonly random: Random;
  /** About so often; `null`: all is on for everybody. */
  readonly everyMs: number | null;
  readonly isOver: () => boolean;
  readonly note: (who: string, text: string) => void;
}

interface Setting {
  readonly version: number;
  readonly text: string;
  readonly isOn: IsOn;
}

const EVERYBODY: Setting = { version: 0, text: "everybody", isOn: () => true };

export function createSwitches({ world, random, everyMs, isOver, note }: SwitchesOptions): Switches {
  const now: Record<SwitchedLayer, Setting> = { cache: EVERYBODY, prediction: EVERYBODY };
  const followers: { readonly name: string; readonly has: Record<SwitchedLayer, Setting> }[] = [];
  let isResting = false;
  let [versions, count] = [0, 0];
  const throwOne = (meanMs: number): void => {
    if (isResting || isOver()) return;
    const layer = random.pick(LAYERS);
    versions += 1;
    const setting = drawSetting(random, versions);
    now[layer] = setting;
    for (const { name, has } of followers) {
      world.after(random.between(0, MAX_FOLLOW_MS), () => {
        if (isResting || has[layer].version >= setting.version) return;
        has[layer] = setting;
        count += 1;
        note(name, `${layer} is on for ${setting.text}`);
      });
    }
    world.after(random.between(0, 2 * meanMs), () => throwOne(meanMs));
  };
  if (everyMs !== null) world.after(0, () => throwOne(everyMs));
  return {
    follow(name) {
      const has = { ...now };
      followers.push({ name, has });
      return {
        cache: (playerId) => isResting || has.cache.isOn(playerId),
        prediction: (playerId) => isResting || has.prediction.isOn(playerId),
      };
    },
    rest() {
      isResting = true;
    },
    count: () => count,
  };
}

/** Of all, of none, or of some players, always the same ones of a setting. */
function drawSetting(random: Random, version: number): Setting {
  const text = random.pick(["everybody", "nobody", "some"]);
  const salt = random.integer(2 ** 31);
  if (text === "some") return { version, text, isOn: (id) => randomOf(salt, id).chance(0.5) };
  return { version, text, isOn: () => text === "everybody" };
}
