/** Switches that nobody leaves alone: each question of a layer is answered at random, by a seed. */
import type { IsOn } from "../../src/ports.js";
import { randomOf } from "../cache/histories/random.js";

/** Names the seed, so that what failed can be replayed with `MAINSPRING_SEED`. */
export const flipSeed = Number(process.env["MAINSPRING_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** On for one question in two. Layers of different names know nothing of each other. */
export function flipping(layer: string, seed = flipSeed): IsOn {
  const random = randomOf(seed, layer);
  return () => random.chance(0.5);
}
