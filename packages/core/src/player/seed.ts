/** The secret that a player's chances come from. Made with the player; it never leaves the server. */
import { MainspringError } from "../errors.js";

/** How many bytes a seed has. */
export const SEED_BYTES = 16;

/** Four 32-bit words. Printing, logging or serialising a seed shows `[seed]`: only {@link seedWords} opens it. */
export interface Seed {
  toJSON(): string;
}

export type SeedWords = readonly [number, number, number, number];

const words = new WeakMap<Seed, SeedWords>();

const redact = (): string => "[seed]";

/**
 * A seed from 16 random bytes (little-endian words).
 * @throws MainspringError `INTERNAL` for another length.
 */
export function createSeed(bytes: Uint8Array): Seed {
  if (bytes.length !== SEED_BYTES) throw new MainspringError("INTERNAL", `A seed has ${SEED_BYTES} bytes.`);
  const word = (index: number): number =>
    ((bytes[index] ?? 0) |
      ((bytes[index + 1] ?? 0) << 8) |
      ((bytes[index + 2] ?? 0) << 16) |
      ((bytes[index + 3] ?? 0) << 24)) >>>
    0;
  const seed: Seed = Object.freeze({ toJSON: redact });
  words.set(seed, [word(0), word(4), word(8), word(12)]);
  return seed;
}

/** The words of a seed: for the rolls, and for storing it. */
export function seedWords(seed: Seed): SeedWords {
  const found = words.get(seed);
  if (found === undefined) throw new MainspringError("INTERNAL", "Not a seed made by createSeed.");
  return found;
}

/** The 16 bytes of a seed: for storing it, never for anything that leaves the server. */
export function seedBytes(seed: Seed): Uint8Array {
  const bytes = new Uint8Array(SEED_BYTES);
  seedWords(seed).forEach((word, index) => {
    for (let byte = 0; byte < 4; byte += 1) bytes[index * 4 + byte] = (word >>> (8 * byte)) & 0xff;
  });
  return bytes;
}
