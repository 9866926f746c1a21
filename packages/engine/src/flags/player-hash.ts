/** Numbers for players that are the same each time and as good as drawn by lot. */

const FNV_OFFSET = 0x81_1c_9d_c5;
const FNV_PRIME = 0x01_00_01_93;

/** @param purpose has an order of its own: who comes first for one comes anywhere for another. @returns 32 bits of a player */
export function createPlayerHash(purpose: string): (playerId: string) => number {
  const seed = hashed(FNV_OFFSET, purpose);
  return (playerId) => mixed(hashed(seed, playerId));
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits. */
function hashed(seed: number, text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}

/** The finish of MurmurHash3 (Austin Appleby): without it ids that count up fall into neighbouring buckets. */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
