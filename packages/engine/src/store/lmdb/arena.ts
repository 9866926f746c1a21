/**
 * Memory for values on their way to the disk. lmdb reads them from its own thread and asks for the address of each
 * underlying buffer once, so many values share one, and each is a copy that nobody else can change.
 */

/** 256 KiB: a few hundred records. A slab lives as long as a value of it is under way. */
const SLAB_BYTES = 256 * 1024;

/** What is larger gets memory of its own, so that little of a slab is ever wasted. */
const LARGEST_SHARED_BYTES = SLAB_BYTES / 8;

export interface Arena {
  /** Memory that nothing else uses, with arbitrary content. */
  take(sizeBytes: number): Buffer;
}

export function createArena(): Arena {
  let slab = Buffer.allocUnsafeSlow(0);
  let used = 0;
  return {
    take(sizeBytes) {
      if (sizeBytes > LARGEST_SHARED_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
      if (used + sizeBytes > slab.length) {
        slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
        used = 0;
      }
      const start = used;
      used += sizeBytes;
      return slab.subarray(start, used);
    },
  };
}
